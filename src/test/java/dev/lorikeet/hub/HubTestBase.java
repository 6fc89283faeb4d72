package dev.lorikeet.hub;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import okio.Buffer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/// A hub, a cache, and no waiting.
class HubTestBase {
    static final long CHUNK = 64 << 10;

    @TempDir
    Path cache;
    FakeHub hub;
    final List<Duration> pauses = new CopyOnWriteArrayList<>();

    @BeforeEach
    void openHub() throws IOException {
        hub = new FakeHub();
    }

    @AfterEach
    void closeHub() {
        hub.close();
    }

    HubFolders folders() {
        return folders(hub.settings(cache, Optional.of(FakeHub.OWNER)));
    }

    HubFolders anonymous() {
        return folders(hub.settings(cache, Optional.empty()));
    }

    HubFolders folders(HubSettings settings) {
        return folders(settings, _ -> Long.MAX_VALUE);
    }

    HubFolders folders(HubSettings settings, SnapshotDownload.FreeBytes free) {
        return new HubFolders(new HubClient(settings, pauses::add), new HubFolders.Fetching(CHUNK, 4, free, System::nanoTime));
    }

    HubFolders offline() {
        var online = hub.settings(cache, Optional.empty());
        return folders(new HubSettings(online.endpoint(), Optional.empty(), cache, true, online.etagTimeout(), online.downloadTimeout()));
    }

    /// Names and contents of a folder, links followed.
    static TreeMap<String, byte[]> contents(Path folder) throws IOException {
        var files = new TreeMap<String, byte[]>();
        try (Stream<Path> paths = Files.walk(folder)) {
            for (var path : paths.filter(Files::isRegularFile).toList()) {
                files.put(folder.relativize(path).toString(), Files.readAllBytes(path));
            }
        }
        return files;
    }

    /// Names of all blobs, and of what is on the way to be one.
    List<String> blobs(String folder) throws IOException {
        Path blobs = cache.resolve(folder).resolve("blobs");
        if (!Files.isDirectory(blobs)) {
            return List.of();
        }
        try (Stream<Path> paths = Files.list(blobs)) {
            return paths.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    static HubError error(ThrowingCallable call) {
        return catchThrowableOfType(HubException.class, call).error();
    }

    /// The response with its body cut after so many bytes, and the connection closed there.
    static MockResponse cut(MockResponse response, int bytes) {
        var whole = new Buffer();
        try {
            response.getBody().writeTo(whole);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        long length = whole.size();
        var begun = new Buffer();
        begun.write(whole, Math.min(bytes, length));
        return response.newBuilder().body(begun).setHeader("Content-Length", length).onResponseEnd(new SocketEffect.CloseSocket()).build();
    }
}
