package dev.lorikeet.hub;

import dev.lorikeet.store.AtomicFile;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;

/// The cache on disk, laid out as Python's `huggingface_hub` lays it out, so that either finds what the other has downloaded:
/// `blobs/<etag>`, `snapshots/<commit>/<path>` as relative links to them, `refs/<revision>` with the commit, `trees/<commit>.json`.
public final class HubCache {
    private static final String TAG = """
            Signature: 8a477f597d28d172789f06886806bc55
            # This file is a cache directory tag created by huggingface_hub.
            # For information about cache directory tags, see:
            #\thttps://bford.info/cachedir/
            """;

    private final Path root;

    public HubCache(Path root) {
        this.root = root.toAbsolutePath().normalize();
    }

    Path root() {
        return root;
    }

    Path blob(RepoRef repo, String etag) {
        return root.resolve(repo.cacheFolder()).resolve("blobs").resolve(etag);
    }

    Path lock(RepoRef repo, String etag) {
        return root.resolve(".locks").resolve(repo.cacheFolder()).resolve(etag + ".lock");
    }

    Path snapshot(RepoRef repo, String commit) {
        return root.resolve(repo.cacheFolder()).resolve("snapshots").resolve(commit);
    }

    private Path ref(RepoRef repo) {
        return root.resolve(repo.cacheFolder()).resolve("refs").resolve(repo.revision().name());
    }

    private Path tree(RepoRef repo, String commit) {
        return root.resolve(repo.cacheFolder()).resolve("trees").resolve(commit + ".json");
    }

    /// The commit that the revision meant when it was last asked for.
    public Optional<String> commit(RepoRef repo) {
        if (repo.revision().isCommit()) {
            return Optional.of(repo.revision().name());
        }
        return read(ref(repo)).map(String::strip).filter(Revision::isCommit);
    }

    /// The listing of a commit, if it was kept.
    Optional<Listing> listing(RepoRef repo, String commit) {
        return read(tree(repo, commit)).flatMap(Listing::ofJson);
    }

    /// The files of a snapshot that are there, for commits whose listing nobody kept.
    Listing present(RepoRef repo, String commit) {
        Path folder = snapshot(repo, commit);
        var files = new ArrayList<RemoteFile>();
        if (Files.isDirectory(folder)) {
            try (Stream<Path> paths = Files.walk(folder)) {
                for (Path path : paths.filter(Files::isRegularFile).toList()) {
                    String name = folder.relativize(path).toString().replace('\\', '/');
                    files.add(new RemoteFile(name, Files.size(path), "0".repeat(40), Optional.empty(), Optional.empty()));
                }
            } catch (IOException e) {
                throw local(folder, e);
            }
        }
        return Listing.of(files);
    }

    /// Whether the snapshot has this file, whole.
    boolean has(RepoRef repo, String commit, RemoteFile file) {
        Path path = snapshot(repo, commit).resolve(file.path());
        try {
            return Files.isRegularFile(path) && Files.size(path) == file.size();
        } catch (IOException _) {
            return false;
        }
    }

    /// Those of `files` that the snapshot lacks.
    List<RemoteFile> missing(RepoRef repo, String commit, List<RemoteFile> files) {
        return files.stream().filter(file -> !has(repo, commit, file)).toList();
    }

    void keepListing(RepoRef repo, String commit, Listing listing) {
        write(tree(repo, commit), listing.toJson());
    }

    /// To be written last: whoever finds a revision looks into its snapshot. A commit needs no such note.
    void keepRef(RepoRef repo, String commit) {
        if (!repo.revision().isCommit() && !commit(repo).equals(Optional.of(commit))) {
            write(ref(repo), commit);
        }
    }

    /// Gives a blob the file's name in the snapshot: a relative link where the system has links, the file itself elsewhere.
    void link(RepoRef repo, String commit, RemoteFile file) {
        Path blob = blob(repo, file.etag());
        Path pointer = snapshot(repo, commit).resolve(file.path());
        try {
            Files.createDirectories(pointer.getParent());
            Path temporary = pointer.resolveSibling("." + pointer.getFileName() + "." + UUID.randomUUID().toString().substring(0, 8) + ".tmp");
            try {
                try {
                    Files.createSymbolicLink(temporary, pointer.getParent().relativize(blob));
                } catch (UnsupportedOperationException | IOException _) {
                    Files.copy(blob, temporary);
                }
                Files.move(temporary, pointer, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            } finally {
                Files.deleteIfExists(temporary);
            }
        } catch (IOException e) {
            throw local(pointer, e);
        }
    }

    /// Makes the folders of a repository, and marks the cache as one for backup programs.
    void prepare(RepoRef repo) {
        Path folder = root.resolve(repo.cacheFolder());
        try {
            for (String name : List.of("blobs", "refs", "snapshots")) {
                Files.createDirectories(folder.resolve(name));
            }
            Files.createDirectories(root.resolve(".locks").resolve(repo.cacheFolder()));
            Path tag = root.resolve("CACHEDIR.TAG");
            if (!Files.exists(tag, LinkOption.NOFOLLOW_LINKS)) {
                AtomicFile.write(tag, TAG);
            }
        } catch (FileAlreadyExistsException e) {
            throw new HubException(new HubError.LocalFile(Path.of(e.getFile()), "is a file; the cache needs a folder there. Remove it, or set HF_HUB_CACHE"), e);
        } catch (IOException e) {
            throw local(folder, e);
        }
    }

    private static Optional<String> read(Path file) {
        try {
            return Files.isRegularFile(file) ? Optional.of(Files.readString(file)) : Optional.empty();
        } catch (IOException e) {
            throw local(file, e);
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.createDirectories(file.getParent());
            AtomicFile.write(file, text);
        } catch (IOException e) {
            throw local(file, e);
        }
    }

    static HubException local(Path path, IOException e) {
        String reason = e instanceof java.nio.file.FileSystemException system && system.getReason() != null ? system.getReason() : e.getClass().getSimpleName();
        return new HubException(new HubError.LocalFile(path, "cannot be read or written (" + reason + "). Check rights and space, or set HF_HUB_CACHE"), e);
    }
}
