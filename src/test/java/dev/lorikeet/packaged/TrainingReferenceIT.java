package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.model.Fixtures;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Jobs over HTTP against what `peft` and `transformers` compute from the same messages (`training-api.json`): every family, float32, from
/// the adapter `lora/start`.
class TrainingReferenceIT {
    private PackagedServer server;

    @TempDir
    Path folder;

    static List<String> families() {
        return Fixtures.families();
    }

    @AfterEach
    void stop() throws Exception {
        server.close();
    }

    @ParameterizedTest
    @MethodSource("families")
    void theLossesOfAJobAreThoseOfPeft(String family) throws Exception {
        var reference = Fixtures.json(Fixtures.folder(family).resolve("lora/training-api.json"));
        var start = Fixtures.folder(family).resolve("lora/start").toAbsolutePath();
        server = PackagedServer.start(Fixtures.folder(family), "--dtype", "float32", "--adapter", "start=" + start);
        var jobs = new TrainingJobs(server);
        String job = create(jobs, reference);
        var losses = new ArrayList<Double>();
        var norms = new ArrayList<Double>();
        jobs.events(job).stream().map(event -> event.path("data")).filter(data -> data.has("train_loss")).forEach(data -> {
            losses.add(data.get("train_loss").doubleValue());
            norms.add(data.get("grad_norm").doubleValue());
        });
        var ended = jobs.get(job);
        assertThat(ended.get("status").textValue()).as(ended.toString()).isEqualTo("succeeded");
        assertThat(ended.get("trained_tokens").longValue()).isEqualTo(8 * reference.get("learned_tokens").longValue());
        assertThat(losses).hasSameSizeAs(reference.get("losses"));
        for (int step = 0; step < losses.size(); step++) {
            assertThat(losses.get(step)).as("%s: loss of step %d", family, step + 1).isCloseTo(reference.get("losses").get(step).doubleValue(), within(1e-4));
            assertThat(norms.get(step)).as("%s: gradient norm of step %d", family, step + 1)
                    .isCloseTo(reference.get("grad_norms_before_clip").get(step).doubleValue(), within(1e-3));
        }
    }

    private String create(TrainingJobs jobs, JsonNode reference) throws Exception {
        var rows = new ArrayList<String>();
        reference.get("rows").forEach(row -> rows.add(row.toString()));
        var file = Files.write(folder.resolve("rows.jsonl"), rows);
        return jobs.create("start", jobs.upload(file), "\"lorikeet\": " + reference.get("recipe"));
    }
}
