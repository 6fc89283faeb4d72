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
            pack(folder.output(), parcel);
            return hub.push(parcel, target, base);
        } finally {
            AtomicFile.deleteTree(parcel);
        }
    }

    /// Takes the files of the folder itself and those of the curves.
    private static void pack(Path output, Path parcel) throws IOException {
        List<Path> files;
        try (Stream<Path> all = Files.walk(output)) {
            files = all.filter(Files::isRegularFile).map(output::relativize).filter(file -> file.getNameCount() == 1 || file.startsWith(CURVES)).toList();
        }
        for (Path file : files) {
            Path copy = parcel.resolve(file);
            Files.createDirectories(copy.getParent());
            Files.copy(output.resolve(file), copy);
        }
    }
}
