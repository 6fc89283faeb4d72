package dev.lorikeet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CommandLineTest {
    @Test
    void optionsMayUseABlankOrAnEqualsSign() {
        var line = CommandLine.parse("serve", "--model", "a/b", "--max-batch=4");
        assertThat(line.command()).isEqualTo(CommandLine.Command.SERVE);
        assertThat(line.options()).isEqualTo(Map.of(Option.MODEL, "a/b", Option.MAX_BATCH, "4"));
    }

    @Test
    void mistakesAreNamed() {
        assertThatThrownBy(() -> CommandLine.parse("serv")).hasMessageContaining("`serv`");
        assertThatThrownBy(() -> CommandLine.parse("serve", "--modle", "x")).hasMessageContaining("`--modle`");
        assertThatThrownBy(() -> CommandLine.parse("serve", "--model")).hasMessageContaining("--model needs a value");
        assertThatThrownBy(() -> CommandLine.parse("serve", "--port=1", "--port", "2")).hasMessageContaining("twice");
    }

    @Test
    void helpNamesEveryOption() {
        assertThat(CommandLine.help()).contains(Arrays.stream(Option.values()).map(Option::flag).toList());
    }
}
