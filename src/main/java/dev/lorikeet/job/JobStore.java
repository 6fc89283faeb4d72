package dev.lorikeet.job;

import dev.lorikeet.store.AtomicFile;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.store.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// All jobs on disk, a folder each. A job appears by a rename, with its rows copied, and its description is replaced by a rename.
final class JobStore {
    private static final String QUARANTINE = ".quarantine";

    private final Path root;

    /// What was found at the start. @param problems what had to be set aside, a sentence each
    record Found(List<FineTuningJob> jobs, List<String> problems) {}

    JobStore(Path root) {
        this.root = root;
    }

    JobFolder folder(String id) {
        return new JobFolder(root.resolve(id));
    }

    /// Reads every job, the oldest first. One that cannot be read is set aside under `.quarantine`.
    Found open() {
        var jobs = new ArrayList<FineTuningJob>();
        var problems = new ArrayList<String>();
        try {
            Files.createDirectories(root);
            AtomicFile.sweep(root);
            for (Path folder : Folders.children(root)) {
                if (!folder.getFileName().toString().startsWith(".")) {
                    read(folder, jobs, problems);
                }
            }
        } catch (IOException e) {
            throw new BadFileException(root, "cannot be used as the folder of jobs: " + e.getMessage(), e);
        }
        jobs.sort(Comparator.comparingLong(FineTuningJob::number));
        return new Found(jobs, problems);
    }

    private void read(Path folder, List<FineTuningJob> jobs, List<String> problems) throws IOException {
        try {
            jobs.add(new JobFolder(folder).read());
            AtomicFile.sweep(folder);
        } catch (BadFileException e) {
            problems.add(e.getMessage() + "; moved to " + Folders.setAside(folder, root.resolve(QUARANTINE)));
        }
    }

    /// Makes a job's folder with copies of its rows, so that deleting the files cannot break it.
    void create(FineTuningJob job, List<Copy> rows) throws IOException {
        AtomicFile.createFolder(root.resolve(job.id()), folder -> {
            for (var copy : rows) {
                Files.createDirectories(folder.resolve(copy.name()).getParent());
                Files.copy(copy.source(), folder.resolve(copy.name()));
            }
            new JobFolder(folder).write(job);
        });
    }

    /// A file to be copied into a job's folder.
    record Copy(Path source, String name) {}
}
