package dev.lorikeet.terminal;

import java.io.IOException;
import org.jline.terminal.TerminalBuilder;
import org.jline.terminal.spi.SystemStream;
import org.jline.terminal.spi.TerminalProvider;
import org.jline.utils.AttributedString;

/// What is known of where a stream of this process goes. @param columns of a terminal; 0 if it is none, or one that cannot write over a line
public record Screen(int columns) {
    private static final int USUAL = 80;

    /// A file, a pipe.
    public static final Screen NONE = new Screen(0);

    public static Screen ofInput() {
        return of(SystemStream.Input);
    }

    public static Screen ofOutput() {
        return of(SystemStream.Output);
    }

    public static Screen ofErrors() {
        return of(SystemStream.Error);
    }

    private static Screen of(SystemStream stream) {
        try {
            var provider = TerminalProvider.load(TerminalBuilder.PROP_PROVIDER_FFM);
            if (!provider.isSystemStream(stream) || "dumb".equals(System.getenv("TERM"))) {
                return NONE;
            }
            int columns = provider.systemStreamWidth(stream);
            return new Screen(columns > 0 ? columns : USUAL);
        } catch (IOException _) {
            return NONE;
        }
    }

    public boolean isTerminal() {
        return columns > 0;
    }

    /// As much of a line as has room on it, wide characters counted as two.
    String fit(String line) {
        var text = new AttributedString(line);
        // A full last column makes some terminals go on to the next line.
        return text.columnLength() < columns ? line : text.columnSubSequence(0, columns - 1).toString();
    }
}
