package dev.lorikeet.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/// The files of clients, each in a folder `<root>/<id>/` with its `content` and a `file.json`. A file is put together in a folder of
/// another name and appears by renaming that folder, so one that was cut off is never seen. Other processes may add and remove files as well.
/// Safe for use by many threads.
public final class FileStore {
    private static final Logger LOG = Logger.getLogger(FileStore.class);
    /// Such a name counts as half-written, hence is swept away at the next start.
    private static final String DELETED = ".%s.partial-deleted";
    private static final String QUARANTINE = ".quarantine";
    private static final String CONTENT = "content";
    private static final String DESCRIPTION = "file.json";
    private static final Pattern ID = Pattern.compile("file-[0-9A-Za-z]+");

    private final Path root;
    private final InstantSource clock;
    private final Map<String, StoredFile> files = new ConcurrentHashMap<>();
    private final List<String> problems;

    /// Opens a folder, which is made if it is not there. What an earlier process left unfinished is removed; a file that does not agree
    /// with its description is set aside under `.quarantine` and reported by [#problems()].
    public FileStore(Path root, InstantSource clock) {
        this(root, clock, Instant.MAX);
    }

    /// As before, where other processes may be at work. @param abandoned what is half-written and was not touched since then is removed
    public FileStore(Path root, InstantSource clock, Instant abandoned) {
        this.root = root;
        this.clock = clock;
        try {
            Files.createDirectories(root);
            problems = List.copyOf(scan(abandoned));
        } catch (IOException e) {
            throw new BadFileException(root, "cannot be used as the folder of files: " + e.getMessage(), e);
        }
    }

    private List<String> scan(Instant abandoned) throws IOException {
        var found = new ArrayList<String>();
        AtomicFile.sweepOlder(root, abandoned);
        for (Path folder : Folders.children(root)) {
            if (!folder.getFileName().toString().startsWith(".")) {
                try {
                    var file = verified(folder);
                    files.put(file.id(), file);
                } catch (BadFileException e) {
                    Path aside = Folders.setAside(folder, root.resolve(QUARANTINE));
                    found.add(e.getMessage() + "; moved to " + aside);
                }
            }
        }
        return found;
    }

    private static StoredFile verified(Path folder) {
        var description = JsonFile.read(folder.resolve(DESCRIPTION));
        var file = StoredFile.read(description);
        try {
            if (!file.id().equals(folder.getFileName().toString())) {
                throw description.bad("id", "is `" + file.id() + "`, which is not the name of the folder");
            }
            if (Files.size(folder.resolve(CONTENT)) != file.bytes()) {
                throw new BadFileException(folder.resolve(CONTENT), "has " + Files.size(folder.resolve(CONTENT)) + " bytes instead of " + file.bytes());
            }
            return file;
        } catch (IOException e) {
            throw new BadFileException(folder.resolve(CONTENT), "cannot be read: " + e.getMessage(), e);
        }
    }

    /// What was wrong when the store was opened, a sentence each.
    public List<String> problems() {
        return problems;
    }

    public Optional<StoredFile> find(String id) {
        if (!ID.matcher(id).matches()) {
            return Optional.empty();
        }
        look(root.resolve(id));
        return Optional.ofNullable(files.get(id)).filter(file -> !file.isExpired(clock.instant()));
    }

    /// Takes in what another process has done with a file.
    private void look(Path folder) {
        String id = folder.getFileName().toString();
        if (!Files.isDirectory(folder)) {
            files.remove(id);
        } else if (!files.containsKey(id)) {
            try {
                files.put(id, verified(folder));
            } catch (BadFileException e) {
                // Set aside and reported at the next start; or it is just being removed.
                LOG.debugf("%s is left out: %s", id, e.getMessage());
            }
        }
    }

    private void lookAtAll() {
        try {
            files.keySet().forEach(id -> look(root.resolve(id)));
            Folders.children(root).stream().filter(folder -> !folder.getFileName().toString().startsWith(".")).forEach(this::look);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// All files, the oldest first.
    public List<StoredFile> list() {
        lookAtAll();
        removeExpired();
        return files.values().stream().sorted(StoredFile.OLDEST_FIRST).toList();
    }

    private void removeExpired() {
        Instant now = clock.instant();
        files.values().stream().filter(file -> file.isExpired(now)).toList().forEach(file -> delete(file.id()));
    }

    /// Where the content of a file lies; it is only ever read.
    public Path content(StoredFile file) {
        return root.resolve(file.id()).resolve(CONTENT);
    }

    /// Removes a file; who reads it right now can read on. @return whether it was there
    public boolean delete(String id) {
        if (find(id).isEmpty() && !files.containsKey(id)) {
            return false;
        }
        try {
            files.remove(id);
            Path doomed = root.resolve(DELETED.formatted(id));
            Files.move(root.resolve(id), doomed);
            AtomicFile.deleteTree(doomed);
            return true;
        } catch (NoSuchFileException _) {
            // Another process was faster.
            return false;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Lets `sender` write a file and makes it durable and visible. If anything fails, nothing is left.
    public StoredFile receive(Sender sender) throws IOException {
        String id = RandomId.of("file-");
        var kept = new StoredFile[1];
        AtomicFile.createFolder(root.resolve(id), folder -> {
            var label = sender.writeTo(folder, folder.resolve(CONTENT));
            Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
            kept[0] = new StoredFile(id, Files.size(folder.resolve(CONTENT)), now, label.lifetime().map(now::plus), label.filename(), label.purpose(),
                    new Sha256().add(folder.resolve(CONTENT)).hex());
            Files.writeString(folder.resolve(DESCRIPTION), kept[0].toJson().toPrettyString());
        });
        files.put(id, kept[0]);
        return kept[0];
    }

    /// Keeps a text as a file.
    public StoredFile add(String filename, String purpose, String text) throws IOException {
        return receive((_, content) -> {
            Files.writeString(content, text);
            return new Label(filename, purpose, Optional.empty());
        });
    }

    /// What its sender says of a file. @param lifetime after which it is removed by itself
    public record Label(String filename, String purpose, Optional<Duration> lifetime) {}

    /// Whoever writes a file.
    @FunctionalInterface
    public interface Sender {
        /// @param folder where scratch files may lie meanwhile; none may be left @param content the file to write
        Label writeTo(Path folder, Path content) throws IOException;
    }
}
