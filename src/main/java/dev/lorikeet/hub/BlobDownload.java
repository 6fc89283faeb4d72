package dev.lorikeet.hub;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.stream.IntStream;
import okhttp3.Response;

/// Brings one blob into the cache: in chunks side by side, each resumed where it broke off; named only once size and hash are right.
final class BlobDownload {
    private static final int BUFFER = 1 << 17;

    private final HubClient client;
    private final HubCache cache;
    private final long chunk;
    private final Semaphore connections;

    BlobDownload(HubClient client, HubCache cache, long chunk, int connections) {
        this.client = client;
        this.cache = cache;
        this.chunk = chunk;
        this.connections = new Semaphore(connections);
    }

    /// Bytes that a fetch of this file would still write.
    long missing(RepoRef repo, RemoteFile file) {
        Path blob = cache.blob(repo, file.etag());
        return isWhole(blob, file) ? 0 : file.size() - PartialBlob.presentIn(blob, file.size(), chunk);
    }

    /// The name under which its progress is told: the public address.
    String address(RepoRef repo, String commit, RemoteFile file) {
        return client.fileUrl(repo, commit, file.path()).toString();
    }

    private static boolean isWhole(Path blob, RemoteFile file) {
        try {
            return Files.isRegularFile(blob) && Files.size(blob) == file.size();
        } catch (IOException _) {
            return false;
        }
    }

    void fetch(RepoRef repo, String commit, RemoteFile file, TransferMeter meter) throws InterruptedException {
        Path blob = cache.blob(repo, file.etag());
        try (var _ = BlobLock.take(cache.lock(repo, file.etag()))) {
            if (!isWhole(blob, file)) {
                new Fetching(repo, commit, file, meter).run(blob);
            }
        } catch (IOException e) {
            HubHttp.throwIfInterrupted();
            throw HubCache.local(blob, e);
        }
    }

    /// One blob on its way.
    private final class Fetching {
        private final RepoRef repo;
        private final String commit;
        private final RemoteFile file;
        private final TransferMeter meter;
        private final String address;
        private FileFacts facts;

        Fetching(RepoRef repo, String commit, RemoteFile file, TransferMeter meter) {
            this.repo = repo;
            this.commit = commit;
            this.file = file;
            this.meter = meter;
            this.address = BlobDownload.this.address(repo, commit, file);
        }

        void run(Path blob) throws InterruptedException, IOException {
            boolean resumed = attempt(blob);
            // What an earlier process left may be damaged, by a power failure for example.
            if (resumed && !isWhole(blob, file)) {
                attempt(blob);
            }
        }

        /// @return whether it went on with old bytes; if these were bad they are gone now
        private boolean attempt(Path blob) throws InterruptedException, IOException {
            try (var partial = PartialBlob.open(blob, file.size(), chunk)) {
                meter.add(address, partial.present(), file.size());
                fill(partial);
                String hash = ContentHash.like(file.etag(), partial.file());
                if (hash.equals(file.etag())) {
                    partial.complete();
                } else {
                    partial.discard();
                    if (!partial.resumed()) {
                        throw new HubException(new HubError.WrongHash(repo, file.path(), file.etag(), hash));
                    }
                }
                return partial.resumed();
            }
        }

        private void fill(PartialBlob partial) throws InterruptedException {
            int[] absent = IntStream.range(0, partial.chunks()).filter(i -> !partial.has(i)).toArray();
            if (absent.length == 0) {
                return;
            }
            refresh();
            // The first shows whether the server knows ranges; if not, it brings everything.
            new Chunk(this, partial, absent[0]).read();
            Parallel.run(IntStream.of(absent).skip(1).filter(i -> !partial.has(i)).<Callable<Void>>mapToObj(i -> () -> {
                new Chunk(this, partial, i).read();
                return null;
            }).toList());
        }

        /// Asks where the bytes are; signed addresses do not live long.
        synchronized FileFacts refresh() throws InterruptedException {
            facts = client.facts(repo, commit, file.path(), Patience.LONG);
            if (!facts.etag().equals(file.etag()) || facts.size() != file.size()) {
                throw new HubException(new HubError.NotAHub(client.settings().endpoint().host(), "its listing says " + file.etag() + ", " + file.size()
                        + " bytes, for " + file.path() + ", and the file itself " + facts.etag() + ", " + facts.size() + " bytes"));
            }
            return facts;
        }

        synchronized FileFacts facts() {
            return facts;
        }
    }

    /// A range of the blob, read by one thread.
    private final class Chunk {
        private final Fetching fetching;
        private final PartialBlob partial;
        private final int index;
        private long at;
        private long end;

        Chunk(Fetching fetching, PartialBlob partial, int index) {
            this.fetching = fetching;
            this.partial = partial;
            this.index = index;
            this.at = partial.start(index);
            this.end = partial.end(index);
        }

        void read() throws InterruptedException {
            int failures = 0;
            while (at < end) {
                long before = at;
                try {
                    connections.acquire();
                    try (var response = client.bytes(fetching.facts(), at, end)) {
                        copy(response);
                    } finally {
                        connections.release();
                    }
                } catch (IOException _) {
                    // Broken off: goes on from where it is.
                    HubHttp.throwIfInterrupted();
                }
                failures = at > before ? 0 : failures + 1;
                if (failures >= Patience.LONG.tries()) {
                    throw new HubException(new HubError.Truncated(fetching.repo, fetching.file.path(), fetching.file.size(), partial.present() + at - partial.start(index)));
                }
                if (at < end) {
                    client.http().pause(Patience.LONG.waitAfter(failures + 1));
                }
            }
            finish();
        }

        private void finish() {
            try {
                for (int i = index; i < partial.chunks() && partial.end(i) <= end; i++) {
                    partial.done(i);
                }
            } catch (IOException e) {
                throw HubCache.local(partial.file(), e);
            }
        }

        private void copy(Response response) throws InterruptedException, IOException {
            switch (response.code()) {
                case 206 -> {
                    String range = "bytes " + at + "-" + (end - 1) + "/" + fetching.file.size();
                    if (!range.equals(response.header("Content-Range", ""))) {
                        throw new HubException(new HubError.NotAHub(response.request().url().host(), "asked for " + range + " it sent " + response.header("Content-Range")));
                    }
                    copyBody(response.body().byteStream());
                }
                case 200 -> {
                    // Ranges are ignored. All of it, if this is the beginning; what was asked for, if not.
                    if (at == 0) {
                        end = fetching.file.size();
                    }
                    InputStream body = response.body().byteStream();
                    body.skipNBytes(at);
                    copyBody(body);
                }
                case 401, 403 -> {
                    if (client.http().isOwn(response.request().url())) {
                        client.http().checked(response, fetching.repo);
                    }
                    fetching.refresh();
                }
                case 416 -> throw new HubException(new HubError.Truncated(fetching.repo, fetching.file.path(), fetching.file.size(), at));
                default -> client.http().checked(response, fetching.repo);
            }
        }

        private void copyBody(InputStream body) throws IOException, InterruptedException {
            byte[] buffer = new byte[BUFFER];
            while (at < end) {
                int n = body.read(buffer, 0, (int) Math.min(buffer.length, end - at));
                if (n < 0) {
                    return;
                }
                store(buffer, n);
            }
        }

        private void store(byte[] buffer, int n) throws InterruptedException {
            try {
                partial.write(at, ByteBuffer.wrap(buffer, 0, n));
            } catch (IOException e) {
                HubHttp.throwIfInterrupted();
                throw HubCache.local(partial.file(), e);
            }
            at += n;
            fetching.meter.moved(fetching.address, n);
        }
    }
}
