package dev.lorikeet.model;

import dev.lorikeet.store.BadFileException;
import dev.lorikeet.tensor.ElementType;
import dev.lorikeet.tensor.TensorDevice;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/// What loading a folder will take, worked out from its small files before anything large is touched.
///
/// @param maxContext positions a slot will hold @param weightBytes of the weights in memory
public record ModelPlan(Path folder, ModelFamily family, DecoderConfig config, TensorDevice device, ElementType type, int maxContext, int maxBatch,
                        long weightBytes, Optional<Quantization> quantization) {
    /// Where the user sets no limit, a context longer than this is not worth its memory by default.
    private static final int DEFAULT_CONTEXT = 8192;
    /// Below this a server is of no use: rather refuse to load, naming both numbers.
    private static final int SMALLEST_CONTEXT = 512;
    /// Of the memory that is free, the part that a default may plan with.
    private static final double USABLE = 0.8;
    /// DJL wraps at most this many bytes as one tensor.
    private static final long LARGEST_TENSOR = Integer.MAX_VALUE;

    /// What the user asks for. @param dtype `auto` or a name of [ElementType] @param maxContext 0: the model's, up to 8192 and to what
    /// fits in memory
    /// @param quantization of the matrices, if they shall take fewer bits than the checkpoint gives them
    public record Options(TensorDevice device, String dtype, int maxContext, int maxBatch, Optional<Quantization> quantization) {
        public Options(TensorDevice device, String dtype, int maxContext, int maxBatch) {
            this(device, dtype, maxContext, maxBatch, Optional.empty());
        }

        /// The same with matrices in fewer bits.
        public Options quantized(Quantization scheme) {
            return new Options(device, dtype, maxContext, maxBatch, Optional.of(scheme));
        }

        public Options {
            if (maxContext < 0) {
                throw new IllegalArgumentException("max-context is " + maxContext + "; it must not be negative");
            }
            if (maxBatch < 1) {
                throw new IllegalArgumentException("max-batch is " + maxBatch + "; it must be at least 1");
            }
        }
    }

    /// @throws BadFileException when the folder is plainly wrong: no config or tokenizer, unknown model_type, unsupported option, missing shard,
    /// a file whose header does not fit it
    /// @throws IllegalArgumentException naming an option that does not fit this model
    public static ModelPlan of(Path folder, Options options) {
        if (!Files.isDirectory(folder)) {
            throw new BadFileException(folder, "there is no such folder");
        }
        var json = ConfigJson.read(folder.resolve("config.json"));
        var family = ModelFamilies.of(json);
        var config = family.config(json);
        var files = Checkpoint.files(folder);
        requireTokenizer(folder.resolve("tokenizer.json"));
        files.forEach(ModelPlan::requireSoundHeader);
        var stored = storedType(json, files.getFirst());
        var type = type(options.dtype(), stored);
        long plainBytes = files.stream().mapToLong(ModelPlan::size).sum() / stored.bytes() * type.bytes();
        long weightBytes = options.quantization().map(scheme -> plainBytes - QuantizedSize.saved(scheme, config, type)).orElse(plainBytes);
        long bytesPerPosition = config.cacheElementsPerToken() * type.bytes() * options.maxBatch();
        var plan = new ModelPlan(folder, family, config, options.device(), type, context(options, config, weightBytes, bytesPerPosition),
                options.maxBatch(), weightBytes, options.quantization());
        plan.requireAddressable();
        return plan;
    }

    private static void requireTokenizer(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new BadFileException(file, "is missing: a model cannot be served without its tokenizer");
        }
    }

    private static void requireSoundHeader(Path file) {
        try (var arena = Arena.ofConfined()) {
            SafetensorsFile.open(file, arena);
        }
    }

    /// What `config.json` says, or where it is silent what the first file holds.
    private static ElementType storedType(ConfigJson json, Path file) {
        String field = json.has("dtype") ? "dtype" : "torch_dtype";
        return json.optionalText(field).map(name -> ElementType.ofConfig(name)
                .orElseThrow(() -> json.bad(field, "is `" + name + "`, which is not supported (supported: float32, bfloat16, float16)")))
                .orElseGet(() -> firstType(file));
    }

    private static ElementType firstType(Path file) {
        try (var arena = Arena.ofConfined()) {
            return SafetensorsFile.open(file, arena).tensors().values().stream().findFirst().map(SafetensorsFile.Entry::type)
                    .orElseThrow(() -> new BadFileException(file, "has no tensor of a supported type"));
        }
    }

    private static ElementType type(String dtype, ElementType stored) {
        return dtype.equals("auto") ? stored : ElementType.ofConfig(dtype).orElseThrow(() -> new IllegalArgumentException(
                "dtype is `" + dtype + "`; it must be auto, float32, bfloat16 or float16"));
    }

    /// The limit asked for, which holds for every model of the server and so may be above what this one was made for; or without one the
    /// model's own, cut to what fits beside the weights.
    private static int context(Options options, DecoderConfig config, long weightBytes, long bytesPerPosition) {
        int model = config.maxPositionEmbeddings();
        if (options.maxContext() > 0) {
            return Math.min(model, options.maxContext());
        }
        long room = (long) (options.device().availableBytes() * USABLE) - weightBytes;
        long fits = Math.min(room / bytesPerPosition, LARGEST_TENSOR / layerBytes(config, bytesPerPosition));
        return (int) Math.min(Math.min(model, DEFAULT_CONTEXT), Math.max(SMALLEST_CONTEXT, fits));
    }

    /// Bytes of one position in the keys of one layer, all slots together.
    private static long layerBytes(DecoderConfig config, long bytesPerPosition) {
        return Math.max(1, bytesPerPosition / (2L * config.numHiddenLayers()));
    }

    private void requireAddressable() {
        long bytes = cacheBytes() / (2L * config.numHiddenLayers());
        if (bytes > LARGEST_TENSOR) {
            throw new IllegalArgumentException("max-context " + maxContext + " times max-batch " + maxBatch + " makes the keys of one layer " + bytes
                    + " bytes; at most " + LARGEST_TENSOR + " are possible: lower one of them");
        }
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
