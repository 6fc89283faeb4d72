package dev.lorikeet.job;

import dev.lorikeet.store.AtomicFile;
import dev.lorikeet.store.BadFileException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where the files of one job lie: `job.json`, `events.jsonl`, the copies of its rows, and `output/`, which the trainer fills.
public record JobFolder(Path path) {
    /// The job itself.
    Path description() {
        return path.resolve("job.json");
    }

    /// Held while the job changes.
    Path lock() {
        return path.resolve(".job.lock");
    }

    Path eventFile() {
        return path.resolve("events.jsonl");
    }

    /// The adapter in PEFT's layout, with a folder for each checkpoint.
    public Path output() {
        return path.resolve("output");
    }

    /// The copy of the adapter from which training goes on.
    public Path startAdapter() {
        return path.resolve("start");
    }

    /// The copy of a file of rows, whose end says its kind.
    public Path data(JobSpec.Data data) {
        return path.resolve(data.name());
    }

    void write(FineTuningJob job) throws IOException {
        AtomicFile.write(description(), JobJson.text(job));
    }

    FineTuningJob read() {
        FineTuningJob job = parse();
        if (!job.id().equals(path.getFileName().toString())) {
            throw new BadFileException(description(), "has the id `" + job.id() + "`, which is not the name of the folder");
        }
        require(data(job.spec().trainingFile()), job);
        job.spec().validationFile().ifPresent(data -> require(data(data), job));
        return job;
    }

    private static void require(Path file, FineTuningJob job) {
        if (!job.status().isFinal() && !Files.isRegularFile(file)) {
            throw new BadFileException(file, "is missing, and the job is not over");
        }
    }

    private FineTuningJob parse() {
        try {
            return JobJson.MAPPER.readValue(description().toFile(), FineTuningJob.class);
        } catch (IOException | IllegalArgumentException | NullPointerException e) {
            throw new BadFileException(description(), "is not the description of a job: " + e.getMessage(), e);
        }
    }
}
