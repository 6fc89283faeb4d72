package dev.lorikeet.app;

import dev.lorikeet.access.KeyText;
import dev.lorikeet.access.KeysFile;
import dev.lorikeet.access.Limits;
import dev.lorikeet.access.Role;
import dev.lorikeet.store.BadFileException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;

/// `lorikeet key new|remove|list`: keeps a file of hashed keys. A new key is printed once, and nobody can read it afterwards.
final class KeyCommands {
    private KeyCommands() {}

    static void run(CommandLine line) throws IOException {
        var operands = line.operands();
        var file = file(line);
        try {
            switch (operands.getFirst()) {
                case "new" -> make(file, name(operands), line);
                case "remove" -> {
                    file.remove(name(operands));
                    System.err.println("removed from " + file.path() + "; a server that runs refuses it within seconds");
                }
                case "list" -> file.read().forEach(key -> System.out.println(key.name() + "\t" + key.role().word()));
                default -> throw new IllegalArgumentException("`" + operands.getFirst() + "` is none of new, remove and list");
            }
        } catch (BadFileException e) {
            // Here the file is what the command was given.
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /// The limits of the environment are a server's, for keys that have none of their own.
    private static void make(KeysFile file, String name, CommandLine line) throws IOException {
        var role = Boolean.parseBoolean(line.options().getOrDefault(Option.ADMIN, "false")) ? Role.ADMIN : Role.USER;
        String key = KeyText.random();
        file.add(name, role, key, new Limits(limit(line, Option.KEY_REQUESTS_PER_MINUTE), limit(line, Option.KEY_TOKENS_PER_MINUTE),
                limit(line, Option.KEY_TOKENS_PER_DAY), limit(line, Option.KEY_CONCURRENT_REQUESTS)));
        System.out.println(key);
        System.err.println("This is the " + role.word() + "'s key of " + name + ". It is not shown again: " + file.path() + " has only its hash.");
    }

    private static OptionalLong limit(CommandLine line, Option option) {
        return line.options().containsKey(option) ? OptionalLong.of(Long.parseLong(line.options().get(option))) : OptionalLong.empty();
    }

    private static String name(List<String> operands) {
        if (operands.size() < 2) {
            throw new IllegalArgumentException(operands.getFirst() + " needs the name of a key");
        }
        return operands.get(1);
    }

    private static KeysFile file(CommandLine line) {
        return new KeysFile(Path.of(line.value(Option.KEYS_FILE)
                .orElseThrow(() -> new IllegalArgumentException("say which file with --keys-file FILE or " + Option.KEYS_FILE.environment()))));
    }
}
