package dev.lorikeet.job;

import dev.lorikeet.store.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Sends what a job has made to the hub: the adapter with its papers and curves, not the checkpoints.
final class JobPush {
    private static final String CURVES = "runs";

    private final HubAccess hub;

    JobPush(HubAccess hub) {
        this.hub = hub;
    }

    /// Blocks. @return the page of the commit
    String push(JobFolder folder, HubAccess.Target target, String base) throws IOException, InterruptedException {
        Path parcel = folder.path().resolve("push");
        AtomicFile.deleteTree(parcel);
        try {
            copy(folder.output(), parcel, false);
            return hub.push(parcel, target, base);
        } finally {
            AtomicFile.deleteTree(parcel);
        }
    }

    private static void copy(Path from, Path to, boolean deep) throws IOException {
        Files.createDirectories(to);
        List<Path> children;
        try (Stream<Path> all = Files.list(from)) {
            children = all.toList();
        }
        for (Path child : children) {
            Path copy = to.resolve(child.getFileName().toString());
            if (Files.isRegularFile(child)) {
                Files.copy(child, copy);
            } else if (Files.isDirectory(child) && (deep || child.getFileName().toString().equals(CURVES))) {
                copy(child, copy, true);
            }
        }
    }
}
