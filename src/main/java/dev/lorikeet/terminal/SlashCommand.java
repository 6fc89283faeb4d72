package dev.lorikeet.terminal;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// What a conversation can be told beside what is said to the model.
enum SlashCommand {
    ADAPTER("[NAME]", "talk to this adapter from now on; without a name, list them"),
    MODEL("[NAME]", "talk to this model or adapter; without a name, list them"),
    SYSTEM("[TEXT]", "set the system prompt (`-`: none); without a text, show it"),
    RESET("", "forget what was said; model and system prompt stay"),
    HELP("", "show this"),
    QUIT("", "end");

    private final String argument;
    private final String help;

    SlashCommand(String argument, String help) {
        this.argument = argument;
        this.help = help;
    }

    /// As typed.
    String word() {
        return "/" + name().toLowerCase(java.util.Locale.ROOT);
    }

    static Optional<SlashCommand> ofWord(String word) {
        return Arrays.stream(values()).filter(command -> command.word().equals(word)).findFirst();
    }

    static String helpText() {
        return Arrays.stream(values()).map(command -> String.format("  %-18s %s%n", command.word() + " " + command.argument, command.help)).collect(Collectors.joining())
                + """
                  Ctrl-C             stop the answer; what has come of it stays in the conversation
                  Ctrl-D             end
                A line that begins with a blank is never a command.
                """;
    }
}
