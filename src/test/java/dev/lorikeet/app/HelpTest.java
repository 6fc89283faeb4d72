package dev.lorikeet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class HelpTest {
    @ParameterizedTest
    @EnumSource(Command.class)
    void aCommandsHelpHasItsOptionsAndNoOthers(Command command) {
        String text = Help.text(List.of(command.word()));
        assertThat(Pattern.compile("^  (--[a-z-]+)", Pattern.MULTILINE).matcher(text).results().map(found -> found.group(1)).collect(Collectors.toSet()))
                .containsExactlyInAnyOrderElementsOf(command.options().stream().map(Option::flag).toList());
        assertThat(text).startsWith("Usage: ./lorikeet " + command.word()).contains("Exit status: 0 done");
    }

    @ParameterizedTest
    @EnumSource(Command.class)
    void aFlagAfterTheCommandAsksForItsHelp(Command command) {
        assertThat(CommandLine.parse(command.word(), "--help")).isEqualTo(CommandLine.parse("help", command.word()));
        assertThat(CommandLine.parse(command.word(), "-h").operands()).containsExactly(command.word());
    }

    @Test
    void theWholeHelpHasEveryCommand() {
        String text = Help.text(List.of());
        for (var command : Command.values()) {
            assertThat(text.contains("\n  " + command.word() + " ")).as(command.word()).isEqualTo(command.isPublic());
        }
    }

    @Test
    void thereIsNoHelpForWhatIsNoCommand() {
        assertThatThrownBy(() -> Help.text(List.of("sing"))).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("`sing`");
    }
}
