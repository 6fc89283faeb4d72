package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// Training that goes wrong for real, in a server that goes on: the operating system itself refuses memory and writes.
class TrainingMishapIT {
    private static final int ADDRESS_SPACE = 9;
    private static final int FILE_SIZE = 1;

    private static PackagedServer server;
    private static TrainingJobs jobs;

    @BeforeAll
    static void start() throws Exception {
        server = PackagedServer.start(PackagedServer.DEMO);
        jobs = new TrainingJobs(server);
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    /// What the server may have of a resource from now on, in bytes; -1: as much as before.
    private static void limit(int resource, long bytes) throws Throwable {
        var linker = Linker.nativeLinker();
        var prlimit = linker.downcallHandle(linker.defaultLookup().findOrThrow("prlimit"), FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT,
                ValueLayout.JAVA_INT, ValueLayout.ADDRESS, ValueLayout.ADDRESS));
        try (var arena = Arena.ofConfined()) {
            var limits = arena.allocate(ValueLayout.JAVA_LONG, 2);
            assertThat((int) prlimit.invokeExact((int) server.pid(), resource, MemorySegment.NULL, limits)).isZero();
            limits.setAtIndex(ValueLayout.JAVA_LONG, 0, bytes < 0 ? limits.getAtIndex(ValueLayout.JAVA_LONG, 1) : bytes);
            assertThat((int) prlimit.invokeExact((int) server.pid(), resource, limits, MemorySegment.NULL)).isZero();
        }
    }

    private static String create(String model, String file, String options) throws Exception {
        return jobs.create(model, file, "\"seed\": 1, \"lorikeet\": {" + options + "}");
    }

    private static void assertFailed(JsonNode job, String code, String message) {
        assertThat(job.get("status").textValue()).as(job.toString()).isEqualTo("failed");
        assertThat(job.at("/error/code").textValue()).as(job.toString()).isEqualTo(code);
        assertThat(job.at("/error/message").textValue()).matches(message);
    }

    @Test
    void aLossThatIsNoNumberEndsTheJobWithStepAndRows() throws Exception {
        String id = create("demo", jobs.upload(), "\"learning_rate\": 1e36, \"max_grad_norm\": 0, \"lora_alpha\": 1e6, \"r\": 2, \"max_steps\": 20, "
                + "\"lr_scheduler_type\": \"constant\"");
        assertFailed(jobs.ended(id), "loss_not_finite", "step \\d+: the (loss is|gradients are) (NaN|-?Infinity) \\(rows \\d+(, \\d+)*\\).*learning_rate.*");
        assertThat(server.chat("demo")).isNotNull();
    }

    @Test
    void aDiskThatTakesNoMoreEndsTheJobAndItsLastCheckpointAnswersAndCanBeTrainedOn() throws Throwable {
        String file = jobs.upload();
        String options = "\"r\": 16, \"target_modules\": \"all-linear\", \"save_steps\": 2, \"per_device_train_batch_size\": 1, \"max_steps\": ";
        String id = create("demo", file, options + 200);
        jobs.follow(id, "Checkpoint created at step 2");
        limit(FILE_SIZE, 256 << 10);
        JsonNode job;
        try {
            job = jobs.ended(id);
        } finally {
            limit(FILE_SIZE, -1);
        }
        assertFailed(job, "storage_error", "step \\d+: writing failed \\(.*\\); earlier checkpoints are kept: free some disk space.*");
        Path output = server.data().resolve("jobs").resolve(id).resolve("output");
        try (var files = Files.list(output)) {
            assertThat(files.map(path -> path.getFileName().toString())).allMatch(name -> name.matches("checkpoint-\\d+"));
        }
        String newest = server.get("/v1/fine_tuning/jobs/" + id + "/checkpoints").body().at("/data/0/fine_tuned_model_checkpoint").textValue();
        assertThat(server.chat(newest)).isNotNull();
        assertThat(jobs.ended(create(newest, file, options + 2)).get("status").textValue()).isEqualTo("succeeded");
    }

    @Test
    void memoryThatTheSystemRefusesEndsTheJobAndNotTheServer() throws Throwable {
        var rows = new StringBuilder();
        for (int i = 0; i < 300; i++) {
            rows.append("{\"text\": \"").append(i).append(" 안녕하세요".repeat(60)).append("\"}\n");
        }
        Path file = Files.writeString(server.data().resolve("long.jsonl"), rows);
        String id = jobs.upload(file);
        Files.delete(file);
        String before = server.chat("demo");
        limit(ADDRESS_SPACE, virtualBytes() + (256L << 20));
        JsonNode job;
        try {
            job = jobs.ended(create("demo", id, "\"r\": 2, \"per_device_train_batch_size\": 300, \"gradient_checkpointing\": false, \"max_steps\": 2"));
        } finally {
            limit(ADDRESS_SPACE, -1);
        }
        assertFailed(job, "out_of_memory", "step 1: out of memory while computing .*per_device_train_batch_size.*");
        assertThat(server.chat("demo")).isEqualTo(before);
        assertThat(jobs.ended(create("demo", id, "\"r\": 2, \"per_device_train_batch_size\": 1, \"max_steps\": 1")).get("status").textValue()).isEqualTo("succeeded");
    }

    private static long virtualBytes() throws Exception {
        return Long.parseLong(Files.readString(Path.of("/proc/" + server.pid() + "/statm")).split(" ")[0]) * 4096;
    }
}
