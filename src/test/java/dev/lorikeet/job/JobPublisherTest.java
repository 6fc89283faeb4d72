package dev.lorikeet.job;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.store.FileStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// When what was trained can be called again.
class JobPublisherTest {
    @TempDir
    Path data;

    private final List<String> called = new ArrayList<>();
    private boolean resident;
    private boolean broken;
    private Jobs jobs;
    private JobPublisher publisher;

    private final class Calling extends Untrained {
        @Override
        public BaseState state(String base) {
            return resident ? new BaseState.Resident() : new BaseState.Away();
        }

        @Override
        public void publish(FineTuningJob job, JobFolder folder, String name, String subfolder) {
            if (broken) {
                throw new IllegalStateException("the file is damaged");
            }
            called.add(name);
        }
    }

    @BeforeEach
    void finishedJob() throws Exception {
        var files = new FileStore(data.resolve("files"), Clock.systemUTC());
        String rows = files.add("train.jsonl", "fine-tune", "{}\n", Optional.empty()).id();
        var backend = new Calling();
        jobs = new Jobs(data.resolve("jobs"), files, backend, HubAccess.NONE, Clock.systemUTC());
        publisher = new JobPublisher(jobs, backend);
        resident = true;
        var job = jobs.create(new JobRequest("demo", rows, Optional.empty(), Optional.empty(), OptionalInt.empty(), Map.of(), JobMethod.SUPERVISED, Hyperparameters.AUTO,
                JobJson.object(), Optional.empty()));
        resident = false;
        jobs.update(job.id(), last -> last.with(new JobCheckpoint("ftckpt-1", 1, 2, "ft:demo::1:ckpt-step-2", "checkpoint-2", Map.of())));
    }

    @Test
    void aBaseIsBehindUntilWhatWasTrainedOnItIsThereAndAgainOnceItWasAway() {
        assertThat(publisher.isBehind("another")).isFalse();
        publisher.look();
        assertThat(publisher.isBehind("demo")).as("the base is not there").isTrue();
        resident = true;
        assertThat(publisher.isBehind("demo")).isTrue();
        publisher.look();
        assertThat(publisher.isBehind("demo")).isFalse();
        assertThat(called).containsExactly("ft:demo::1:ckpt-step-2");
        publisher.forget("demo");
        assertThat(publisher.isBehind("demo")).isTrue();
        publisher.look();
        assertThat(publisher.isBehind("demo")).isFalse();
        assertThat(called).hasSize(2);
    }

    @Test
    void whatCannotBePublishedHoldsNobodyUp() {
        broken = true;
        resident = true;
        publisher.look();
        assertThat(publisher.isBehind("demo")).isFalse();
        assertThat(called).isEmpty();
    }
}
