package dev.lorikeet.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RopeTest {
    @TempDir
    Path folder;

    private Rope rope(String json) throws IOException {
        var file = folder.resolve("config.json");
        Files.writeString(file, json);
        return Rope.read(ConfigJson.read(file), 10_000);
    }

    @Test
    void oldAndNewFieldsMeanTheSame() throws IOException {
        assertThat(rope("{\"rope_theta\": 500.0, \"rope_scaling\": {\"type\": \"linear\", \"factor\": 4}}")).isEqualTo(new Rope.Linear(500, 1, 4));
        assertThat(rope("{\"rope_parameters\": {\"rope_theta\": 500.0, \"rope_type\": \"linear\", \"factor\": 4}}")).isEqualTo(new Rope.Linear(500, 1, 4));
        assertThat(rope("{\"rope_scaling\": null}")).isEqualTo(new Rope.Default(10_000, 1));
    }

    @Test
    void theOlderFieldIsNotOverlookedWhereBothStand() throws IOException {
        String both = "{\"rope_parameters\": {\"rope_theta\": 500.0, \"rope_type\": \"default\"}, \"rope_scaling\": {\"rope_type\": \"%s\", \"factor\": 4}}";
        assertThat(rope(both.formatted("linear"))).isEqualTo(new Rope.Linear(500, 1, 4));
        assertThatThrownBy(() -> rope(both.formatted("yarn"))).hasMessageContaining("`rope_scaling.rope_type` is `yarn`");
    }

    @Test
    void linearScalingDividesEveryFrequency() {
        float[] plain = new Rope.Default(10_000, 1).inverseFrequencies(16);
        float[] scaled = new Rope.Linear(10_000, 1, 4).inverseFrequencies(16);
        for (int i = 0; i < plain.length; i++) {
            assertThat(scaled[i]).isEqualTo(plain[i] / 4);
        }
    }
}
