package dev.lorikeet.terminal;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.function.Predicate;
import org.jline.reader.Candidate;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.ParsedLine;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.terminal.Attributes;
import org.jline.terminal.Attributes.ControlChar;
import org.jline.terminal.Attributes.LocalFlag;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/// A conversation with somebody at the keyboard: lines are edited, completed and remembered from one time to the next.
public final class ChatTerminal {
    private static final String PROMPT = "> ";

    private final Terminal terminal;
    private final Chat chat;

    private ChatTerminal(Terminal terminal, Chat chat) {
        this.terminal = terminal;
        this.chat = chat;
    }

    /// Until the person ends it. @param history the file that remembers what was typed
    public static void run(Server server, ChatSettings settings, Path history) throws IOException {
        try (var terminal = TerminalBuilder.builder().system(true).encoding(StandardCharsets.UTF_8).build()) {
            var usual = terminal.getAttributes();
            terminal.setAttributes(betweenLines(usual));
            try {
                new ChatTerminal(terminal, new Chat(server, settings, terminal.writer())).converse(history);
            } finally {
                terminal.setAttributes(usual);
            }
        }
    }

    /// While an answer comes, keys are not shown in its midst, and wait for the next line. Ctrl-C is a signal then: JLine's own raw mode makes it a
    /// character, which would wait with them.
    private static Attributes betweenLines(Attributes usual) {
        var quiet = new Attributes(usual);
        quiet.setLocalFlags(EnumSet.of(LocalFlag.ICANON, LocalFlag.ECHO, LocalFlag.IEXTEN), false);
        quiet.setLocalFlag(LocalFlag.ISIG, true);
        quiet.setInputFlag(Attributes.InputFlag.ICRNL, false);
        quiet.setControlChar(ControlChar.VMIN, 1);
        quiet.setControlChar(ControlChar.VTIME, 0);
        return quiet;
    }

    private void converse(Path history) {
        PrintWriter out = terminal.writer();
        out.println(chat.greeting());
        var parser = new DefaultParser();
        // What is typed is language and not shell: quotes and backslashes mean nothing.
        parser.setQuoteChars(new char[0]);
        parser.setEscapeChars(new char[0]);
        var reader = LineReaderBuilder.builder().terminal(terminal).parser(parser).completer(this::complete)
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true).variable(LineReader.HISTORY_FILE, history).build();
        // The reader has its own way with Ctrl-C while it reads.
        terminal.handle(Terminal.Signal.INT, _ -> chat.stop());
        boolean goesOn = true;
        while (goesOn) {
            try {
                goesOn = chat.take(reader.readLine(PROMPT));
            } catch (UserInterruptException e) {
                if (e.getPartialLine().isEmpty()) {
                    out.println("Ctrl-D or /quit ends.");
                }
            } catch (EndOfFileException _) {
                goesOn = false;
            }
        }
    }

    private void complete(LineReader reader, ParsedLine line, List<Candidate> candidates) {
        if (!line.line().startsWith("/")) {
            return;
        }
        if (line.wordIndex() == 0) {
            Arrays.stream(SlashCommand.values()).map(SlashCommand::word).map(Candidate::new).forEach(candidates::add);
        } else if (line.wordIndex() == 1 && ChatLine.parse(line.line()) instanceof ChatLine.Told(SlashCommand command, var _)) {
            switch (command) {
                case ADAPTER -> names(candidates, ServedModels.Served::isAdapter);
                case MODEL -> names(candidates, _ -> true);
                case SYSTEM, RESET, HELP, QUIT -> { }
            }
        }
    }

    private void names(List<Candidate> candidates, Predicate<ServedModels.Served> wanted) {
        try {
            chat.models().list().stream().filter(wanted).map(served -> new Candidate(PlainText.line(served.id()))).forEach(candidates::add);
        } catch (IOException | WrongRequest _) {
            // There is nothing to complete; whoever asks for a name is told why.
        }
    }
}
