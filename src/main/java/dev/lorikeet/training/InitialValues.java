package dev.lorikeet.training;

import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.SafetensorsFile;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.tensor.ElementType;
import dev.lorikeet.tensor.Script;
import dev.lorikeet.tensor.TensorOwner;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Where training starts: drawn as PEFT draws, taken from the base, or read from a folder.
final class InitialValues {
    private final LoadedModel base;
    private final Script script;
    private final LoraOptions options;

    InitialValues(LoadedModel base, Script script, LoraOptions options) {
        this.base = base;
        this.script = script;
        this.options = options;
    }

    Map<TrainedTensor, float[]> drawn(List<TrainedTensor> tensors, long seed) {
        var values = new LinkedHashMap<TrainedTensor, float[]>();
        for (var tensor : tensors) {
            if (options.frozenRank() > 0 && (tensor.kind() == TrainedTensor.Kind.A || tensor.kind() == TrainedTensor.Kind.B)) {
                continue;
            }
            // Each tensor has random numbers of its own, so that another choice of modules does not change it.
            values.put(tensor, drawn(tensor, new Random(seed * 31 + tensor.key().hashCode())));
        }
        if (options.frozenRank() > 0) {
            tensors.stream().filter(tensor -> tensor.kind() == TrainedTensor.Kind.A).forEach(a -> putPrincipal(values, a, tensors));
        }
        return values;
    }

    /// A and B of the largest singular values, and behind them the same again with the other sign.
    private void putPrincipal(Map<TrainedTensor, float[]> values, TrainedTensor a, List<TrainedTensor> tensors) {
        try (var scratch = TensorOwner.open(base.plan().device())) {
            var weights = base.sites().of(a.module()).stream().map(site -> base.weight(site.index(), scratch)).toList();
            var parts = script.record(scratch, "principal", script.record(scratch, "aliases", weights));
            values.put(a, parts.getFirst().toFloats());
            values.put(tensors.stream().filter(b -> b.kind() == TrainedTensor.Kind.B && b.module().equals(a.module())).findFirst().orElseThrow(),
                    parts.getLast().toFloats());
        }
    }

    private float[] drawn(TrainedTensor tensor, Random random) {
        var values = new float[tensor.elements()];
        switch (tensor.kind()) {
            case A -> fillA(values, tensor, random);
            case EMBEDDING_B -> fillNormal(values, 1, random);
            case B, B_BIAS, EMBEDDING_A -> Arrays.fill(values, 0);
            case MAGNITUDE -> {
                return rowLengths(tensor);
            }
            case WEIGHT, BIAS, ADAPTED_BIAS -> {
                return ofBase(tensor);
            }
        }
        return values;
    }

    /// Kaiming-uniform with a = √5, which is uniform within 1/√in; or normal with deviation 1/r.
    private void fillA(float[] values, TrainedTensor tensor, Random random) {
        if (options.initLoraWeights() == LoraOptions.Init.GAUSSIAN) {
            fillNormal(values, 1.0 / options.r(), random);
            return;
        }
        double bound = 1 / Math.sqrt(tensor.shape()[1]);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) ((random.nextDouble() * 2 - 1) * bound);
        }
    }

    private static void fillNormal(float[] values, double deviation, Random random) {
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * deviation);
        }
    }

    private float[] rowLengths(TrainedTensor tensor) {
        return ofWeights(tensor, "row_lengths");
    }

    private float[] ofBase(TrainedTensor tensor) {
        return ofWeights(tensor, "joined");
    }

    private float[] ofWeights(TrainedTensor tensor, String method) {
        boolean bias = tensor.kind() == TrainedTensor.Kind.BIAS || tensor.kind() == TrainedTensor.Kind.ADAPTED_BIAS;
        try (var scratch = TensorOwner.open(base.plan().device())) {
            var weights = base.sites().of(tensor.module()).stream().map(site -> base.weight(bias ? site.bias() : site.index(), scratch)).toList();
            return script.record(scratch, method, script.record(scratch, "aliases", weights)).getFirst().toFloats();
        }
    }

    /// @param folder of an adapter or a checkpoint
    /// @throws BadFileException if it does not hold exactly these tensors
    Map<TrainedTensor, float[]> read(Path folder, List<TrainedTensor> tensors) {
        var file = folder.resolve("adapter_model.safetensors");
        try (var arena = Arena.ofConfined()) {
            var entries = new LinkedHashMap<>(SafetensorsFile.open(file, arena).tensors());
            var values = new LinkedHashMap<TrainedTensor, float[]>();
            for (var tensor : tensors) {
                var entry = entries.remove(tensor.key());
                if (entry == null) {
                    throw new BadFileException(file, "the tensor `" + tensor.key() + "` is missing, which these options train");
                }
                if (!Arrays.equals(entry.shape(), tensor.shape())) {
                    throw new BadFileException(file, "the tensor `" + tensor.key() + "` has shape " + Arrays.toString(entry.shape())
                            + ", but these options and this base ask for " + Arrays.toString(tensor.shape()));
                }
                values.put(tensor, floats(entry));
            }
            if (!entries.isEmpty()) {
                throw new BadFileException(file, "has the tensor `" + entries.firstEntry().getKey() + "`, which these options do not train");
            }
            return values;
        }
    }

    private float[] floats(SafetensorsFile.Entry entry) {
        try (var scratch = TensorOwner.open(base.plan().device())) {
            return scratch.wrap(script, entry.bytes(), entry.type(), ElementType.FLOAT32, entry.shape()).toFloats();
        }
    }
}
