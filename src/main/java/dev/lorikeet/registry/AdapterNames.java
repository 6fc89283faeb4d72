package dev.lorikeet.registry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.stream.Stream;

/// Which versions a name has, and which of them the name alone means. Guarded by the registry's lock.
final class AdapterNames {
    private final Map<String, Named> names = new TreeMap<>();
    /// Counts on after an unload, so that `law@1` never means two different things.
    private final Map<String, Integer> lastNumbers = new HashMap<>();

    private static final class Named {
        final TreeMap<Integer, Version> versions = new TreeMap<>();
        int current;
    }

    boolean has(String name) {
        return names.containsKey(name);
    }

    int nextNumber(String name) {
        return lastNumbers.merge(name, 1, Integer::sum);
    }

    /// Later numbers are higher than this one.
    void countTo(String name, int number) {
        lastNumbers.merge(name, number, Math::max);
    }

    /// A new version, which the name means from now on. @return whether it meant another before
    boolean add(Version version) {
        var named = names.computeIfAbsent(version.name, _ -> new Named());
        named.versions.put(version.number, version);
        boolean swapped = named.current != 0;
        named.current = version.number;
        return swapped;
    }

    /// What a request means by `name` or `name@2`.
    Optional<Version> find(String text) {
        var exact = names.get(text);
        if (exact != null) {
            return Optional.of(exact.versions.get(exact.current));
        }
        var name = AdapterName.parse(text);
        return name.version().isPresent() && names.containsKey(name.name())
                ? Optional.ofNullable(names.get(name.name()).versions.get(name.version().getAsInt())) : Optional.empty();
    }

    /// Takes out all versions of a name, or the one that `name@2` says. Where that was the current one, the newest of the others becomes it.
    List<Version> remove(String text) {
        var whole = names.remove(text);
        if (whole != null) {
            return List.copyOf(whole.versions.values());
        }
        var one = find(text);
        one.ifPresent(version -> {
            var named = names.get(version.name);
            named.versions.remove(version.number);
            if (named.versions.isEmpty()) {
                names.remove(version.name);
            } else if (named.current == version.number) {
                named.current = named.versions.lastKey();
            }
        });
        return one.stream().toList();
    }

    /// Lets a name mean another version; without a number the one before the current one.
    Version point(String name, OptionalInt number) {
        var named = names.get(name);
        if (named == null) {
            throw new AdapterException.NotFound("The lora adapter '" + name + "' cannot be found.");
        }
        Integer target = number.isPresent() ? Integer.valueOf(number.getAsInt()) : named.versions.lowerKey(named.current);
        if (target == null || !named.versions.containsKey(target)) {
            throw new AdapterException.Invalid("'" + name + "' has " + (target == null ? "no version before " + named.current : "no version " + target)
                    + "; it has " + named.versions.keySet());
        }
        named.current = target;
        return named.versions.get(target);
    }

    boolean isCurrent(Version version) {
        var named = names.get(version.name);
        return named != null && named.current == version.number && named.versions.get(version.number) == version;
    }

    Stream<Version> all() {
        return new ArrayList<>(names.values()).stream().flatMap(named -> List.copyOf(named.versions.values()).stream());
    }
}
