package dev.lorikeet.hub;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jboss.logging.Logger;

/// Folders for names: what is on the hub, brought into the cache if it is not there yet. Safe for use by many threads.
public final class HubFolders {
    private static final Logger LOG = Logger.getLogger(HubFolders.class);
    private static final Revision PARQUET = new Revision("refs/convert/parquet");
    private static final long CHUNK = 16L << 20;
    private static final int CONNECTIONS = 8;

    private final HubClient client;
    private final HubCache cache;
    private final SnapshotDownload download;

    /// A repository of which the commit and the files are known.
    ///
    /// @param cacheOnly why the hub is not asked for more, if it is not
    public record Found(RepoRef repo, String commit, Listing listing, Optional<String> cacheOnly) {
        /// What is in it.
        public Needs needs() {
            return Needs.ofModelRepository(listing);
        }
    }

    /// How files are fetched. @param chunk bytes of a range @param connections at a time, over all files
    record Fetching(long chunk, int connections, SnapshotDownload.FreeBytes freeBytes, LongSupplier nanoTime) {
        static final Fetching USUAL = new Fetching(CHUNK, CONNECTIONS, SnapshotDownload.FreeBytes.REAL, System::nanoTime);
    }

    public HubFolders(HubSettings settings) {
        this(new HubClient(settings, Pause.REAL), Fetching.USUAL);
    }

    HubFolders(HubClient client, Fetching fetching) {
        this.client = client;
        this.cache = new HubCache(client.settings().cache());
        this.download = new SnapshotDownload(cache, new BlobDownload(client, cache, fetching.chunk(), fetching.connections()), fetching.freeBytes(), fetching.nanoTime());
    }

    public HubClient client() {
        return client;
    }

    /// The folder of a base model, complete. Blocks while it downloads; an interrupt cancels, and the next call goes on.
    ///
    /// @throws HubException it is not to be had
    public Path model(RepoRef repo, Progress.Listener listener) throws InterruptedException {
        return fetch(find(repo, Patience.LONG), Needs.MODEL, listener);
    }

    /// The folder of a PEFT adapter, complete; otherwise as [#model].
    public Path adapter(RepoRef repo, Progress.Listener listener) throws InterruptedException {
        return fetch(find(repo, Patience.LONG), Needs.ADAPTER, listener);
    }

    /// The files of a data set's split, JSONL or Parquet, in order. Where the repository has them in another format, the hub's own
    /// conversion to Parquet is taken. @param split such as `train`, or `config/train`
    public List<Path> dataset(RepoRef repo, String split, Progress.Listener listener) throws InterruptedException {
        var rows = new Needs.Split(split);
        var found = find(repo, Patience.LONG);
        if (rows.rows(found.listing()).isEmpty() && repo.revision().equals(Revision.MAIN)) {
            try {
                found = find(repo.at(PARQUET), Patience.LONG);
            } catch (HubException e) {
                // There is no conversion: the complaint below is about the repository's own files.
                LOG.debugf("no Parquet conversion of %s: %s", repo, e.getMessage());
            }
        }
        Path folder = cache.snapshot(found.repo(), found.commit());
        return files(found, rows, listener).stream().map(file -> folder.resolve(file.path())).toList();
    }

    /// Asks the hub what the revision is now. If it cannot say, and the cache has the revision, that is taken.
    public Found find(RepoRef repo, Patience patience) throws InterruptedException {
        if (client.settings().offline()) {
            return cached(repo, "offline mode is on (HF_HUB_OFFLINE); switch it off to download.")
                    .orElseThrow(() -> new HubException(new HubError.NotCached(repo, List.of(), "offline mode is on (HF_HUB_OFFLINE); switch it off to download.")));
        }
        if (repo.revision().isCommit()) {
            var listing = cache.listing(repo, repo.revision().name());
            if (listing.isPresent()) {
                return new Found(repo, repo.revision().name(), listing.get(), Optional.empty());
            }
        }
        try {
            String commit = client.commit(repo, patience);
            var kept = cache.listing(repo, commit);
            return new Found(repo, commit, kept.isPresent() ? kept.get() : client.listing(repo, commit, patience), Optional.empty());
        } catch (HubException e) {
            if (!e.error().cacheMayServe()) {
                throw e;
            }
            return cached(repo, e.getMessage()).orElseThrow(() -> e);
        }
    }

    /// Makes sure, without fetching anything, that this file of it may be read: a gated repository shows its listing to everybody.
    public void requireAccess(Found found, String file, Patience patience) throws InterruptedException {
        var entry = found.listing().file(file).orElseThrow(() -> new HubException(new HubError.MissingFile(found.repo(), file)));
        if (found.cacheOnly().isEmpty() && !cache.has(found.repo(), found.commit(), entry)) {
            client.facts(found.repo(), found.commit(), file, patience);
        }
    }

    private Optional<Found> cached(RepoRef repo, String why) {
        return cache.commit(repo).flatMap(commit -> {
            var listing = cache.listing(repo, commit).orElseGet(() -> cache.present(repo, commit));
            return listing.files().isEmpty() ? Optional.empty() : Optional.of(new Found(repo, commit, listing, Optional.of(why)));
        });
    }

    /// Brings what is needed of it. @return the folder of the snapshot
    public Path fetch(Found found, Needs needs, Progress.Listener listener) throws InterruptedException {
        files(found, needs, listener);
        return cache.snapshot(found.repo(), found.commit());
    }

    private List<RemoteFile> files(Found found, Needs needs, Progress.Listener listener) throws InterruptedException {
        if (found.cacheOnly().isEmpty()) {
            return download.run(found, needs, listener);
        }
        String why = found.cacheOnly().get();
        try {
            var files = needs.select(found.repo(), found.listing(), file -> {
                requireCached(found, List.of(file), why);
                return cache.snapshot(found.repo(), found.commit()).resolve(file.path());
            });
            requireCached(found, files, why);
            LOG.infof("%s is taken from the cache as of commit %s: %s", found.repo(), found.commit(), why);
            return files;
        } catch (HubException e) {
            // The listing may itself be only what happens to be there.
            throw e.error() instanceof HubError.MissingFile(var _, String file) ? new HubException(new HubError.NotCached(found.repo(), List.of(file), why), e)
                    : e.error() instanceof HubError.Unsuitable ? new HubException(new HubError.NotCached(found.repo(), List.of(weights(needs)), why), e) : e;
        }
    }

    private static String weights(Needs needs) {
        return switch (needs) {
            case Needs.Model _ -> Needs.Model.SINGLE;
            case Needs.Adapter _ -> Needs.Adapter.WEIGHTS;
            case Needs.Split(String split) -> "rows of " + split;
        };
    }

    private void requireCached(Found found, List<RemoteFile> files, String why) {
        var missing = cache.missing(found.repo(), found.commit(), files);
        if (!missing.isEmpty()) {
            throw new HubException(new HubError.NotCached(found.repo(), missing.stream().map(RemoteFile::path).toList(), why));
        }
    }
}
