package dev.lorikeet.access;

import java.util.regex.Pattern;

/// A key as the server knows it: not the key itself, which nobody but its holder has.
///
/// @param name whom it stands for; what it makes belongs to that name @param limits its own
public record Key(String name, Role role, KeyHash hash, Limits limits) {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    public Key {
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException("`" + name + "` cannot be the name of a key: use 1 to 64 letters, digits and . _ -, beginning with a letter or digit");
        }
    }
}
