package dev.lorikeet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.config.LorikeetConfig;
import java.lang.reflect.Method;
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
    void everyOptionOfTheConfigurationIsOnTheCommandLineAndInHelp() {
        var keys = Arrays.stream(LorikeetConfig.class.getMethods()).map(Method::getName).map(CommandLineTest::key).toList();
        var options = Arrays.stream(Option.values()).map(Option::property).filter(property -> property.startsWith("lorikeet.")).toList();
        assertThat(options).containsExactlyInAnyOrderElementsOf(keys);
        assertThat(CommandLine.help()).contains(Arrays.stream(Option.values()).map(Option::flag).toList());
    }

    private static String key(String method) {
        return "lorikeet." + method.replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
    }
}
