package dev.lorikeet.app;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What `./lorikeet` can be told to do. Here and in [Option] stands all that help, completion and the reading of a command line know.
enum Command {
    SERVE("serve", "serve a model on http://localhost:8080"),
    CHAT("chat", "[QUESTION …]", 0, Operand.UNLIMITED, "talk with a model in this terminal", """
            With a question, answers it and ends; `-` as a word of it stands for what is piped in. Without one, and nobody at the keyboard, what is
            piped in is the question. Else it is a conversation: /help lists its commands, Ctrl-C stops an answer, Ctrl-D ends.

            Talks to the server at --url, where --model names one of its models or adapters. Without --url and --model, to the one on
            http://localhost:8080 if it answers; else it serves the model itself for as long as it runs. LORIKEET_API_KEY is the key for a server.
            """),
    TRAIN("train", "RECIPE.YAML", 1, 1, "train an adapter as a recipe says (--url: on a running server)", """
            With --url, has that server carry it out, and --model is the id of a model there; without, serves the model itself until the job is done.
            Run again with the same recipe, a job that was interrupted goes on. LORIKEET_API_KEY is the key for a server.
            """),
    PS("ps", "show what a running server holds: models, adapters, memory, requests, jobs", """
            LORIKEET_API_KEY is the key for the server.
            """),
    PULL("pull", "OWNER/NAME[@REVISION] [SPLIT]", 1, 2, "download a model or adapter from the Hugging Face Hub; of datasets/OWNER/NAME, the split named next", """
            Prints the folder in the cache. Started again, an interrupted download goes on. HF_TOKEN is the token for what is private.
            """),
    PUSH("push", "DIR OWNER/NAME", 2, 2, "upload an adapter or a model to the Hugging Face Hub; again, to go on after a failure", """
            Prints the page of the commit. HF_TOKEN is the token, which must have the right to write.
            """),
    BENCH("bench", "measure a model folder: load time, time to first token, prefill and decode speed, memory"),
    BENCH_ADAPTERS("bench-adapters", "measure what LoRA adapters cost on a model folder"),
    BENCH_TRAINING("bench-training", "[CASE]", 0, 1, "measure how fast LoRA trains on a model folder, and in what memory"),
    MERGE("merge", "put a LoRA adapter into its base: a checkpoint of its own (--model, --adapter, --out)"),
    KEY("key", "new|remove|list [NAME]", 1, 2, "make a key, take one out of the file, or list its names (--keys-file, --admin)", """
            The file is that of --keys-file, and `new` makes it. A new key is printed once; the file has its hash and those limits that are given here.
            A server that runs reads the file again by itself.
            """),
    COMPLETION("completion", "bash|zsh|fish", 1, 1, "print the completion of commands and options for a shell", """
            bash:  source <(./lorikeet completion bash)          (for good: put the output into ~/.local/share/bash-completion/completions/lorikeet)
            zsh:   source <(./lorikeet completion zsh)           (after compinit)
            fish:  ./lorikeet completion fish | source           (for good: ~/.config/fish/completions/lorikeet.fish)
            """),
    WARM_UP("warm-up", "start, answer one chat and end"),
    HELP("help", "[COMMAND]", 0, 1, "show this, or what a command takes");

    private final String word;
    private final String operands;
    private final int fewest;
    private final int most;
    private final String help;
    private final String details;

    Command(String word, String help) {
        this(word, "", 0, 0, help, "");
    }

    Command(String word, String help, String details) {
        this(word, "", 0, 0, help, details);
    }

    Command(String word, String operands, int fewest, int most, String help) {
        this(word, operands, fewest, most, help, "");
    }

    Command(String word, String operands, int fewest, int most, String help, String details) {
        this.word = word;
        this.operands = operands;
        this.fewest = fewest;
        this.most = most;
        this.help = help;
        this.details = details;
    }

    private static final class Operand {
        private static final int UNLIMITED = Integer.MAX_VALUE;
    }

    /// As typed.
    String word() {
        return word;
    }

    /// What stands after it without a flag, for people.
    String operands() {
        return operands;
    }

    /// In one line.
    String help() {
        return help;
    }

    /// What its own help says beyond that, in lines; may be empty.
    String details() {
        return details;
    }

    /// Whether people are told of it.
    boolean isPublic() {
        return this != WARM_UP;
    }

    List<Option> options() {
        return Arrays.stream(Option.values()).filter(option -> option.commands().contains(this)).toList();
    }

    /// @throws IllegalArgumentException when there are too many or too few
    void check(List<String> given) {
        if (given.size() > most) {
            throw new IllegalArgumentException("unknown option `" + given.get(most) + "`; `./lorikeet " + word + " --help` lists all");
        }
        if (given.size() < fewest) {
            throw new IllegalArgumentException(word + " needs " + operands);
        }
    }

    static Optional<Command> ofWord(String word) {
        return Arrays.stream(values()).filter(command -> command.word.equals(word)).findFirst();
    }
}
