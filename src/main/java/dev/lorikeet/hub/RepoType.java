package dev.lorikeet.hub;

/// What a repository holds, and how the hub and the cache spell that.
public enum RepoType {
    MODEL("models", ""),
    DATASET("datasets", "datasets/");

    private final String plural;
    private final String urlPrefix;

    RepoType(String plural, String urlPrefix) {
        this.plural = plural;
        this.urlPrefix = urlPrefix;
    }

    /// As in `/api/models/…` and in the cache's `models--…`.
    String plural() {
        return plural;
    }

    /// What precedes the name in the address of a page or a file.
    String urlPrefix() {
        return urlPrefix;
    }

    String word() {
        return plural.substring(0, plural.length() - 1);
    }
}
