package dev.lorikeet.app;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `lorikeet COMMAND [OPERAND …] [--option value | --option=value]…`
///
/// @param operands what stands there without a flag @param options those given, each once
record CommandLine(Command command, List<String> operands, Map<Option, String> options) {

    enum Command {
        SERVE("serve", "serve a model on http://localhost:8080"),
        PULL("pull", "OWNER/NAME[@REVISION]", 1, 2, "download a model or adapter from the Hugging Face Hub; of datasets/OWNER/NAME, the split named next"),
        PUSH("push", "DIR OWNER/NAME", 2, 2, "upload an adapter or a model to the Hugging Face Hub; again, to go on after a failure"),
        BENCH("bench", "measure a model folder: load time, time to first token, prefill and decode speed, memory"),
        BENCH_ADAPTERS("bench-adapters", "measure what LoRA adapters cost on a model folder"),
        BENCH_TRAINING("bench-training", "[CASE]", 0, 1, "measure how fast LoRA trains on a model folder, and in what memory"),
        MERGE("merge", "put a LoRA adapter into its base: a checkpoint of its own (--model, --adapter, --out)"),
        TRAIN("train", "RECIPE.YAML", 1, 1, "train an adapter as a recipe says (--url: on a running server)"),
        KEY("key", "new|remove|list [NAME]", 1, 2, "make a key, take one out of the file, or list its names (--keys-file, --admin)"),
        WARM_UP("warm-up", "start, answer one chat and end"),
        HELP("help", "show this");

        private final String word;
        private final String operands;
        private final int fewest;
        private final int most;
        private final String help;

        Command(String word, String help) {
            this(word, "", 0, 0, help);
        }

        Command(String word, String operands, int fewest, int most, String help) {
            this.word = word;
            this.operands = operands;
            this.fewest = fewest;
            this.most = most;
            this.help = help;
        }

        private void check(List<String> given) {
            if (given.size() > most) {
                throw new IllegalArgumentException("unknown option `" + given.get(most) + "`; `./lorikeet help` lists all");
            }
            if (given.size() < fewest) {
                throw new IllegalArgumentException(word + " needs " + operands);
            }
        }

        static Optional<Command> ofWord(String word) {
            return java.util.Arrays.stream(values()).filter(command -> command.word.equals(word)).findFirst();
        }
    }

    /// @throws IllegalArgumentException with what is wrong and where to look
    static CommandLine parse(String... arguments) {
        if (arguments.length == 0 || arguments[0].equals("--help") || arguments[0].equals("-h")) {
            return new CommandLine(Command.HELP, List.of(), Map.of());
        }
        var command = Command.ofWord(arguments[0])
                .orElseThrow(() -> new IllegalArgumentException("unknown command `" + arguments[0] + "`; `./lorikeet help` lists all"));
        var options = new EnumMap<Option, String>(Option.class);
        var operands = new ArrayList<String>();
        for (int i = 1; i < arguments.length; i++) {
            String argument = arguments[i];
            if (argument.equals("--help") || argument.equals("-h")) {
                return new CommandLine(Command.HELP, List.of(), Map.of());
            }
            if (!argument.startsWith("-")) {
                operands.add(argument);
                continue;
            }
            int equals = argument.indexOf('=');
            String flag = equals < 0 ? argument : argument.substring(0, equals);
            var option = Option.ofFlag(flag).orElseThrow(() -> new IllegalArgumentException("unknown option `" + flag + "`; `./lorikeet help` lists all"));
            checkBelongs(option, command);
            boolean alone = equals < 0 && option.isSwitch() && (i + 1 == arguments.length || arguments[i + 1].startsWith("-"));
            if (equals < 0 && !alone && i + 1 == arguments.length) {
                throw new IllegalArgumentException(flag + " needs a value");
            }
            String value = alone ? "true" : equals < 0 ? arguments[++i] : argument.substring(equals + 1);
            put(options, option, value, option.isList() && command != Command.MERGE);
        }
        command.check(operands);
        return new CommandLine(command, operands, options);
    }

    private static void checkBelongs(Option option, Command command) {
        if (option.isOfMerge() && command != Command.MERGE) {
            throw new IllegalArgumentException(option.flag() + " is an option of `merge` only");
        }
        if (option == Option.URL && command != Command.TRAIN) {
            throw new IllegalArgumentException(option.flag() + " is an option of `train` only");
        }
        if (option.isOfKey() && command != Command.KEY) {
            throw new IllegalArgumentException(option.flag() + " is an option of `key` only");
        }
    }

    private static void put(Map<Option, String> options, Option option, String value, boolean list) {
        if (list) {
            ValueKind.NAMED_FOLDERS.check(option.flag(), value);
        } else {
            option.check(value);
        }
        if (options.containsKey(option) && !list) {
            throw new IllegalArgumentException(option.flag() + " is given twice");
        }
        options.merge(option, value, (earlier, later) -> earlier + "," + later);
    }

    private static String row(String command, String help) {
        return String.format("  %-32s %s%n", command.strip(), help);
    }

    static String help() {
        var text = new StringBuilder("""
                Lorikeet serves language models over an OpenAI-compatible HTTP API, and loads and unloads them while it runs.

                Usage: ./lorikeet COMMAND [OPTION …]

                Commands:
                """);
        for (var command : Command.values()) {
            if (command != Command.WARM_UP) {
                text.append(row(command.word + " " + command.operands, command.help));
            }
        }
        text.append(row("build", "build only")).append(row("test", "run all tests")).append(row("check DIR", "run the checks against real models in a folder"));
        text.append("\nOptions (on the command line, or as an environment variable):\n");
        for (var option : Option.values()) {
            text.append(option.helpLine().stripTrailing()).append('\n');
        }
        return text.append("""

                Further environment variables: LORIKEET_FLAVOR (cpu or cuda: which libtorch to build with), LORIKEET_HEAP (Java heap, default 1g;
                weights and KV cache lie outside it), LORIKEET_JAVA_OPTS, JAVA_HOME.
                For the Hugging Face Hub, as Python's huggingface_hub has them: HF_TOKEN, HF_HOME, HF_HUB_CACHE, HF_ENDPOINT, HF_HUB_OFFLINE.
                LORIKEET_API_KEY: the key of the server that train --url uses.
                Keys for web search: NAVER_CLIENT_ID and NAVER_CLIENT_SECRET (--search naver), NCP_APIGW_API_KEY_ID and NCP_APIGW_API_KEY (naver-hub).
                Grounding of answers: LORIKEET_RAG_SEARCH, _REQUIRE, _TYPES, _COUNT, _TEMPLATE; for single models see docs/retrieval.md.
                """).toString();
    }
}
