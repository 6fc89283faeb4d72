package dev.lorikeet.adapter;

import dev.lorikeet.adapter.AdapterKey.Part;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.SafetensorsFile;
import dev.lorikeet.model.SafetensorsFile.Entry;
import dev.lorikeet.model.WeightSites;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// The tensors of an adapter file by module, once it is certain that they are exactly those that its config promises, in the shapes of
/// the base. What is wrong is listed whole, so that one look at the message is enough.
final class AdapterTensors {
    private static final Set<String> ENDS = Set.of("model.embed_tokens", "lm_head");
    private static final Set<Part> WHOLE = EnumSet.of(Part.WEIGHT, Part.BASE_WEIGHT);

    private final LoadedModel base;
    private final PeftConfig config;
    private final PeftTargets targets;
    private final Map<String, Map<Part, Entry>> modules = new LinkedHashMap<>();
    /// Whose module each weight of the base is in this file.
    private final Map<Integer, String> claimed = new HashMap<>();
    private final List<String> foreign = new ArrayList<>();
    private final List<String> extra = new ArrayList<>();
    private final List<String> missing = new ArrayList<>();
    private final List<String> misshapen = new ArrayList<>();

    private AdapterTensors(LoadedModel base, PeftConfig config, PeftTargets targets) {
        this.base = base;
        this.config = config;
        this.targets = targets;
    }

    /// @throws AdapterRefusal naming every tensor that is missing, has no place in the base, or has another shape
    static Map<String, Map<Part, Entry>> of(Path folder, LoadedModel base, PeftConfig config, SafetensorsFile file) {
        var result = new AdapterTensors(base, config, PeftTargets.of(folder));
        file.unsupported().forEach((name, type) -> result.misshapen.add(quoted(name) + " has the type " + type));
        file.tensors().values().forEach(result::add);
        base.sites().modules().forEach(result::check);
        result.refuseIfWrong(folder);
        return result.modules;
    }

    private void add(Entry tensor) {
        var key = AdapterKey.parse(tensor.name()).filter(k -> !base.sites().of(k.module()).isEmpty());
        if (key.isEmpty()) {
            foreign.add(quoted(tensor.name()));
            return;
        }
        String module = key.get().module();
        boolean twice = base.sites().of(module).stream().anyMatch(site -> !claimed.computeIfAbsent(site.index(), _ -> module).equals(module));
        if (twice || modules.computeIfAbsent(module, _ -> new EnumMap<>(Part.class)).putIfAbsent(key.get().part(), tensor) != null) {
            extra.add(quoted(tensor.name()));
        }
    }

    /// Compares what a module has with what it must have, may have and must not have.
    private void check(String module) {
        var sites = base.sites().of(module);
        var present = modules.getOrDefault(module, Map.of());
        // A fused matrix and its parts are modules under several names; some families leave a norm out.
        boolean elsewhere = shape(module)[0] == 0 || present.isEmpty() && sites.stream().allMatch(part -> claimed.containsKey(part.index()));
        var shapes = elsewhere ? Map.<Part, long[]>of() : shapes(module, sites.getFirst(), present);
        for (var tensor : present.entrySet()) {
            var expected = Optional.ofNullable(shapes.get(tensor.getKey()));
            if (expected.isEmpty()) {
                extra.add(quoted(tensor.getValue().name()));
            } else if (!Arrays.equals(expected.get(), tensor.getValue().shape())) {
                misshapen.add(quoted(tensor.getValue().name()) + " is " + Arrays.toString(tensor.getValue().shape()) + " instead of "
                        + Arrays.toString(expected.get()) + (WHOLE.contains(tensor.getKey()) && ENDS.contains(module) ? " (a resized vocabulary is not supported)" : ""));
            }
        }
    }

    /// The shapes of all that may be there; what must be and is not is noted as missing.
    private Map<Part, long[]> shapes(String module, WeightSites.Site site, Map<Part, Entry> present) {
        var shapes = new EnumMap<Part, long[]>(Part.class);
        long[] whole = shape(module);
        if (site.isEmbedding()) {
            addEmbedding(module, whole, present, shapes);
        } else if (!site.isNorm()) {
            addMatrix(module, site, present, shapes);
        }
        // PEFT stores the ends of the model by itself when an adapter changes them.
        if (targets.isSaved(module) || site.isEmbedding() || site.isHead()) {
            shapes.put(Part.WEIGHT, whole);
        }
        if (targets.isSaved(module) && !present.containsKey(Part.WEIGHT) && !isTiedToAnother(module)) {
            missing.add(quoted(Part.WEIGHT.of(module)));
        }
        return shapes;
    }

    /// Of a matrix that is stored once for both ends, one copy is enough.
    private boolean isTiedToAnother(String module) {
        return base.plan().config().tieWordEmbeddings() && ENDS.contains(module)
                && ENDS.stream().anyMatch(end -> !end.equals(module) && modules.getOrDefault(end, Map.of()).containsKey(Part.WEIGHT));
    }

    private void addEmbedding(String module, long[] whole, Map<Part, Entry> present, Map<Part, long[]> shapes) {
        shapes.put(Part.BASE_WEIGHT, whole);
        if (isAdapted(module, present, Part.EMBEDDING_A, Part.EMBEDDING_B)) {
            int rank = config.rankOf(module);
            require(module, present, shapes, Part.EMBEDDING_A, rank, whole[0]);
            require(module, present, shapes, Part.EMBEDDING_B, whole[1], rank);
            if (config.dora()) {
                require(module, present, shapes, Part.MAGNITUDE, whole[1]);
            }
        }
        if (!config.tokenIndices().isEmpty()) {
            require(module, present, shapes, Part.TOKEN_ROWS, config.tokenIndices().size(), whole[1]);
        }
    }

    private void addMatrix(String module, WeightSites.Site site, Map<Part, Entry> present, Map<Part, long[]> shapes) {
        long[] whole = shape(module);
        boolean adapted = isAdapted(module, present, Part.LORA_A, Part.LORA_B, Part.LORA_B_BIAS, Part.MAGNITUDE);
        if (adapted) {
            int rank = config.rankOf(module);
            require(module, present, shapes, Part.LORA_A, rank, whole[1]);
            require(module, present, shapes, Part.LORA_B, whole[0], rank);
            if (config.biases().ofB()) {
                require(module, present, shapes, Part.LORA_B_BIAS, whole[0]);
            }
            if (config.dora()) {
                require(module, present, shapes, Part.MAGNITUDE, whole[0]);
            }
        }
        shapes.put(Part.BASE_WEIGHT, whole);
        shapes.put(Part.BIAS, new long[] {whole[0]});
        boolean bias = config.biases().ofAll() || adapted && config.biases().ofAdapted();
        if (bias && !present.containsKey(Part.BIAS) && base.shape(site.bias())[0] > 0) {
            require(module, present, shapes, Part.BASE_BIAS, whole[0]);
        } else {
            shapes.put(Part.BASE_BIAS, new long[] {whole[0]});
        }
    }

    /// Whether matrices of this module are expected. A list of targets that does not have it makes what is there superfluous; of regular
    /// expressions that cannot be said, since they may spell the module as another class of transformers does.
    private boolean isAdapted(String module, Map<Part, Entry> present, Part... parts) {
        return targets.isTargeted(module) || !targets.isList() && Arrays.stream(parts).anyMatch(present::containsKey);
    }

    private void require(String module, Map<Part, Entry> present, Map<Part, long[]> shapes, Part part, long... shape) {
        shapes.put(part, shape);
        if (!present.containsKey(part)) {
            missing.add(quoted(part.of(module)));
        }
    }

    /// The shape of the module, of which a site may be only some rows.
    private long[] shape(String module) {
        var sites = base.sites().of(module);
        long[] shape = base.shape(sites.getFirst().index()).clone();
        shape[0] = sites.stream().mapToLong(site -> base.shape(site.index())[0]).sum();
        return shape;
    }

    private void refuseIfWrong(Path folder) {
        var problems = new ArrayList<String>();
        add(problems, foreign, "of its tensors belong to no module of this model");
        add(problems, extra, "of its tensors are in the file, but adapter_config.json does not ask for them");
        add(problems, missing, "tensors are missing, although adapter_config.json asks for them");
        add(problems, misshapen, "of its tensors have another shape than the base and the rank in adapter_config.json ask for, or a type other than F32, F16 and BF16");
        if (!problems.isEmpty()) {
            throw new AdapterRefusal(folder + " was not made for the base model `" + base.plan().folder().getFileName() + "`, or is damaged: "
                    + String.join(". ", problems));
        }
    }

    private static void add(List<String> problems, List<String> tensors, String what) {
        if (!tensors.isEmpty()) {
            problems.add(tensors.size() + " " + what + ": " + String.join(", ", tensors));
        }
    }

    private static String quoted(String name) {
        return "`" + name + "`";
    }
}
