package dev.lorikeet.hub;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// What is to be uploaded, and whereto.
///
/// @param folder all of whose files go, except hidden ones and those that are never read
/// @param isPrivate of a repository that does not exist yet
/// @param message of the commit
/// @param base the base model's name on the hub, if it is known better than the folder knows it
/// @param metrics for the model card, by name
public record Push(Path folder, RepoRef repo, boolean isPrivate, String message, Optional<String> base, Map<String, Double> metrics) {
    public Push {
        if (message.isBlank()) {
            throw new IllegalArgumentException("a commit needs a message");
        }
        metrics = java.util.Collections.unmodifiableMap(new java.util.TreeMap<>(metrics));
    }

    /// A folder with nothing further to say. New repositories are private: what was meant for oneself is not shown to all.
    public static Push of(Path folder, RepoRef repo) {
        return new Push(folder, repo, true, "Upload from Lorikeet", Optional.empty(), Map.of());
    }

    /// What came of it. @param commit the branch's head now @param url its page @param changed whether there was anything to commit
    public record Pushed(String commit, String url, boolean changed) {}
}
