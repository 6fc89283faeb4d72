package dev.lorikeet.job;

import dev.lorikeet.store.AtomicFile;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.store.Claims;
import dev.lorikeet.store.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/// All jobs on disk, a folder each. A job appears by a rename, with its rows copied, and its description is replaced by a rename.
final class JobStore {
    private static final Logger LOG = Logger.getLogger(JobStore.class);
    private static final String QUARANTINE = ".quarantine";

    private static final Pattern ID = Pattern.compile(FineTuningJob.PREFIX + "[0-9A-Za-z]+");

    private final Path root;
    private final Claims claims = Claims.ofThisProcess();
    private final Instant abandoned;

    /// How a job's file is told from a later one: each is written anew and renamed. @param file what the file system calls it
    record Stamp(long size, FileTime modified, Object file) {
        /// There is no such file.
        static final Stamp NONE = new Stamp(0, FileTime.fromMillis(0), "");
    }

    /// What was found at the start. @param problems what had to be set aside, a sentence each
    record Found(List<FineTuningJob> jobs, List<String> problems) {}

    /// @param abandoned what is half-written and was not touched since then is removed
    JobStore(Path root, Instant abandoned) {
        this.root = root;
        this.abandoned = abandoned;
    }

    /// The right to work on a job, unless another process has it.
    Optional<Claims.Claim> claim(String id) {
        try {
            return claims.claim(folder(id).path());
        } catch (IOException e) {
            LOG.errorf("job %s cannot be claimed: %s", id, e.getMessage());
            return Optional.empty();
        }
    }

    /// The jobs that are there now.
    List<String> ids() {
        try {
            return Folders.children(root).stream().map(folder -> folder.getFileName().toString()).filter(ID.asMatchPredicate()).toList();
        } catch (IOException e) {
            LOG.errorf("the folder of jobs cannot be read: %s", e.getMessage());
            return List.of();
        }
    }

    Stamp stamp(String id) {
        try {
            var attributes = Files.readAttributes(folder(id).description(), BasicFileAttributes.class);
            return new Stamp(attributes.size(), attributes.lastModifiedTime(), Optional.ofNullable(attributes.fileKey()).orElse(""));
        } catch (IOException _) {
            return Stamp.NONE;
        }
    }

    /// @throws JobException.NotFound no job has such an id
    JobFolder folder(String id) {
        if (!ID.matcher(id).matches()) {
            throw new JobException.NotFound(id);
        }
        return new JobFolder(root.resolve(id));
    }

    /// Reads every job. One that cannot be read is set aside under `.quarantine`.
    Found open() {
        var jobs = new ArrayList<FineTuningJob>();
        var problems = new ArrayList<String>();
        try {
            Files.createDirectories(root);
            AtomicFile.sweepOlder(root, abandoned);
            for (Path folder : Folders.children(root)) {
                if (!folder.getFileName().toString().startsWith(".")) {
                    read(folder, jobs, problems);
                }
            }
        } catch (IOException e) {
            throw new BadFileException(root, "cannot be used as the folder of jobs: " + e.getMessage(), e);
        }
        return new Found(jobs, problems);
    }

    private void read(Path folder, List<FineTuningJob> jobs, List<String> problems) throws IOException {
        try {
            jobs.add(new JobFolder(folder).read());
            AtomicFile.sweepOlder(folder, abandoned);
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
