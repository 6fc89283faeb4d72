package dev.lorikeet.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.store.FileStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a new process makes of the files that a killed one has left.
class JobRecoveryTest {
    @TempDir
    Path data;

    private FileStore files;
    private String rows;

    @BeforeEach
    void upload() throws IOException {
        files = new FileStore(data.resolve("files"), Clock.systemUTC());
        rows = files.add("train.jsonl", "fine-tune", "{}\n", Optional.of("alice")).id();
    }

    private Jobs open() {
        return new Jobs(data.resolve("jobs"), files, new Untrained(), HubAccess.NONE, Clock.systemUTC());
    }

    private FineTuningJob create(Jobs jobs) {
        return jobs.create(new JobRequest("demo", rows, Optional.of(rows), Optional.of("가"), OptionalInt.of(3), Map.of("a", "b"), JobMethod.SUPERVISED, Hyperparameters.AUTO,
                JobJson.object().put("r", 4), Optional.of("alice")));
    }

    private Path folder(FineTuningJob job) {
        return data.resolve("jobs").resolve(job.id());
    }

    @Test
    void aJobIsReadAsItWasWritten() {
        var job = create(open());
        assertThat(open().get(job.id())).isEqualTo(job);
    }

    @Test
    void aJobThatWasRunningIsQueuedAndOnesThatWereOverStayOver() {
        var jobs = open();
        var running = jobs.update(create(jobs).id(), job -> job.with(JobStatus.RUNNING));
        var paused = jobs.update(create(jobs).id(), job -> job.with(JobStatus.PAUSED));
        var failed = jobs.update(create(jobs).id(), job -> job.failed(5, new JobError("x", "y", Optional.empty())));
        var again = open();
        assertThat(again.get(running.id()).status()).isEqualTo(JobStatus.QUEUED);
        assertThat(again.get(paused.id())).isEqualTo(paused);
        assertThat(again.get(failed.id())).isEqualTo(failed);
        assertThat(again.list()).extracting(FineTuningJob::id).containsExactly(failed.id(), paused.id(), running.id());
        assertThat(create(again).number()).isGreaterThan(failed.number());
    }

    @Test
    void aCheckpointThatWasWrittenButNotListedIsListedWhenTheJobGoesOn() throws IOException {
        var jobs = open();
        jobs.update(create(jobs).id(), last -> last.with(JobStatus.QUEUED));
        var job = jobs.next(JobStatus.QUEUED).orElseThrow();
        var run = new JobRun(jobs, files, new Untrained(), job, new ProgressGauge(), () -> false);
        Files.createDirectories(folder(job).resolve("output/checkpoint-2"));
        Files.createDirectories(folder(job).resolve("output/checkpoint-3"));
        run.started(4, 0);
        for (int step = 1; step <= 3; step++) {
            run.step(new RunMonitor.Step(step, 4, 1, 4.5 - step, Map.of("train_mean_token_accuracy", 0.5), 0.1, 1, 10, 5));
        }
        run.checkpoint(2, folder(job).resolve("output/checkpoint-2"));
        var again = new JobRun(jobs, files, new Untrained(), job, new ProgressGauge(), () -> false);
        again.started(4, 3);
        again.started(4, 3);
        assertThat(jobs.get(job.id()).checkpoints()).extracting(JobCheckpoint::step).containsExactly(2, 3);
        assertThat(jobs.get(job.id()).checkpoints().getLast().metrics()).isEqualTo(Map.of("train_loss", 1.5, "train_mean_token_accuracy", 0.5));
    }

    @Test
    void deletingTheUploadedFileDoesNotBreakTheJob() {
        var job = create(open());
        files.delete(rows);
        assertThat(folder(job).resolve("training.jsonl")).hasContent("{}\n");
        assertThat(open().get(job.id())).isEqualTo(job);
    }

    @Test
    void aJobThatCannotBeReadIsSetAsideAndReportedAndTheOthersAreThere() throws IOException {
        var jobs = open();
        var garbled = create(jobs);
        var incomplete = create(jobs);
        var rowless = create(jobs);
        var good = create(jobs);
        Files.writeString(folder(garbled).resolve("job.json"), "{\"id\": ");
        Files.writeString(folder(incomplete).resolve("job.json"), "{\"id\": \"" + incomplete.id() + "\"}");
        Files.delete(folder(rowless).resolve("training.jsonl"));
        Files.createDirectories(data.resolve("jobs/.ftjob-half.partial-1"));
        var again = open();
        assertThat(again.list()).containsExactly(good);
        assertThat(again.problems()).hasSize(3).anyMatch(problem -> problem.contains(garbled.id())).anyMatch(problem -> problem.contains("training.jsonl"));
        assertThat(data.resolve("jobs/.quarantine").resolve(garbled.id())).isDirectory();
        assertThat(data.resolve("jobs/.ftjob-half.partial-1")).doesNotExist();
    }

    @Test
    void anEventThatAKillHasCutOffIsDroppedAndTheOthersKeepTheirIds() throws IOException {
        var jobs = open();
        var job = create(jobs);
        var before = jobs.events(job.id()).read(0, 2);
        Files.writeString(folder(job).resolve("events.jsonl"), "{\"id\": \"ftev", StandardOpenOption.APPEND);
        var again = open();
        assertThat(again.events(job.id()).size()).isEqualTo(2);
        again.tell(job.id(), JobEvent.Level.INFO, "next");
        assertThat(again.events(job.id()).read(0, 3)).startsWith(before.toArray(JobEvent[]::new)).extracting(JobEvent::message).endsWith("next");
        assertThat(again.events(job.id()).find(before.getLast().id())).hasValue(1);
    }

    @Test
    void aLineThatIsNoEventIsPassedOver() throws IOException {
        var jobs = open();
        var job = create(jobs);
        Files.writeString(folder(job).resolve("events.jsonl"), "\u0000\u0000\n", StandardOpenOption.APPEND);
        var again = open();
        again.tell(job.id(), JobEvent.Level.INFO, "next");
        assertThat(again.events(job.id()).read(0, 3)).extracting(JobEvent::message).hasSize(3).endsWith("next");
    }
}
