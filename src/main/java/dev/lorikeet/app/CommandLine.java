package dev.lorikeet.app;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// `lorikeet COMMAND [OPERAND …] [--option value | --option=value]…`; after `--` everything is an operand.
///
/// @param operands what stands there without a flag @param options those given, each once
record CommandLine(Command command, List<String> operands, Map<Option, String> options) {
    CommandLine {
        operands = List.copyOf(operands);
        options = Map.copyOf(options);
    }

    /// @throws IllegalArgumentException with what is wrong and where to look
    static CommandLine parse(String... arguments) {
        if (arguments.length == 0 || isHelp(arguments[0])) {
            return new CommandLine(Command.HELP, List.of(), Map.of());
        }
        var command = command(arguments[0]);
        var options = new EnumMap<Option, String>(Option.class);
        var operands = new ArrayList<String>();
        for (int i = 1; i < arguments.length; i++) {
            String argument = arguments[i];
            if (isHelp(argument)) {
                return new CommandLine(Command.HELP, List.of(command.word()), Map.of());
            }
            if (argument.equals("--")) {
                operands.addAll(List.of(arguments).subList(i + 1, arguments.length));
                break;
            }
            if (!argument.startsWith("-") || argument.equals("-")) {
                operands.add(argument);
                continue;
            }
            int equals = argument.indexOf('=');
            var option = option(command, equals < 0 ? argument : argument.substring(0, equals));
            boolean alone = equals < 0 && option.isSwitch() && (i + 1 == arguments.length || arguments[i + 1].startsWith("-"));
            if (equals < 0 && !alone && i + 1 == arguments.length) {
                throw new IllegalArgumentException(option.flag() + " needs a value");
            }
            String value = alone ? "true" : equals < 0 ? arguments[++i] : argument.substring(equals + 1);
            put(options, option, value, option.isList() && command != Command.MERGE);
        }
        command.check(operands);
        checkTogether(command, options);
        return new CommandLine(command, operands, options);
    }

    /// As given, or from the environment.
    Optional<String> value(Option option) {
        return Optional.ofNullable(options.get(option)).or(() -> Optional.ofNullable(System.getenv(option.environment())));
    }

    private static boolean isHelp(String argument) {
        return argument.equals("--help") || argument.equals("-h");
    }

    private static Command command(String word) {
        return Command.ofWord(word).orElseThrow(() -> new IllegalArgumentException("unknown command `" + word + "`; `./lorikeet help` lists all"));
    }

    private static Option option(Command command, String flag) {
        var option = Option.ofFlag(flag)
                .orElseThrow(() -> new IllegalArgumentException("unknown option `" + flag + "`; `./lorikeet " + command.word() + " --help` lists all"));
        if (!option.commands().contains(command)) {
            var takers = option.commands().stream().filter(Command::isPublic).map(taker -> "`" + taker.word() + "`").toList();
            throw new IllegalArgumentException(flag + " is an option of " + String.join(", ", takers) + " only");
        }
        return option;
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

    /// A server that runs already has its options.
    private static void checkTogether(Command command, Map<Option, String> options) {
        if (options.containsKey(Option.URL)) {
            options.keySet().stream().filter(option -> option != Option.MODEL && option.commands().contains(Command.SERVE)).findFirst().ifPresent(option -> {
                throw new IllegalArgumentException(option.flag() + " is for a server that `" + command.word() + "` starts itself; leave it out, or --url");
            });
        }
    }
}
