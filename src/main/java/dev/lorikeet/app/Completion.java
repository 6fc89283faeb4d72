package dev.lorikeet.app;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// Scripts with which shells complete commands, options and their values, made from [Command] and [Option]. Needs nothing but the JDK, as [Help].
enum Completion {
    BASH {
        @Override
        String script() {
            return """
                    # Completion of lorikeet for bash; `source` it.
                    _lorikeet() {
                        local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command=${COMP_WORDS[1]} flags=
                        COMPREPLY=()
                        if [ "$COMP_CWORD" -eq 1 ]; then
                            COMPREPLY=($(compgen -W "%s" -- "$word"))
                            return
                        fi
                        # bash cuts --flag=value into three words.
                        if [ "$word" = = ]; then word=; elif [ "$before" = = ]; then before=${COMP_WORDS[COMP_CWORD-2]}; fi
                        case $before in
                    %s
                        esac
                        case $command in
                    %s
                        esac
                        if [[ $word == -* ]]; then
                            COMPREPLY=($(compgen -W "$flags --help" -- "$word"))
                            return
                        fi
                        case $command in
                    %s
                        esac
                    }
                    complete -F _lorikeet lorikeet
                    """.formatted(words(commandWords()), optionValues(), optionFlags(), operandWords());
        }

        private String optionValues() {
            return lines(options(), option -> "        " + option.flag() + ") " + switch (Value.of(option)) {
                // After a switch another flag may follow at once.
                case CHOICE -> (option.isSwitch() ? "[[ $word == -* ]] || { " : "{ ") + reply("-W \"" + words(option.kind().choices()) + "\"") + "return; } ;;";
                case FOLDER -> files("-d") + "return ;;";
                case FILE -> files("-f") + "return ;;";
                case OTHER -> "return ;;";
            });
        }

        private String optionFlags() {
            return lines(commands(), command -> "        " + command.word() + ") flags=\"" + words(flagsOf(command)) + "\" ;;");
        }

        private String operandWords() {
            return Stream.of("train) " + files("-f"), "push|check) " + files("-d"), "help) " + reply("-W \"" + words(commandWords()) + "\""),
                    "completion) " + reply("-W \"" + shells() + "\""), "key) " + reply("-W \"" + KEY_ACTIONS + "\""))
                    .map(line -> "        " + line + ";;").collect(Collectors.joining("\n"));
        }

        private String reply(String compgen) {
            return "COMPREPLY=($(compgen " + compgen + " -- \"$word\")); ";
        }

        /// Names may have blanks.
        private String files(String kind) {
            return "compopt -o filenames 2>/dev/null; local IFS=$'\\n'; " + reply(kind);
        }
    },

    ZSH {
        @Override
        String script() {
            return """
                    #compdef lorikeet
                    # Completion of lorikeet for zsh; `source` it after compinit.
                    _lorikeet() {
                        local -a commands=(
                    %s
                        )
                        if (( CURRENT == 2 )); then
                            _describe command commands
                            return
                        fi
                        local command=$words[2]
                        shift words
                        (( CURRENT-- ))
                        case $command in
                    %s
                        esac
                    }
                    compdef _lorikeet lorikeet
                    """.formatted(lines(all(), entry -> "        " + quoted(entry.word() + ":" + entry.help())), lines(commands(), this::arguments));
        }

        private String arguments(Command command) {
            String flags = command.options().stream().map(option -> " \\\n            " + quoted(option.flag() + "=[" + escaped(option.help())
                    + (option.isSwitch() ? "]::" : "]:") + escaped(option.argument()) + ":" + action(option))).collect(Collectors.joining());
            String operand = switch (command) {
                case TRAIN -> "'1:recipe:_files -g \"*.(yaml|yml)\"'";
                case PUSH -> "'1:folder:_files -/'";
                case COMPLETION -> "'1:shell:(" + shells() + ")'";
                case HELP -> "'1:command:(" + words(commandWords()) + ")'";
                case KEY -> "'1:what:(" + KEY_ACTIONS + ")'";
                case SERVE, CHAT, PS, PULL, BENCH, BENCH_ADAPTERS, BENCH_TRAINING, MERGE, WARM_UP -> "";
            };
            return "        " + command.word() + ") _arguments '(-h --help)'{-h,--help}'[show what it takes]' " + operand + flags + " ;;";
        }

        private String action(Option option) {
            return switch (Value.of(option)) {
                case CHOICE -> "(" + words(option.kind().choices()) + ")";
                case FOLDER -> "_files -/";
                case FILE -> "_files";
                case OTHER -> " ";
            };
        }

        private String escaped(String text) {
            return text.replace("[", "\\[").replace("]", "\\]").replace(":", "\\:");
        }
    },

    FISH {
        @Override
        String script() {
            String words = words(commandWords());
            return """
                    # Completion of lorikeet for fish; `source` it.
                    complete -c lorikeet -f
                    %s
                    %s
                    complete -c lorikeet -n '__fish_seen_subcommand_from train' -F
                    complete -c lorikeet -n '__fish_seen_subcommand_from push check' -a '(__fish_complete_directories)'
                    complete -c lorikeet -n '__fish_seen_subcommand_from completion' -a '%s'
                    complete -c lorikeet -n '__fish_seen_subcommand_from key' -a '%s'
                    complete -c lorikeet -s h -l help -d 'Show what a command takes'
                    """.formatted(lines(all(), entry -> "complete -c lorikeet -n 'not __fish_seen_subcommand_from " + words + "' -a " + entry.word() + " -d "
                            + quoted(entry.help())), lines(options(), this::option), shells(), KEY_ACTIONS);
        }

        private String option(Option option) {
            String commands = option.commands().stream().filter(Command::isPublic).map(Command::word).collect(Collectors.joining(" "));
            return "complete -c lorikeet -n '__fish_seen_subcommand_from " + commands + "' -l " + option.flag().substring(2) + " -d " + quoted(option.help())
                    + switch (Value.of(option)) {
                        case CHOICE -> " -x -a '" + words(option.kind().choices()) + "'";
                        case FOLDER -> " -x -a '(__fish_complete_directories)'";
                        case FILE -> " -r -F";
                        case OTHER -> " -x";
                    };
        }
    };

    private static final String KEY_ACTIONS = "new remove list";

    /// A line of the list of commands.
    private record Entry(String word, String help) {}

    /// How the value of an option is completed.
    private enum Value {
        CHOICE, FOLDER, FILE, OTHER;

        static Value of(Option option) {
            return !option.kind().choices().isEmpty() ? CHOICE : switch (option.argument()) {
                case "DIR" -> FOLDER;
                case "FILE" -> FILE;
                default -> OTHER;
            };
        }
    }

    abstract String script();

    private static String shells() {
        return words(Arrays.stream(values()).map(Completion::shell).toList());
    }

    String shell() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }

    /// @throws IllegalArgumentException for a shell that is not known
    static String script(String shell) {
        return Arrays.stream(values()).filter(one -> one.shell().equals(shell)).findFirst().map(Completion::script)
                .orElseThrow(() -> new IllegalArgumentException("no completion for `" + shell + "`; there is bash, zsh and fish"));
    }

    private static List<Command> commands() {
        return Arrays.stream(Command.values()).filter(Command::isPublic).toList();
    }

    private static List<Option> options() {
        return List.of(Option.values());
    }

    /// With those that the launcher carries out itself.
    private static List<Entry> all() {
        return Stream.concat(commands().stream().map(command -> new Entry(command.word(), command.help())), Help.LAUNCHERS.entrySet().stream()
                .map(entry -> new Entry(entry.getKey().split(" ")[0], entry.getValue()))).toList();
    }

    private static List<String> commandWords() {
        return all().stream().map(Entry::word).toList();
    }

    private static List<String> flagsOf(Command command) {
        return command.options().stream().map(Option::flag).toList();
    }

    private static String words(List<String> words) {
        return String.join(" ", words);
    }

    private static <T> String lines(List<T> things, Function<T, String> line) {
        return things.stream().map(line).collect(Collectors.joining("\n"));
    }

    /// For all three shells: within single quotes only these mean something.
    private static String quoted(String text) {
        return "'" + text.replace("'", "'\\''") + "'";
    }
}
