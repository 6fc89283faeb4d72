package dev.lorikeet.hub;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import okhttp3.MediaType;
import okhttp3.RequestBody;
import okio.BufferedSink;
import okio.Okio;

/// A file on its way up: where its bytes are, and under which path they go.
sealed interface LocalFile {
    String path();

    long size();

    InputStream open() throws IOException;

    /// A file on disk.
    record OnDisk(String path, Path file, long size) implements LocalFile {
        @Override
        public InputStream open() throws IOException {
            return Files.newInputStream(file);
        }
    }

    /// A text that was written for the occasion.
    record Text(String path, String text) implements LocalFile {
        @Override
        public long size() {
            return text.getBytes(StandardCharsets.UTF_8).length;
        }

        @Override
        public InputStream open() {
            return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
        }
    }

    /// The files of a folder, by path. Hidden ones stay, links too, and pickles: nobody should have to trust them.
    static List<LocalFile> of(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new HubException(new HubError.LocalFile(folder, "is no folder"));
        }
        try (Stream<Path> paths = Files.walk(folder)) {
            var files = new ArrayList<LocalFile>();
            for (Path file : paths.filter(file -> Files.isRegularFile(file, java.nio.file.LinkOption.NOFOLLOW_LINKS)).toList()) {
                String path = folder.relativize(file).toString().replace('\\', '/');
                if (!isHidden(path) && !path.toLowerCase(Locale.ROOT).matches(".*\\.(bin|pt|pth|ckpt|pkl|pickle)") && RemoteFile.isSafe(path)) {
                    files.add(new OnDisk(path, file, Files.size(file)));
                }
            }
            files.sort(Comparator.comparing(LocalFile::path));
            if (files.isEmpty()) {
                throw new HubException(new HubError.LocalFile(folder, "holds nothing to upload"));
            }
            return files;
        } catch (IOException e) {
            throw HubCache.local(folder, e);
        }
    }

    private static boolean isHidden(String path) {
        return path.startsWith(".") || path.contains("/.");
    }

    /// The first bytes, by which the hub tells text from the rest.
    default String sample() throws IOException {
        try (InputStream in = open()) {
            return Base64.getEncoder().encodeToString(in.readNBytes(512));
        }
    }

    default String text() throws IOException {
        try (InputStream in = open()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    default String base64() throws IOException {
        try (InputStream in = open()) {
            return Base64.getEncoder().encodeToString(in.readAllBytes());
        }
    }

    default String sha256() throws IOException {
        try (InputStream in = open()) {
            return ContentHash.sha256(in);
        }
    }

    /// As git names it.
    default String blobId() throws IOException {
        try (InputStream in = open()) {
            return ContentHash.gitBlob(size(), in);
        }
    }

    /// A part of it as the body of a request that can be sent again. @param sent told how many bytes have gone, less those that have to go again
    default RequestBody body(long from, long to, java.util.function.LongConsumer sent) {
        return new RequestBody() {
            private long counted;

            @Override
            public MediaType contentType() {
                return null;
            }

            @Override
            public long contentLength() {
                return to - from;
            }

            @Override
            public void writeTo(BufferedSink sink) throws IOException {
                // Sent again after a failure, it does not count twice.
                sent.accept(-counted);
                counted = 0;
                try (InputStream in = open()) {
                    in.skipNBytes(from);
                    try (var source = Okio.source(in)) {
                        for (long left = to - from; left > 0;) {
                            long n = Math.min(left, 1 << 17);
                            sink.write(source, n);
                            sent.accept(n);
                            counted += n;
                            left -= n;
                        }
                    }
                }
            }
        };
    }
}
