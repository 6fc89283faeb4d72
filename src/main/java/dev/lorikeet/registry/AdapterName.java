package dev.lorikeet.registry;

import java.util.OptionalInt;
import java.util.regex.Pattern;

/// `law`, or `law@2` for one version of it.
record AdapterName(String name, OptionalInt version) {
    private static final Pattern ALLOWED = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N}._:/+-]{0,199}");
    private static final Pattern VERSIONED = Pattern.compile("(.+)@([1-9][0-9]{0,8})");

    /// Reads what a request says; the name may be anything.
    static AdapterName parse(String text) {
        var versioned = VERSIONED.matcher(text);
        return versioned.matches() ? new AdapterName(versioned.group(1), OptionalInt.of(Integer.parseInt(versioned.group(2))))
                : new AdapterName(text, OptionalInt.empty());
    }

    /// @throws AdapterException.Invalid when no adapter may be called so
    static void check(String name) {
        if (!ALLOWED.matcher(name).matches()) {
            String shown = name.length() > 80 ? name.substring(0, 80) + "…" : name;
            throw new AdapterException.Invalid("`" + shown + "` cannot be the name of an adapter: use 1 to 200 letters, digits and . _ - : / +, "
                    + "beginning with a letter or digit (`@` marks versions)");
        }
    }
}
