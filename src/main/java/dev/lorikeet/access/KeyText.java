package dev.lorikeet.access;

import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.regex.Pattern;

/// Keys as their holders write them.
public final class KeyText {
    private static final String PREFIX = "lk-";
    private static final int BYTES = 32;
    private static final Pattern ALLOWED = Pattern.compile("[!-~&&[^,]]{16,512}");
    private static final SecureRandom RANDOM = new SecureRandom();

    private KeyText() {}

    /// A new key of 256 random bits.
    public static String random() {
        byte[] bytes = new byte[BYTES];
        RANDOM.nextBytes(bytes);
        return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /// The keys of an option, each `name:key`. No message repeats a key.
    ///
    /// @param option for messages
    public static List<Key> parse(String option, List<String> entries, Role role) {
        var keys = new ArrayList<Key>();
        for (int i = 0; i < entries.size(); i++) {
            String entry = entries.get(i).strip();
            int colon = entry.indexOf(':');
            if (colon < 1) {
                throw new IllegalArgumentException(option + ": entry " + (i + 1) + " is not `name:key`");
            }
            String name = entry.substring(0, colon);
            String key = entry.substring(colon + 1);
            if (!ALLOWED.matcher(key).matches()) {
                throw new IllegalArgumentException(option + ": the key of `" + name + "` must have 16 to 512 visible ASCII characters without commas; "
                        + "`./lorikeet key new` makes good ones");
            }
            keys.add(new Key(name, role, KeyHash.of(key), Limits.NONE));
        }
        return keys;
    }
}
