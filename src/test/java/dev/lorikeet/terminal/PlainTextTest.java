package dev.lorikeet.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlainTextTest {
    @Test
    void ordinaryTextStaysAsItIs() {
        String text = "안녕하세요 👋🏽\n\tif (a < b) { … } ﷽ é";
        assertThat(PlainText.of(text)).isSameAs(text);
    }

    @Test
    void escapeSequencesBecomeSigns() {
        assertThat(PlainText.of("\u001b]0;title\u0007\u001b[2Jx")).isEqualTo("␛]0;title␇␛[2Jx");
        assertThat(PlainText.of("a\rb\bc\u007f")).isEqualTo("a␍b␈c␡");
    }

    /// In Latin-1 terminals, and some others, these are whole escape sequences on their own.
    @Test
    void controlsAboveAsciiAreReplaced() {
        String all = IntStream.rangeClosed(0x80, 0x9f).mapToObj(Character::toString).collect(Collectors.joining());
        assertThat(PlainText.of(all)).isEqualTo("\ufffd".repeat(32));
    }

    @Test
    void nothingTurnsTheDirectionOfWriting() {
        assertThat(PlainText.of("a\u202eb\u2066c\u2069")).isEqualTo("a\ufffdb\ufffdc\ufffd");
    }

    @Test
    void noControlCharacterIsLeftButLineAndTab() {
        String all = IntStream.rangeClosed(0, 0x10ffff).mapToObj(Character::toString).collect(Collectors.joining());
        assertThat(PlainText.of(all).codePoints().filter(c -> Character.isISOControl(c)).boxed()).containsExactly((int) '\t', (int) '\n');
        assertThat(PlainText.line(all).codePoints().filter(c -> Character.isISOControl(c)).boxed()).isEmpty();
    }

    /// A sequence may come in pieces: each character counts on its own.
    @Test
    void piecesAreAsHarmlessAsTheWhole() {
        String hostile = "x\u001b[31m\u009b31my\r";
        assertThat(hostile.chars().mapToObj(Character::toString).map(PlainText::of).collect(Collectors.joining())).isEqualTo(PlainText.of(hostile));
    }
}
