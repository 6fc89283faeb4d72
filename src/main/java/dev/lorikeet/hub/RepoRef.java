package dev.lorikeet.hub;

import java.util.Optional;

/// A repository at a revision, as users write it: `owner/name`, `owner/name@revision`, `datasets/owner/name@revision`.
public record RepoRef(RepoType type, RepoId id, Revision revision) {

    public static RepoRef model(String text) {
        return of(RepoType.MODEL, text);
    }

    public static RepoRef dataset(String text) {
        return of(RepoType.DATASET, text.startsWith(RepoType.DATASET.urlPrefix()) ? text.substring(RepoType.DATASET.urlPrefix().length()) : text);
    }

    /// @throws IllegalArgumentException that is no such name; the message says why
    public static RepoRef parse(String text) {
        // A model may belong to an owner called `datasets`; a data set's name has one slash more.
        boolean dataset = text.startsWith(RepoType.DATASET.urlPrefix()) && text.replaceAll("@.*", "").chars().filter(c -> c == '/').count() == 2;
        return dataset ? dataset(text) : model(text);
    }

    /// Whether `text` can be the name of a model's repository.
    public static Optional<RepoRef> tryModel(String text) {
        try {
            return Optional.of(model(text));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static RepoRef of(RepoType type, String text) {
        int at = text.indexOf('@');
        String id = at < 0 ? text : text.substring(0, at);
        int slash = id.indexOf('/');
        if (slash < 0) {
            throw new IllegalArgumentException("`" + text + "` is no repository on the hub: write owner/name or owner/name@revision");
        }
        return new RepoRef(type, new RepoId(id.substring(0, slash), id.substring(slash + 1)), at < 0 ? Revision.MAIN : new Revision(text.substring(at + 1)));
    }

    /// The folder in the cache.
    String cacheFolder() {
        return type.plural() + "--" + id.owner() + "--" + id.name();
    }

    RepoRef at(Revision other) {
        return new RepoRef(type, id, other);
    }

    @Override
    public String toString() {
        return type.urlPrefix() + id + (revision.equals(Revision.MAIN) ? "" : "@" + revision);
    }
}
