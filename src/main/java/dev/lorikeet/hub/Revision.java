package dev.lorikeet.hub;

import java.util.regex.Pattern;

/// A branch, a tag, a pull request's `refs/pr/1`, or the 40 hexadecimal digits of a commit.
public record Revision(String name) {
    private static final Pattern COMMIT = Pattern.compile("[0-9a-f]{40}");
    /// What git forbids in a name, and what would be another path on disk.
    private static final Pattern BAD = Pattern.compile("[\\x00-\\x20\\x7f~^:?*\\[\\\\]|\\.\\.|@\\{|//|^/|/$|^\\.|/\\.|^$");

    public static final Revision MAIN = new Revision("main");

    public Revision {
        if (BAD.matcher(name).find()) {
            throw new IllegalArgumentException("`" + name + "` is no revision: a branch, a tag or a commit's 40 digits");
        }
    }

    /// Whether this names one commit for ever.
    public boolean isCommit() {
        return isCommit(name);
    }

    static boolean isCommit(String text) {
        return COMMIT.matcher(text).matches();
    }

    @Override
    public String toString() {
        return name;
    }
}
