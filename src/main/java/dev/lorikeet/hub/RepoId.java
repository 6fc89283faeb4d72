package dev.lorikeet.hub;

import java.util.regex.Pattern;

/// The name of a repository: `owner/name`, by the hub's rules for names.
public record RepoId(String owner, String name) {
    private static final Pattern PART = Pattern.compile("[A-Za-z0-9_](?:[A-Za-z0-9._-]*[A-Za-z0-9_])?");
    private static final int LONGEST = 96;

    public RepoId {
        check(owner);
        check(name);
        if (name.endsWith(".git")) {
            throw new IllegalArgumentException("`" + name + "` ends with .git; leave that out");
        }
    }

    private static void check(String part) {
        // The cache writes `--` for the slash.
        if (part.length() > LONGEST || !PART.matcher(part).matches() || part.contains("--") || part.contains("..")) {
            throw new IllegalArgumentException("`" + part + "` is no part of a repository's name: up to " + LONGEST
                    + " letters, digits, `-`, `_` and `.`, beginning and ending with a letter or digit, without `--` and `..`");
        }
    }

    @Override
    public String toString() {
        return owner + "/" + name;
    }
}
