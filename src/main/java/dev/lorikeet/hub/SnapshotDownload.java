package dev.lorikeet.hub;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.LongSupplier;

/// Makes the needed part of a snapshot whole.
final class SnapshotDownload {
    private final HubCache cache;
    private final BlobDownload blobs;
    private final FreeBytes freeBytes;
    private final LongSupplier nanoTime;

    /// The room on the disk that holds a folder.
    @FunctionalInterface
    interface FreeBytes {
        FreeBytes REAL = folder -> Files.getFileStore(folder).getUsableSpace();

        long in(Path folder) throws IOException;
    }

    SnapshotDownload(HubCache cache, BlobDownload blobs, FreeBytes freeBytes, LongSupplier nanoTime) {
        this.cache = cache;
        this.blobs = blobs;
        this.freeBytes = freeBytes;
        this.nanoTime = nanoTime;
    }

    /// @return the files that are needed, all of them there
    List<RemoteFile> run(HubFolders.Found found, Needs needs, Progress.Listener listener) throws InterruptedException {
        try (var meter = new TransferMeter(listener, nanoTime)) {
            var files = bringNeeded(found, needs, meter);
            meter.finish();
            return files;
        }
    }

    private List<RemoteFile> bringNeeded(HubFolders.Found found, Needs needs, TransferMeter meter) throws InterruptedException {
        var files = needs.select(found.repo(), found.listing(), file -> {
            bring(found, List.of(file), meter);
            return cache.snapshot(found.repo(), found.commit()).resolve(file.path());
        });
        bring(found, files, meter);
        try {
            cache.keepRef(found.repo(), found.commit());
        } catch (HubException e) {
            // A complete snapshot in a cache that may only be read serves all the same.
            if (!(e.error() instanceof HubError.LocalFile)) {
                throw e;
            }
        }
        return files;
    }

    private void bring(HubFolders.Found found, List<RemoteFile> files, TransferMeter meter) throws InterruptedException {
        var repo = found.repo();
        var missing = cache.missing(repo, found.commit(), files);
        if (missing.isEmpty()) {
            return;
        }
        cache.prepare(repo);
        cache.keepListing(repo, found.commit(), found.listing());
        checkSpace(repo, missing);
        missing.forEach(file -> meter.add(address(found, file), 0, file.size()));
        Parallel.run(missing.stream().<Callable<Void>>map(file -> () -> {
            blobs.fetch(repo, found.commit(), file, meter);
            cache.link(repo, found.commit(), file);
            meter.add(address(found, file), file.size(), file.size());
            return null;
        }).toList());
    }

    private String address(HubFolders.Found found, RemoteFile file) {
        return blobs.address(found.repo(), found.commit(), file);
    }

    private void checkSpace(RepoRef repo, List<RemoteFile> files) {
        long needed = files.stream().mapToLong(file -> blobs.missing(repo, file)).sum();
        try {
            long available = freeBytes.in(cache.root());
            if (needed > available) {
                throw new HubException(new HubError.DiskFull(cache.root(), needed, available));
            }
        } catch (IOException e) {
            throw HubCache.local(cache.root(), e);
        }
    }
}
