package dev.lorikeet.app;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What `help` and `--help` print. Needs nothing but the JDK, so that the launcher can run it from source before anything is built.
final class Help {
    /// The commands of the launcher itself.
    static final Map<String, String> LAUNCHERS = new TreeMap<>(Map.of("build", "build only", "test", "run all tests",
            "check DIR", "run the checks against real models in a folder"));

    private Help() {}

    /// Help and completion for the launcher.
    public static void main(String... arguments) {
        System.exit(ExitStatus.of("", () -> {
            var line = CommandLine.parse(arguments);
            System.out.print(line.command() == Command.COMPLETION ? Completion.script(line.operands().getFirst()) : text(line.operands()));
        }));
    }

    /// @param operands the command that is asked for, if any
    static String text(List<String> operands) {
        return operands.isEmpty() ? all() : of(Command.ofWord(operands.getFirst())
                .orElseThrow(() -> new IllegalArgumentException("unknown command `" + operands.getFirst() + "`; `./lorikeet help` lists all")));
    }

    private static String all() {
        var text = new StringBuilder("""
                Lorikeet serves language models over an OpenAI-compatible HTTP API, and loads and unloads them while it runs.

                Usage: ./lorikeet COMMAND [OPTION …]

                Commands (`./lorikeet COMMAND --help` says more of one):
                """);
        Arrays.stream(Command.values()).filter(Command::isPublic).forEach(command -> text.append(row(command.word() + " " + command.operands(), command.help())));
        LAUNCHERS.forEach((command, help) -> text.append(row(command, help)));
        text.append("\nOptions (on the command line, or as an environment variable):\n");
        options(text, List.of(Option.values()));
        return text.append("""

                Further environment variables: LORIKEET_API_KEY (of chat, train and ps: the key for the server), LORIKEET_FLAVOR (cpu or cuda: which
                libtorch to build with), LORIKEET_HEAP (Java heap, default 1g; weights and KV cache lie outside it), LORIKEET_JAVA_OPTS, JAVA_HOME.
                For the Hugging Face Hub, as Python's huggingface_hub has them: HF_TOKEN, HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_HUB_OFFLINE.
                Keys for web search: NAVER_CLIENT_ID and NAVER_CLIENT_SECRET (--search naver), NCP_APIGW_API_KEY_ID and NCP_APIGW_API_KEY (naver-hub).
                Grounding of answers: LORIKEET_RAG_SEARCH, _REQUIRE, _TYPES, _COUNT, _TEMPLATE; for single models see docs/retrieval.md.

                """).append(ExitStatus.HELP).toString();
    }

    private static String of(Command command) {
        var text = new StringBuilder("Usage: ./lorikeet " + command.word());
        if (!command.operands().isEmpty()) {
            text.append(' ').append(command.operands());
        }
        if (!command.options().isEmpty()) {
            text.append(" [OPTION …]");
        }
        text.append("\n\n").append(Character.toUpperCase(command.help().charAt(0))).append(command.help().substring(1)).append(".\n");
        if (!command.details().isEmpty()) {
            text.append('\n').append(command.details());
        }
        // What is the command's own comes before what it hands to a server.
        boolean isClient = command.options().contains(Option.URL);
        var own = command.options().stream().filter(option -> !isClient || option == Option.MODEL || !option.commands().contains(Command.SERVE)).toList();
        section(text, "Options (on the command line, or as an environment variable)", own);
        section(text, "Options of the server that it starts where none is named", command.options().stream().filter(option -> !own.contains(option)).toList());
        return text.append('\n').append(ExitStatus.HELP).toString();
    }

    private static void section(StringBuilder text, String title, List<Option> options) {
        if (!options.isEmpty()) {
            text.append('\n').append(title).append(":\n");
            options(text, options);
        }
    }

    private static void options(StringBuilder text, List<Option> options) {
        options.forEach(option -> text.append(option.helpLine().stripTrailing()).append('\n'));
    }

    private static String row(String command, String help) {
        return String.format("  %-34s %s%n", command.strip(), help);
    }
}
