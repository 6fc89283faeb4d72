package dev.lorikeet.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.tensor.Torch;
import dev.lorikeet.tensor.TensorDevice;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.StreamSupport;

/// The reference checkpoints under `src/test/resources/fixtures`.
public final class Fixtures {
    private static final Path ROOT = Path.of("src/test/resources/fixtures");

    private Fixtures() {}

    public static List<String> families() {
        return List.of("llama", "llama3-rope", "mistral-swa", "gemma", "gemma2", "gemma3", "qwen2", "qwen3", "phi3");
    }

    public static Path folder(String family) {
        return ROOT.resolve(family);
    }

    public static LoadedModel load(String family, String dtype) {
        return load(folder(family), dtype, 4);
    }

    public static LoadedModel load(String family, String dtype, Quantization scheme) {
        Torch.enterThread(false);
        return LoadedModel.load(ModelPlan.of(folder(family), new ModelPlan.Options(new TensorDevice.Cpu(), dtype, 0, 4).quantized(Optional.of(scheme))), _ -> {});
    }

    public static LoadedModel load(Path folder, String dtype, int maxBatch) {
        return load(folder, dtype, maxBatch, 0);
    }

    /// @param maxContext 0: the model's own
    public static LoadedModel load(Path folder, String dtype, int maxBatch, int maxContext) {
        Torch.enterThread(false);
        var plan = ModelPlan.of(folder, new ModelPlan.Options(new TensorDevice.Cpu(), dtype, maxContext, maxBatch));
        return LoadedModel.load(plan, _ -> {});
    }

    /// `reference.json` of a family.
    public static JsonNode reference(String family) {
        return json(folder(family).resolve("reference.json"));
    }

    public static JsonNode json(Path file) {
        try {
            return new ObjectMapper().readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::intValue).toArray();
    }

    public static float[] floats(JsonNode array) {
        var values = new float[array.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = array.get(i).floatValue();
        }
        return values;
    }
}
