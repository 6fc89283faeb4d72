package dev.lorikeet.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.config.LorikeetConfig;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class OptionTest {
    /// Quarkus refuses to start on a property of ours that no method asks for. What is said model by model is no option of the command line.
    @Test
    void optionsAndTypedConfigurationHaveTheSameNames() {
        assertThat(Arrays.stream(Option.values()).map(Option::property).filter(property -> property.startsWith("lorikeet.")))
                .containsExactlyInAnyOrderElementsOf(Arrays.stream(LorikeetConfig.class.getMethods()).filter(method -> method.getReturnType() != Map.class)
                        .map(OptionTest::property).toList());
    }

    private static String property(Method method) {
        return "lorikeet." + method.getName().replaceAll("([A-Z])", "-$1").toLowerCase(java.util.Locale.ROOT);
    }

    @ParameterizedTest
    @EnumSource(Option.class)
    void theReadmeHasEveryOptionAsTheHelpHasIt(Option option) throws IOException {
        String[] words = option.helpLine().strip().split(" +");
        assertThat(Files.readString(Path.of("README.md"))).contains("`" + words[0] + " " + words[1] + "`");
    }

    @ParameterizedTest
    @EnumSource(Option.class)
    void flagAndEnvironmentVariableAreThePropertysName(Option option) {
        if (option.property().startsWith("lorikeet.")) {
            assertThat(option.flag()).isEqualTo("--" + option.property().substring("lorikeet.".length()));
            assertThat(option.environment()).isEqualTo("LORIKEET_" + option.name());
        }
        assertThat(Option.ofFlag(option.flag())).contains(option);
        assertThat(option.helpLine()).startsWith("  " + option.flag());
    }
}
