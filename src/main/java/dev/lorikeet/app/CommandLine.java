package dev.lorikeet.app;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// `lorikeet COMMAND [--option value | --option=value]…`
///
/// @param options those given, each once
record CommandLine(Command command, Map<Option, String> options) {

    enum Command {
        SERVE("serve", "serve a model on http://localhost:8080"),
        BENCH("bench", "measure a model folder: load time, time to first token, prefill and decode speed, memory"),
        BENCH_ADAPTERS("bench-adapters", "measure what LoRA adapters cost on a model folder"),
        MERGE("merge", "put a LoRA adapter into its base: a checkpoint of its own (--model, --adapter, --out)"),
        WARM_UP("warm-up", "start, answer one chat and end"),
        HELP("help", "show this");

        private final String word;
        private final String help;

        Command(String word, String help) {
            this.word = word;
            this.help = help;
        }

        static Optional<Command> ofWord(String word) {
            return java.util.Arrays.stream(values()).filter(command -> command.word.equals(word)).findFirst();
        }
    }

    /// @throws IllegalArgumentException with what is wrong and where to look
    static CommandLine parse(String... arguments) {
        if (arguments.length == 0 || arguments[0].equals("--help") || arguments[0].equals("-h")) {
            return new CommandLine(Command.HELP, Map.of());
        }
        var command = Command.ofWord(arguments[0])
                .orElseThrow(() -> new IllegalArgumentException("unknown command `" + arguments[0] + "`; `./lorikeet help` lists all"));
        var options = new EnumMap<Option, String>(Option.class);
        for (int i = 1; i < arguments.length; i++) {
            String argument = arguments[i];
            if (argument.equals("--help") || argument.equals("-h")) {
                return new CommandLine(Command.HELP, Map.of());
            }
            int equals = argument.indexOf('=');
            String flag = equals < 0 ? argument : argument.substring(0, equals);
            var option = Option.ofFlag(flag).orElseThrow(() -> new IllegalArgumentException("unknown option `" + flag + "`; `./lorikeet help` lists all"));
            if (option.isOfMerge() && command != Command.MERGE) {
                throw new IllegalArgumentException(flag + " is an option of `merge` only");
            }
            if (equals < 0 && i + 1 == arguments.length) {
                throw new IllegalArgumentException(flag + " needs a value");
            }
            String value = equals < 0 ? arguments[++i] : argument.substring(equals + 1);
            boolean list = option.isList() && command != Command.MERGE;
            if (list) {
                ValueKind.NAMED_FOLDERS.check(flag, value);
            } else {
                option.check(value);
            }
            if (options.containsKey(option) && !list) {
                throw new IllegalArgumentException(flag + " is given twice");
            }
            options.merge(option, value, (earlier, later) -> earlier + "," + later);
        }
        return new CommandLine(command, options);
    }

    static String help() {
        var text = new StringBuilder("""
                Lorikeet serves language models over an OpenAI-compatible HTTP API, and loads and unloads them while it runs.

                Usage: ./lorikeet COMMAND [OPTION …]

                Commands:
                """);
        for (var command : Command.values()) {
            if (command != Command.WARM_UP) {
                text.append(String.format("  %-14s %s%n", command.word, command.help));
            }
        }
        text.append(String.format("  %-14s %s%n  %-14s %s%n", "build", "build only", "test", "run all tests"));
        text.append("\nOptions (on the command line, or as an environment variable):\n");
        for (var option : Option.values()) {
            text.append(option.helpLine().stripTrailing()).append('\n');
        }
        return text.append("""

                Further environment variables: LORIKEET_FLAVOR (cpu or cuda: which libtorch to build with), LORIKEET_HEAP (Java heap, default 1g;
                weights and KV cache lie outside it), LORIKEET_JAVA_OPTS, JAVA_HOME.
                Keys for web search: NAVER_CLIENT_ID and NAVER_CLIENT_SECRET (--search naver), NCP_APIGW_API_KEY_ID and NCP_APIGW_API_KEY (naver-hub).
                Grounding of answers: LORIKEET_RAG_SEARCH, _REQUIRE, _TYPES, _COUNT, _TEMPLATE; for single models see docs/retrieval.md.
                """).toString();
    }
}
