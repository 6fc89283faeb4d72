package dev.lorikeet.training;

import dev.lorikeet.adapter.PeftNames;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.WeightSites.Site;
import dev.lorikeet.training.LoraOptions.TargetModules;
import dev.lorikeet.training.TrainedTensor.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Works out which tensors are learned, by PEFT's rules, and tells the tensor program where it finds them.
final class TrainedSelection {
    /// What the program is told about each weight, in this order.
    private enum Part {
        A, B, FROM, ROWS, MAGNITUDE, LENGTH, B_BIAS, BIAS, WEIGHT
    }

    private static final int SITE = Part.values().length;
    private static final List<String> FAMILY_DEFAULT = List.of("q_proj", "v_proj");

    private final LoadedModel base;
    private final LoraOptions options;
    private final int layers;
    private final List<TrainedTensor> tensors = new ArrayList<>();
    private final int[] counts;
    private final long[] layout;
    private final Set<String> saved = new LinkedHashSet<>();
    private final Set<String> adapted = new LinkedHashSet<>();

    TrainedSelection(LoadedModel base, LoraOptions options) {
        this.base = base;
        this.options = options;
        this.layers = base.plan().config().numHiddenLayers();
        this.counts = new int[layers + 2];
        this.layout = new long[base.sites().count() * SITE];
        for (int i = 0; i < layout.length; i++) {
            layout[i] = i % SITE == Part.FROM.ordinal() || i % SITE == Part.ROWS.ordinal() ? 0 : -1;
        }
        var modules = modules();
        modules.stream().filter(this::isSaved).forEach(saved::add);
        options.modulesToSave().forEach(name -> requireMatch("modules_to_save", name, saved.stream().anyMatch(module -> PeftNames.isSaved(name, module))));
        modules.stream().filter(module -> !saved.contains(module) && isTarget(module)).forEach(adapted::add);
        requireTargets();
        saved.forEach(this::save);
        adapted.forEach(this::adapt);
        modules.forEach(this::addBias);
        if (options.useDora()) {
            adapted.forEach(this::addLength);
        }
    }

    /// The checkpoint's own modules: where it has a fused one, not the parts under which others may know it.
    private List<String> modules() {
        var fused = new HashSet<Integer>();
        for (String module : base.sites().modules()) {
            base.sites().of(module).stream().filter(site -> site.rows() > 0).map(Site::index).forEach(fused::add);
        }
        return base.sites().modules().stream()
                .filter(module -> base.sites().of(module).stream().allMatch(site -> site.rows() > 0 || !fused.contains(site.index()))).filter(this::exists).toList();
    }

    private boolean exists(String module) {
        return base.sites().of(module).stream().allMatch(site -> base.shape(site.index())[0] > 0);
    }

    private boolean isSaved(String module) {
        return options.modulesToSave().stream().anyMatch(name -> PeftNames.isSaved(name, module));
    }

    private boolean isTarget(String module) {
        var site = base.sites().of(module).getFirst();
        return switch (options.targetModules()) {
            case TargetModules.AllLinear _ -> isLinear(site) && !site.isHead();
            case TargetModules.FamilyDefault _ -> isDefaultTarget(module, site);
            case TargetModules.Names(var names) -> names.stream().anyMatch(name -> PeftNames.isTarget(name, module));
            case TargetModules.Regex(var pattern) -> pattern.matcher(module).matches();
        };
    }

    /// PEFT knows no default for fused projections; there, all linear layers are adapted.
    private boolean isDefaultTarget(String module, Site site) {
        boolean hasDefault = modules().stream().anyMatch(each -> PeftNames.isTarget(FAMILY_DEFAULT.getFirst(), each));
        return hasDefault ? FAMILY_DEFAULT.stream().anyMatch(name -> PeftNames.isTarget(name, module)) : isLinear(site) && !site.isHead();
    }

    private static boolean isLinear(Site site) {
        return !site.isNorm() && !site.isEmbedding();
    }

    private void requireMatch(String option, String name, boolean matches) {
        if (!matches) {
            var known = new TreeSet<String>();
            modules().forEach(module -> known.add(module.substring(module.lastIndexOf('.') + 1)));
            throw new TrainingRefusal(option, "names `" + name + "`, but no module of this model is called so (there are: " + String.join(", ", known) + ")");
        }
    }

    private void requireTargets() {
        String option = "target_modules";
        if (options.targetModules() instanceof TargetModules.Names(var names)) {
            var all = new HashSet<>(adapted);
            all.addAll(saved);
            names.forEach(name -> requireMatch(option, name, all.stream().anyMatch(module -> PeftNames.isTarget(name, module))));
        }
        if (adapted.isEmpty()) {
            throw new TrainingRefusal(option, "matches no module of this model");
        }
        for (String module : adapted) {
            var site = base.sites().of(module).getFirst();
            if (site.isNorm()) {
                throw new TrainingRefusal(option, "matches `" + module + "`, which is a norm; train it whole with `modules_to_save`");
            }
            if (site.isEmbedding() && options.frozenRank() > 0) {
                throw new TrainingRefusal(option, "matches `" + module + "`; PiSSA on the embedding is not supported");
            }
            if (site.isEmbedding() && options.useDora()) {
                throw new TrainingRefusal(option, "matches `" + module + "`; DoRA on the embedding is not supported");
            }
        }
    }

    private long[] shape(String module) {
        var sites = base.sites().of(module);
        long[] shape = base.shape(sites.getFirst().index()).clone();
        shape[0] = sites.stream().mapToLong(site -> base.shape(site.index())[0]).sum();
        return shape;
    }

    private int group(Site site) {
        return site.isEmbedding() ? layers : base.sites().isLayer(site.index()) ? base.sites().layerOf(site.index()) : layers + 1;
    }

    private void add(String module, Kind kind, Part part, long... shape) {
        int group = group(base.sites().of(module).getFirst());
        int index = counts[group]++;
        tensors.add(new TrainedTensor(module, kind, shape, group, index));
        tell(module, part, index);
    }

    private void tell(String module, Part part, int index) {
        for (var site : base.sites().of(module)) {
            int at = site.index() * SITE;
            layout[at + part.ordinal()] = index;
            layout[at + Part.FROM.ordinal()] = site.fromRow();
            layout[at + Part.ROWS.ordinal()] = site.rows();
        }
    }

    private void save(String module) {
        add(module, Kind.WEIGHT, Part.WEIGHT, shape(module));
    }

    private void adapt(String module) {
        long[] shape = shape(module);
        long r = options.storedRank();
        if (base.sites().of(module).getFirst().isEmbedding()) {
            add(module, Kind.EMBEDDING_A, Part.A, r, shape[0]);
            add(module, Kind.EMBEDDING_B, Part.B, shape[1], r);
            return;
        }
        add(module, Kind.A, Part.A, r, shape[1]);
        add(module, Kind.B, Part.B, shape[0], r);
        if (options.loraBias()) {
            add(module, Kind.B_BIAS, Part.B_BIAS, shape[0]);
        }
        if (options.useDora()) {
            add(module, Kind.MAGNITUDE, Part.MAGNITUDE, shape[0]);
        }
    }

    private void addBias(String module) {
        var site = base.sites().of(module).getFirst();
        if (!isLinear(site) || base.shape(site.bias())[0] == 0) {
            return;
        }
        boolean wanted = saved.contains(module) || switch (options.bias()) {
            case NONE -> false;
            case ALL -> true;
            case LORA_ONLY -> adapted.contains(module);
        };
        if (wanted) {
            add(module, adapted.contains(module) ? Kind.ADAPTED_BIAS : Kind.BIAS, Part.BIAS, shape(module)[0]);
        }
    }

    /// The lengths that DoRA divides by stand behind what is learned.
    private void addLength(String module) {
        int group = group(base.sites().of(module).getFirst());
        tell(module, Part.LENGTH, counts[group]++);
    }

    /// In the order in which each group's call takes them.
    List<TrainedTensor> tensors() {
        return tensors;
    }

    Set<String> adaptedModules() {
        return adapted;
    }

    int groups() {
        return counts.length;
    }

    int embeddingGroup() {
        return layers;
    }

    int headGroup() {
        return layers + 1;
    }

    List<Long> layout() {
        return Arrays.stream(layout).boxed().toList();
    }

    static Map<String, Integer> constants() {
        var constants = new java.util.LinkedHashMap<String, Integer>(Map.of("TR_SITE", SITE));
        for (Part part : Part.values()) {
            constants.put("TR_" + part.name(), part.ordinal());
        }
        return constants;
    }
}
