package dev.lorikeet.rag;

import dev.lorikeet.rag.SearchException.Unavailable;
import dev.lorikeet.store.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jboss.logging.Logger;

/// Searches a folder of the user's own documents, with no network and no account. What has changed in the folder since the last search is indexed first.
public final class FolderSearch implements SearchClient {
    private static final Logger LOG = Logger.getLogger(FolderSearch.class);
    static final String SOURCE = "folder";

    private final Path folder;
    private final Path index;
    // Lucene's files suffer from interrupts, which is how searches are broken off; so one thread does it all, and goes on when nobody waits any more.
    private final ExecutorService thread = Executors.newSingleThreadExecutor(task -> Thread.ofPlatform().daemon().name("folder-index").unstarted(task));
    private Optional<FolderIndex> open = Optional.empty();

    /// @param indexes where the indexes of all folders are kept
    public FolderSearch(Path folder, Path indexes) {
        this.folder = folder.toAbsolutePath().normalize();
        this.index = indexes.resolve(Sha256.of(this.folder.toString().getBytes(StandardCharsets.UTF_8)).substring(0, 16));
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("search-folder is `" + folder + "`; there is no such folder");
        }
    }

    /// Indexes in the background, so that the first search need not wait for all of it.
    public void prepare() {
        thread.execute(() -> {
            try {
                upToDate();
            } catch (IOException _) {
                // The first search meets it again and tells who asked.
            }
        });
    }

    @Override
    public List<SearchCall> calls(SearchQuery query) {
        return List.of(new SearchCall() {
            @Override
            public String source() {
                return SOURCE;
            }

            @Override
            public List<Document> run() throws SearchException, InterruptedException {
                return search(query);
            }
        });
    }

    private List<Document> search(SearchQuery query) throws SearchException, InterruptedException {
        Future<List<Document>> found = thread.submit(() -> upToDate().search(query.text(), query.results()));
        try {
            return found.get();
        } catch (InterruptedException e) {
            found.cancel(false);
            throw e;
        } catch (ExecutionException e) {
            LOG.errorf(e.getCause(), "cannot search %s", folder);
            throw new Unavailable(SOURCE, "the folder of documents cannot be searched (" + e.getCause().getClass().getSimpleName()
                    + "); see the server's log", e.getCause());
        }
    }

    private FolderIndex upToDate() throws IOException {
        if (open.isEmpty()) {
            open = Optional.of(new FolderIndex(folder, Files.createDirectories(index)));
        }
        open.get().refresh();
        return open.get();
    }

    @Override
    public void close() {
        thread.close();
        try {
            if (open.isPresent()) {
                open.get().close();
            }
        } catch (IOException e) {
            LOG.warnf("the index of %s was not closed: %s", folder, e.getMessage());
        }
    }
}
