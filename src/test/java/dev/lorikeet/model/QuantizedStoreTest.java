package dev.lorikeet.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.tensor.TensorDevice;
import dev.lorikeet.tensor.Torch;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Codes on the disk: kept, found again, made anew where they are damaged or another's, and done without where they cannot be kept.
class QuantizedStoreTest {
    private static final FileTime LONG_AGO = FileTime.fromMillis(1_000_000);

    @TempDir
    Path cache;

    @ParameterizedTest
    @ValueSource(strings = {"nf4", "nf4-dq", "fp4", "int8", "llm-int8", "int4"})
    void secondLoadMapsWhatTheFirstHasKept(String scheme) throws IOException {
        float[] first = logits("phi3", scheme);
        Files.setLastModifiedTime(kept(), LONG_AGO);
        assertThat(logits("phi3", scheme)).containsExactly(first);
        assertThat(Files.getLastModifiedTime(kept())).isEqualTo(LONG_AGO);
    }

    @Test
    void damagedByteIsFoundAndTheFileMadeAnew() throws IOException {
        float[] first = logits("llama", "nf4");
        byte[] bytes = Files.readAllBytes(kept());
        bytes[bytes.length - 1] ^= 1;
        Files.write(kept(), bytes);
        assertThat(logits("llama", "nf4")).containsExactly(first);
        bytes[bytes.length - 1] ^= 1;
        assertThat(Files.readAllBytes(kept())).isEqualTo(bytes);
    }

    @Test
    void halfAFileIsMadeAnew() throws IOException {
        float[] first = logits("llama", "int8");
        byte[] bytes = Files.readAllBytes(kept());
        Files.write(kept(), Arrays.copyOf(bytes, bytes.length / 2));
        assertThat(logits("llama", "int8")).containsExactly(first);
        assertThat(Files.readAllBytes(kept())).isEqualTo(bytes);
    }

    @Test
    void anotherModelsFileUnderThisNameIsMadeAnew() throws IOException {
        float[] first = logits("llama", "int4");
        var own = kept();
        byte[] bytes = Files.readAllBytes(own);
        Files.delete(own);
        logits("mistral-swa", "int4");
        Files.move(kept(), own, StandardCopyOption.REPLACE_EXISTING);
        assertThat(logits("llama", "int4")).containsExactly(first);
        assertThat(Files.readAllBytes(own)).isEqualTo(bytes);
    }

    @Test
    void modelLoadsWhereNothingCanBeKept() throws IOException {
        float[] first = logits("llama", "nf4-dq");
        var blocked = Files.writeString(cache.resolve("file"), "not a folder");
        assertThat(logits(Fixtures.folder("llama"), "nf4-dq", blocked)).containsExactly(first);
    }

    /// What bitsandbytes has stored is read as it is. Tolerances as in [QuantizedModelTest].
    @ParameterizedTest
    @CsvSource({"phi3, phi3-nf4, nf4-dq-float32, nf4-dq, 1e-4", "llama, llama-8bit, llm-int8, llm-int8, 5e-3"})
    void checkpointsOfBitsAndBytesAreReadAsTheyAre(String family, String name, String scheme, String reference, float tolerance, @TempDir Path folder)
            throws IOException {
        var stored = Path.of("src/test/resources/quantization");
        Files.copy(stored.resolve(name).resolve("model.safetensors"), folder.resolve("model.safetensors"));
        Files.copy(stored.resolve(name).resolve("config.json"), folder.resolve("config.json"));
        Files.copy(Fixtures.folder(family).resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
        assertThat(plan(folder, "none", cache).quantization()).contains(Quantization.parse(scheme));
        assertThatThrownBy(() -> plan(folder, "int4", cache)).isInstanceOf(BadFileException.class).hasMessageContaining("is stored as " + scheme);
        int[] ids = Fixtures.ints(Fixtures.reference(family).get("cases").get(2).get("input_ids"));
        float[] expected = Fixtures.floats(Fixtures.json(stored.resolve("logits.json")).get(family).get(reference));
        assertThat(logits(folder, "none", cache, ids)).containsExactly(expected, within(tolerance));
        try (var kept = Files.list(cache)) {
            assertThat(kept).isEmpty();
        }
    }

    @Test
    void checkpointsOfOtherMethodsAreRefusedByName(@TempDir Path folder) throws IOException {
        for (String method : List.of("gptq", "awq", "fp8", "mxfp4", "compressed-tensors")) {
            copy(folder, config -> config.putObject("quantization_config").put("quant_method", method));
            assertThatThrownBy(() -> plan(folder, "none", cache)).isInstanceOf(BadFileException.class).hasMessageContaining("`quantization_config`")
                    .hasMessageContaining("`" + method + "`");
        }
    }

    private static void copy(Path folder, Consumer<ObjectNode> change) throws IOException {
        for (String name : List.of("model.safetensors", "tokenizer.json")) {
            Files.copy(Fixtures.folder("llama").resolve(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        var config = (ObjectNode) new ObjectMapper().readTree(Fixtures.folder("llama").resolve("config.json").toFile());
        change.accept(config);
        new ObjectMapper().writeValue(folder.resolve("config.json").toFile(), config);
    }

    private Path kept() throws IOException {
        try (var files = Files.list(cache)) {
            return files.filter(file -> file.toString().endsWith(".safetensors")).findFirst().orElseThrow();
        }
    }

    private float[] logits(String family, String scheme) {
        return logits(Fixtures.folder(family), scheme, cache);
    }

    private static ModelPlan plan(Path folder, String scheme, Path cache) {
        var quantization = scheme.equals("none") ? Optional.<Quantization>empty() : Optional.of(Quantization.parse(scheme));
        return ModelPlan.of(folder, new ModelPlan.Options(new TensorDevice.Cpu(), "float32", 64, 1).quantized(quantization).keptIn(cache));
    }

    private static float[] logits(Path folder, String scheme, Path cache) {
        return logits(folder, scheme, cache, 5, 9, 200);
    }

    private static float[] logits(Path folder, String scheme, Path cache, int... ids) {
        Torch.enterThread(false);
        try (var model = LoadedModel.load(plan(folder, scheme, cache), _ -> { });
                var logits = model.step(new StepBatch(List.of(), List.of(new StepBatch.Chunk(0, 0, ids, StepBatch.LogitRows.LAST))))) {
            return logits.row(0);
        }
    }
}
