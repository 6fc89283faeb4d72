package dev.lorikeet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CommandLineTest {
    @Test
    void optionsMayUseABlankOrAnEqualsSign() {
        var line = CommandLine.parse("serve", "--model", "a/b", "--max-batch=4");
        assertThat(line.command()).isEqualTo(Command.SERVE);
        assertThat(line.options()).isEqualTo(Map.of(Option.MODEL, "a/b", Option.MAX_BATCH, "4"));
    }

    @Test
    void whatStandsWithoutAFlagIsAnOperandWhereTheCommandTakesOne() {
        assertThat(CommandLine.parse("pull", "datasets/acme/qa", "test").operands()).containsExactly("datasets/acme/qa", "test");
        assertThatThrownBy(() -> CommandLine.parse("pull")).hasMessageContaining("pull needs OWNER/NAME");
        assertThatThrownBy(() -> CommandLine.parse("serve", "demo")).hasMessageContaining("`demo`");
    }

    @Test
    void mistakesAreNamed() {
        assertThatThrownBy(() -> CommandLine.parse("serv")).hasMessageContaining("`serv`");
        assertThatThrownBy(() -> CommandLine.parse("serve", "--modle", "x")).hasMessageContaining("`--modle`");
        assertThatThrownBy(() -> CommandLine.parse("serve", "--model")).hasMessageContaining("--model needs a value");
        assertThatThrownBy(() -> CommandLine.parse("serve", "--port=1", "--port", "2")).hasMessageContaining("twice");
        assertThatThrownBy(() -> CommandLine.parse("serve", "--out=x")).hasMessageContaining("`merge` only");
    }

    @Test
    void anOptionIsForItsCommandsAlone() {
        assertThatThrownBy(() -> CommandLine.parse("pull", "--port=1", "a/b")).hasMessage("--port is an option of `serve` only");
        assertThatThrownBy(() -> CommandLine.parse("serve", "--url=x")).hasMessage("--url is an option of `chat`, `train`, `ps` only");
        assertThatThrownBy(() -> CommandLine.parse("chat", "--url=x", "--max-batch=2")).hasMessage("--max-batch is for a server that `chat` starts itself; leave it out, or --url");
        assertThat(CommandLine.parse("chat", "--url=x", "--model=law").options()).hasSize(2);
    }

    @Test
    void anOptionOfKeysIsForServersAndForKey() {
        assertThat(CommandLine.parse("key", "list", "--keys-file=a").options()).containsEntry(Option.KEYS_FILE, "a");
        assertThatThrownBy(() -> CommandLine.parse("chat", "--keys-file=a")).hasMessage("--keys-file is an option of `serve`, `key` only");
        assertThatThrownBy(() -> CommandLine.parse("serve", "--admin")).hasMessage("--admin is an option of `key` only");
    }

    @Test
    void aSwitchAloneMeansYes() {
        assertThat(CommandLine.parse("key", "new", "bob", "--admin", "--keys-file", "a").options()).containsEntry(Option.ADMIN, "true");
        assertThat(CommandLine.parse("serve", "--insecure").options()).isEqualTo(Map.of(Option.INSECURE, "true"));
        assertThat(CommandLine.parse("serve", "--insecure", "false").options()).isEqualTo(Map.of(Option.INSECURE, "false"));
        assertThatThrownBy(() -> CommandLine.parse("serve", "--watch-adapters", "yes")).hasMessageContaining("true or false");
    }

    @Test
    void aQuestionMayHaveAnyNumberOfWordsAndAfterTwoDashesAnyKind() {
        assertThat(CommandLine.parse("chat", "why", "-", "--temperature=0", "--", "-5", "--help").operands()).containsExactly("why", "-", "-5", "--help");
        assertThatThrownBy(() -> CommandLine.parse("chat", "--temperature=-1")).hasMessageContaining("a number, at least 0");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--port=0", "--port=65535", "--threads=0", "--max-context=0", "--max-batch=16", "--max-body=1", "--max-body=5000000000", "--keep-alive=500ms", "--request-timeout=90s",
        "--request-timeout=10m", "--client-patience=1h", "--trust-request-chat-template=true", "--trust-request-chat-template=false", "--log-level=WARN", "--model=a=b"})
    void valuesOfTheRightKindPass(String argument) {
        assertThat(CommandLine.parse("serve", argument).options()).hasSize(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "--port|abc|a whole number from 0 to 65535", "--port|65536|a whole number from 0 to 65535", "--port|-1|a whole number from 0 to 65535",
        "--port|''|a whole number from 0 to 65535", "--port|+80|a whole number from 0 to 65535", "--max-batch|4.5|a whole number from 0 to 2147483647",
        "--max-context|-1|a whole number", "--max-queue|2147483648|a whole number", "--threads|٣|a whole number", "--max-body|0|a whole number of bytes, at least 1",
        "--max-body|16M|a whole number of bytes", "--trust-request-chat-template|yes|true or false", "--trust-request-chat-template|TRUE|true or false",
        "--keep-alive|10|a time above zero with its unit", "--keep-alive|0s|a time above zero", "--request-timeout|-5s|a time above zero", "--request-timeout|1.5m|a time above zero",
        "--client-patience|9999999999h|a time above zero", "--log-level|TRACE|DEBUG, INFO, WARN or ERROR", "--log-level|info|DEBUG, INFO, WARN or ERROR"})
    void aValueOfTheWrongKindIsRefusedWithWhatItMustBe(String flag, String value, String must) {
        assertThatThrownBy(() -> CommandLine.parse("serve", flag, value)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(flag + " is `" + value + "`; it must be " + must);
    }

    @Test
    void helpNamesEveryOption() {
        assertThat(Help.text(List.of())).contains(Arrays.stream(Option.values()).map(Option::flag).toList());
    }
}
