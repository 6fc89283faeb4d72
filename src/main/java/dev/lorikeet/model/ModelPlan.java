package dev.lorikeet.model;

import dev.lorikeet.store.BadFileException;
import dev.lorikeet.tensor.ElementType;
import dev.lorikeet.tensor.TensorDevice;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// What loading a folder will take, worked out from its small files before anything large is touched.
///
/// @param maxContext positions a slot will hold @param weightBytes of the weights in memory
public record ModelPlan(Path folder, ModelFamily family, DecoderConfig config, TensorDevice device, ElementType type, int maxContext, int maxBatch,
                        long weightBytes) {
    /// Where the user sets no limit, a context longer than this is not worth its memory by default.
    private static final int DEFAULT_CONTEXT = 8192;

    /// What the user asks for. @param dtype `auto` or a name of [ElementType] @param maxContext 0: as the model has it, up to 8192
    public record Options(TensorDevice device, String dtype, int maxContext, int maxBatch) {
        public Options {
            if (maxContext < 0) {
                throw new IllegalArgumentException("max-context is " + maxContext + "; it must not be negative");
            }
            if (maxBatch < 1) {
                throw new IllegalArgumentException("max-batch is " + maxBatch + "; it must be at least 1");
            }
        }
    }

    /// @throws BadFileException when the folder is plainly wrong: no config, unknown model_type, unsupported option, missing shard
    /// @throws IllegalArgumentException naming an option that does not fit this model
    public static ModelPlan of(Path folder, Options options) {
        if (!Files.isDirectory(folder)) {
            throw new BadFileException(folder, "there is no such folder");
        }
        var json = ConfigJson.read(folder.resolve("config.json"));
        var family = ModelFamilies.of(json);
        var config = family.config(json);
        var files = Checkpoint.files(folder);
        var stored = storedType(json);
        var type = type(options.dtype(), stored);
        long fileBytes = files.stream().mapToLong(ModelPlan::size).sum();
        return new ModelPlan(folder, family, config, options.device(), type, context(options, config), options.maxBatch(),
                fileBytes / stored.bytes() * type.bytes());
    }

    private static ElementType storedType(ConfigJson json) {
        String field = json.has("dtype") ? "dtype" : "torch_dtype";
        return json.optionalText(field).map(name -> ElementType.ofConfig(name)
                .orElseThrow(() -> json.bad(field, "is `" + name + "`, which is not supported (supported: float32, bfloat16, float16)")))
                .orElse(ElementType.FLOAT32);
    }

    private static ElementType type(String dtype, ElementType stored) {
        return dtype.equals("auto") ? stored : ElementType.ofConfig(dtype).orElseThrow(() -> new IllegalArgumentException(
                "dtype is `" + dtype + "`; it must be auto, float32, bfloat16 or float16"));
    }

    private static int context(Options options, DecoderConfig config) {
        int model = config.maxPositionEmbeddings();
        if (options.maxContext() > model) {
            throw new IllegalArgumentException("max-context is " + options.maxContext() + ", but this model was made for at most " + model);
        }
        return options.maxContext() > 0 ? options.maxContext() : Math.min(model, DEFAULT_CONTEXT);
    }

    private static long size(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new BadFileException(file, "cannot be read: " + e.getMessage(), e);
        }
    }

    /// Bytes of the KV cache once every position is filled.
    public long cacheBytes() {
        return config.cacheElementsPerToken() * type.bytes() * maxContext * maxBatch;
    }

    /// Bytes that must be free before loading starts.
    public long bytes() {
        return weightBytes + cacheBytes();
    }
}
