package dev.lorikeet.adapter;

import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.SafetensorsFile;
import dev.lorikeet.model.WeightSites;
import dev.lorikeet.tensor.ElementType;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.TensorMath;
import dev.lorikeet.tensor.TensorOwner;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Reads an adapter folder in PEFT's layout for one base model: checks every tensor against it, and brings the matrices into the form
/// in which they are multiplied. Arithmetic: PEFT's `lora/layer.py` and `lora/dora.py`; DoRA by Liu et al., 2024.
public final class AdapterReader {
    private final LoadedModel base;
    private final PeftConfig config;
    private final Path folder;
    private final TensorOwner owner;
    private final TensorMath math;
    private final ElementType type;
    private final Map<Integer, Adapter.Part> parts = new HashMap<>();
    private final Map<Integer, Tensor> replacements = new HashMap<>();
    private Optional<Adapter.TokenRows> tokenRows = Optional.empty();
    private int rank;

    private AdapterReader(LoadedModel base, PeftConfig config, Path folder, TensorOwner owner, TensorOwner scratch) {
        this.base = base;
        this.config = config;
        this.folder = folder;
        this.owner = owner;
        this.math = new TensorMath(base.script(), owner, scratch);
        this.type = base.plan().type();
    }

    /// @throws AdapterRefusal naming what does not fit; nothing of the adapter is left in memory then
    public static Adapter read(Path folder, LoadedModel base) {
        var config = PeftConfig.read(folder);
        var file = folder.resolve("adapter_model.safetensors");
        if (!Files.isRegularFile(file)) {
            throw new AdapterRefusal(folder + (Files.exists(folder.resolve("adapter_model.bin"))
                    ? ": the weights are a pickle (adapter_model.bin), which can run code when it is read and is never loaded here; save the adapter as safetensors"
                    : ": adapter_model.safetensors is missing"));
        }
        var owner = TensorOwner.open(base.plan().device());
        try (var arena = Arena.ofConfined(); var scratch = TensorOwner.open(base.plan().device())) {
            var reader = new AdapterReader(base, config, folder, owner, scratch);
            AdapterTensors.of(folder, base, config, SafetensorsFile.open(file, arena)).forEach(reader::readModule);
            return new Adapter(owner, reader.parts, reader.replacements, reader.tokenRows, reader.rank, reader.math.bytes());
        } catch (RuntimeException | Error e) {
            owner.close();
            throw e;
        }
    }

    private void readModule(String module, Map<AdapterKey.Part, SafetensorsFile.Entry> tensors) {
        for (var site : base.sites().of(module)) {
            if (site.isEmbedding()) {
                readEmbedding(module, tensors);
            } else {
                readWeight(module, site, tensors);
            }
        }
    }

    private void readEmbedding(String module, Map<AdapterKey.Part, SafetensorsFile.Entry> tensors) {
        int site = base.sites().of(module).getFirst().index();
        long[] shape = base.shape(site);
        whole(tensors).ifPresent(entry -> replace(site, entry, entry.bytes(), shape));
        var a = tensors.get(AdapterKey.Part.EMBEDDING_A);
        if (a != null) {
            if (config.dora()) {
                throw refusal("module `" + module + "`: DoRA on embeddings is not supported");
            }
            var b = tensors.get(AdapterKey.Part.EMBEDDING_B);
            int r = rankOf(module);
            var columns = math.transposed(math.float32(a.bytes(), a.type(), a.shape()), 1, type);
            var rows = math.transposed(math.float32(b.bytes(), b.type(), b.shape()), config.scaleOf(module), type);
            parts.put(site, new Adapter.Part(Optional.of(new Adapter.LowRank(columns, rows, r)), Optional.empty(), Optional.empty()));
        }
        var rows = tensors.get(AdapterKey.Part.TOKEN_ROWS);
        if (rows != null) {
            readTokenRows(rows, shape);
        }
    }

    private void readTokenRows(SafetensorsFile.Entry rows, long[] embedding) {
        var ids = config.tokenIndices();
        if (ids.stream().anyMatch(id -> id >= embedding[0])) {
            throw refusal("`trainable_token_indices` names a token beyond the vocabulary of " + embedding[0]);
        }
        var idTensor = owner.ofLongs(ids.stream().mapToLong(Integer::longValue).toArray());
        tokenRows = Optional.of(new Adapter.TokenRows(idTensor, math.copied(rows.bytes(), rows.type(), type, rows.shape())));
    }

    /// A whole matrix that the file brings: of `modules_to_save`, or the base's own that PEFT stores beside an embedding's LoRA.
    private static Optional<SafetensorsFile.Entry> whole(Map<AdapterKey.Part, SafetensorsFile.Entry> tensors) {
        return Optional.ofNullable(tensors.getOrDefault(AdapterKey.Part.WEIGHT, tensors.get(AdapterKey.Part.BASE_WEIGHT)));
    }

    private void readWeight(String module, WeightSites.Site site, Map<AdapterKey.Part, SafetensorsFile.Entry> tensors) {
        long[] shape = base.shape(site.index());
        whole(tensors).ifPresent(entry -> {
            long rowBytes = entry.bytes().byteSize() / entry.shape()[0];
            replace(site.index(), entry, entry.bytes().asSlice(site.fromRow() * rowBytes, shape[0] * rowBytes), shape);
        });
        var a = tensors.get(AdapterKey.Part.LORA_A);
        var bias = bias(module, site, shape, tensors);
        if (a == null) {
            bias.ifPresent(delta -> parts.put(site.index(), new Adapter.Part(Optional.empty(), Optional.empty(), bias)));
            return;
        }
        var b = tensors.get(AdapterKey.Part.LORA_B);
        int r = rankOf(module);
        var rows = b.bytes().asSlice(site.fromRow() * r * b.type().bytes(), shape[0] * r * b.type().bytes());
        var matrixB = math.float32(rows, b.type(), shape[0], r);
        var matrixA = math.float32(a.bytes(), a.type(), a.shape());
        var factor = dora(module, site, shape[0], tensors, matrixA, matrixB);
        float[] scaled = factor.map(float[]::clone).orElseGet(() -> ones(shape[0]));
        for (int i = 0; i < scaled.length; i++) {
            scaled[i] *= (float) config.scaleOf(module);
        }
        var lowRank = new Adapter.LowRank(math.copied(a.bytes(), a.type(), type, a.shape()), math.transposed(matrixB, scaled, type), r);
        parts.put(site.index(), new Adapter.Part(Optional.of(lowRank), factor.map(f -> math.row(minusOne(f), type)), bias));
    }

    /// m / n for each output row, or empty without DoRA.
    private Optional<float[]> dora(String module, WeightSites.Site site, long rows, Map<AdapterKey.Part, SafetensorsFile.Entry> tensors, Tensor a,
                                   Tensor b) {
        var magnitude = tensors.get(AdapterKey.Part.MAGNITUDE);
        if (magnitude == null) {
            return Optional.empty();
        }
        float[] m = floats(magnitude, site, rows);
        float[] n = math.doraNorm(base.weight(site.index(), math.scratch()), a, b, config.scaleOf(module));
        var factor = new float[m.length];
        for (int i = 0; i < factor.length; i++) {
            factor[i] = m[i] / n[i];
        }
        return Optional.of(factor);
    }

    private static float[] ones(long length) {
        var ones = new float[(int) length];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static float[] minusOne(float[] factor) {
        float[] result = factor.clone();
        for (int i = 0; i < result.length; i++) {
            result[i] -= 1;
        }
        return result;
    }

    /// What is added to the base's bias: B's own bias, scaled, and the difference to a bias that replaces the base's.
    private Optional<Tensor> bias(String module, WeightSites.Site site, long[] shape, Map<AdapterKey.Part, SafetensorsFile.Entry> tensors) {
        var ofB = tensors.get(AdapterKey.Part.LORA_B_BIAS);
        var whole = tensors.getOrDefault(AdapterKey.Part.BASE_BIAS, tensors.get(AdapterKey.Part.BIAS));
        if (ofB == null && whole == null) {
            return Optional.empty();
        }
        var sum = new float[(int) shape[0]];
        if (ofB != null) {
            float[] values = floats(ofB, site, shape[0]);
            for (int i = 0; i < sum.length; i++) {
                sum[i] += (float) (config.scaleOf(module) * values[i]);
            }
        }
        if (whole != null) {
            float[] values = floats(whole, site, shape[0]);
            float[] old = math.floats(base.weight(site.bias(), math.scratch()));
            for (int i = 0; i < sum.length; i++) {
                sum[i] += values[i] - (old.length == 0 ? 0 : old[i]);
            }
        }
        return Optional.of(math.row(sum, type));
    }

    private float[] floats(SafetensorsFile.Entry entry, WeightSites.Site site, long rows) {
        var bytes = entry.bytes().asSlice(site.fromRow() * entry.type().bytes(), rows * entry.type().bytes());
        return math.float32(bytes, entry.type(), rows).toFloats();
    }

    private void replace(int site, SafetensorsFile.Entry entry, MemorySegment bytes, long[] shape) {
        if (!math.isEqual(math.float32(bytes, entry.type(), shape), base.weight(site, math.scratch()))) {
            replacements.put(site, math.copied(bytes, entry.type(), type, shape));
        }
    }

    private int rankOf(String module) {
        int r = config.rankOf(module);
        rank = Math.max(rank, r);
        return r;
    }

    private AdapterRefusal refusal(String message) {
        return new AdapterRefusal(folder + ": " + message);
    }
}
