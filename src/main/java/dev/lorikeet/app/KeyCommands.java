package dev.lorikeet.app;

import dev.lorikeet.access.Key;
import dev.lorikeet.access.KeyText;
import dev.lorikeet.access.KeysFile;
import dev.lorikeet.access.Limits;
import dev.lorikeet.access.Role;
import dev.lorikeet.store.BadFileException;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/// `lorikeet key new|remove|list`: keeps a file of hashed keys. A new key is printed once, and nobody can read it afterwards.
final class KeyCommands {
    private static final int WRONG = 2;

    private final Map<String, String> environment;
    private final PrintStream out;
    private final PrintStream err;

    KeyCommands(Map<String, String> environment, PrintStream out, PrintStream err) {
        this.environment = environment;
        this.out = out;
        this.err = err;
    }

    static KeyCommands ofThisProcess() {
        return new KeyCommands(System.getenv(), System.out, System.err);
    }

    /// @return the exit status
    int run(List<String> operands, Map<Option, String> options) {
        try {
            var file = file(options);
            switch (operands.getFirst()) {
                case "new" -> make(file, name(operands), options);
                case "remove" -> {
                    file.remove(name(operands));
                    err.println("removed from " + file.path() + "; a server that runs refuses it within seconds");
                }
                case "list" -> file.read().forEach(this::show);
                default -> throw new IllegalArgumentException("`" + operands.getFirst() + "` is none of new, remove and list");
            }
            return 0;
        } catch (IllegalArgumentException | BadFileException e) {
            err.println("lorikeet key: " + e.getMessage());
            return WRONG;
        } catch (IOException e) {
            err.println("lorikeet key: the file cannot be written: " + e.getMessage());
            return 1;
        }
    }

    private void make(KeysFile file, String name, Map<Option, String> options) throws IOException {
        var role = Boolean.parseBoolean(options.getOrDefault(Option.ADMIN, "false")) ? Role.ADMIN : Role.USER;
        String key = KeyText.random();
        file.add(name, role, key, new Limits(limit(options, Option.KEY_REQUESTS_PER_MINUTE), limit(options, Option.KEY_TOKENS_PER_MINUTE),
                limit(options, Option.KEY_TOKENS_PER_DAY), limit(options, Option.KEY_CONCURRENT_REQUESTS)));
        out.println(key);
        err.println("This is the " + role.word() + "'s key of " + name + ". It is not shown again: " + file.path() + " has only its hash.");
    }

    private void show(Key key) {
        out.println(key.name() + "\t" + key.role().word());
    }

    private static OptionalLong limit(Map<Option, String> options, Option option) {
        return options.containsKey(option) ? OptionalLong.of(Long.parseLong(options.get(option))) : OptionalLong.empty();
    }

    private static String name(List<String> operands) {
        if (operands.size() < 2) {
            throw new IllegalArgumentException(operands.getFirst() + " needs the name of a key");
        }
        return operands.get(1);
    }

    private KeysFile file(Map<Option, String> options) {
        return new KeysFile(Path.of(Optional.ofNullable(options.get(Option.KEYS_FILE)).or(() -> Optional.ofNullable(environment.get(Option.KEYS_FILE.environment())))
                .orElseThrow(() -> new IllegalArgumentException("say which file with --keys-file FILE or " + Option.KEYS_FILE.environment()))));
    }
}
