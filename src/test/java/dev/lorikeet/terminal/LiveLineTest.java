package dev.lorikeet.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class LiveLineTest {
    private static final String CLEAR = "\r\u001b[K";

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    private String written() {
        return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }

    @Test
    void linesThatStayComeAboveTheLiveOne() {
        try (var line = new LiveLine(out, new Screen(20))) {
            line.print("job");
            line.show("1/2");
            line.print("checkpoint");
            line.show("2/2");
        }
        assertThat(written()).isEqualTo("job\n" + CLEAR + "1/2" + CLEAR + "checkpoint\n1/2" + CLEAR + "2/2\n");
    }

    /// A line of more columns than the terminal would scroll instead of being written over.
    @Test
    void aLiveLineIsCutBeforeTheLastColumnWithWideCharactersCountedTwice() {
        var screen = new Screen(10);
        assertThat(screen.fit("123456789")).isEqualTo("123456789");
        assertThat(screen.fit("1234567890")).isEqualTo("123456789");
        assertThat(screen.fit("가나다라")).isEqualTo("가나다라");
        assertThat(screen.fit("가나다라마")).isEqualTo("가나다라");
        assertThat(screen.fit("1가나다라")).isEqualTo("1가나다라");
        assertThat(screen.fit("1가나다라마")).isEqualTo("1가나다라");
    }

    @Test
    void withoutATerminalThereAreOnlyLinesThatStay() {
        try (var line = new LiveLine(out, Screen.NONE)) {
            line.show("1/2");
            line.print("checkpoint");
        }
        assertThat(written()).isEqualTo("checkpoint\n");
    }

    @Test
    void nothingHostileIsWritten() {
        try (var line = new LiveLine(out, new Screen(80))) {
            line.show("a\u001b[2J\nb");
            line.print("c\u001b[2J");
        }
        assertThat(written()).isEqualTo(CLEAR + "a␛[2J␊b" + CLEAR + "c␛[2J\na␛[2J␊b\n");
    }

    @Test
    void theBarIsFullOnlyAtTheEnd() {
        assertThat(ProgressBar.text(0, 10)).isEqualTo("[>                       ]   0%");
        assertThat(ProgressBar.text(5, 10)).isEqualTo("[============>           ]  50%");
        assertThat(ProgressBar.text(999, 1000)).isEqualTo("[=======================>]  99%");
        assertThat(ProgressBar.text(10, 10)).isEqualTo("[========================] 100%");
        assertThat(ProgressBar.text(0, 0)).isEqualTo("[========================] 100%");
    }
}
