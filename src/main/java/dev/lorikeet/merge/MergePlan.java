package dev.lorikeet.merge;

import dev.lorikeet.adapter.AdapterKey;
import dev.lorikeet.adapter.AdapterKey.Part;
import dev.lorikeet.adapter.PeftConfig;
import dev.lorikeet.model.Checkpoint;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.SafetensorsFile;
import dev.lorikeet.model.WeightSites;
import dev.lorikeet.tensor.MergeMath;
import dev.lorikeet.tensor.TensorDevice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// Works out from an adapter which tensors of the checkpoint change, and how. The adapter must have been read before, so that it is
/// known to fit; what fits but cannot be written into a checkpoint of this family is refused here.
final class MergePlan {
    private static final String EMBEDDING = "model.embed_tokens.weight";
    private static final String HEAD = "lm_head.weight";

    private final LoadedModel base;
    private final Checkpoint checkpoint;
    private final PeftConfig config;
    private final Arena arena;
    private final Map<String, List<Edit>> edits = new LinkedHashMap<>();
    private final List<Edit> rowsOfTokens = new ArrayList<>();
    private final Map<String, Boolean> fields = new TreeMap<>();
    private final List<MergedTensor> tensors = new ArrayList<>();

    private MergePlan(LoadedModel base, Checkpoint checkpoint, PeftConfig config, Arena arena) {
        this.base = base;
        this.checkpoint = checkpoint;
        this.config = config;
        this.arena = arena;
    }

    /// @param arena of the mapped files; must live until the plan has been carried out
    static MergePlan of(LoadedModel base, Path adapter, Arena arena) {
        var plan = new MergePlan(base, Checkpoint.open(base.plan().folder(), arena), PeftConfig.read(adapter), arena);
        var modules = new LinkedHashMap<String, Map<Part, SafetensorsFile.Entry>>();
        for (var tensor : SafetensorsFile.open(adapter.resolve("adapter_model.safetensors"), arena).tensors().values()) {
            AdapterKey.parse(tensor.name()).ifPresent(key ->
                    modules.computeIfAbsent(key.module(), _ -> new EnumMap<>(Part.class)).put(key.part(), tensor));
        }
        modules.forEach(plan::addModule);
        plan.collect();
        return plan;
    }

    /// In the order in which they are written.
    List<MergedTensor> tensors() {
        return tensors;
    }

    /// Switches of `config.json` that the merged checkpoint needs in another position.
    Map<String, Boolean> fields() {
        return fields;
    }

    /// Tokens whose embeddings the adapter replaces.
    List<Integer> tokens() {
        return config.tokenIndices();
    }

    private void addModule(String module, Map<Part, SafetensorsFile.Entry> parts) {
        for (var site : base.sites().of(module)) {
            if (site.isEmbedding()) {
                addEmbedding(module, parts);
            } else {
                addWeight(module, site, parts);
            }
        }
    }

    private void addEmbedding(String module, Map<Part, SafetensorsFile.Entry> parts) {
        whole(parts).ifPresent(entry -> replace(EMBEDDING, 0, Block.of(entry)));
        if (parts.containsKey(Part.EMBEDDING_A)) {
            edit(EMBEDDING, new Edit.EmbeddingLowRank(Block.of(parts.get(Part.EMBEDDING_A)), Block.of(parts.get(Part.EMBEDDING_B)),
                    config.scaleOf(module)));
        }
        if (parts.containsKey(Part.TOKEN_ROWS)) {
            var rows = Block.of(parts.get(Part.TOKEN_ROWS));
            for (int i = 0; i < tokens().size(); i++) {
                rowsOfTokens.add(new Edit.Whole(tokens().get(i), rows.rows(i, 1)));
            }
        }
    }

    private static Optional<SafetensorsFile.Entry> whole(Map<Part, SafetensorsFile.Entry> parts) {
        return Optional.ofNullable(parts.getOrDefault(Part.WEIGHT, parts.get(Part.BASE_WEIGHT)));
    }

    private void addWeight(String module, WeightSites.Site site, Map<Part, SafetensorsFile.Entry> parts) {
        var source = WeightSites.source(base.plan(), site.index()).orElseThrow();
        long rows = base.shape(site.index())[0];
        whole(parts).ifPresent(entry -> replace(source.name(), source.fromRow(), Block.of(entry).rows(site.fromRow(), rows)));
        if (parts.containsKey(Part.LORA_A)) {
            var b = Block.of(parts.get(Part.LORA_B)).rows(site.fromRow(), rows);
            var magnitude = Optional.ofNullable(parts.get(Part.MAGNITUDE)).map(entry -> Block.of(entry).rows(site.fromRow(), rows));
            edit(source.name(), new Edit.LowRank(source.fromRow(), Block.of(parts.get(Part.LORA_A)), b, config.scaleOf(module), magnitude));
        }
        addBias(module, site, rows, parts);
    }

    private void addBias(String module, WeightSites.Site site, long rows, Map<Part, SafetensorsFile.Entry> parts) {
        var whole = Optional.ofNullable(parts.getOrDefault(Part.BASE_BIAS, parts.get(Part.BIAS)));
        var ofB = Optional.ofNullable(parts.get(Part.LORA_B_BIAS));
        if (whole.isEmpty() && ofB.isEmpty()) {
            return;
        }
        var source = WeightSites.source(base.plan(), site.bias());
        String name = source.map(s -> s.name()).orElse(module + ".bias");
        if (source.isEmpty() || checkpoint.find(name).isEmpty()) {
            var field = source.isEmpty() ? Optional.<String>empty() : WeightSites.biasField(base.plan(), site);
            fields.put(field.orElseThrow(() -> new MergeException("module `" + module + "` gets a bias from the adapter, but the base has none there and a "
                    + base.plan().family().modelType() + " checkpoint has no place for one: such an adapter can be served, but not merged")), true);
        }
        whole.ifPresent(entry -> edit(name, new Edit.Whole(0, Block.of(entry).rows(site.fromRow(), rows))));
        ofB.ifPresent(entry -> edit(name, new Edit.Shift(0, scaled(Block.of(entry).rows(site.fromRow(), rows), config.scaleOf(module)))));
    }

    private float[] scaled(Block values, double factor) {
        try (var math = new MergeMath(base.script(), new TensorDevice.Cpu())) {
            float[] result = values.float32(math).toFloats();
            for (int i = 0; i < result.length; i++) {
                result[i] *= (float) factor;
            }
            return result;
        }
    }

    private void edit(String tensor, Edit edit) {
        edits.computeIfAbsent(tensor, _ -> new ArrayList<>()).add(edit);
    }

    /// PEFT stores matrices of the base beside some adapters although they are unchanged; those are no edits.
    private void replace(String tensor, long row, Block values) {
        var old = stored(tensor).rows(row, values.rows());
        if (!isEqual(old, values)) {
            edit(tensor, new Edit.Whole(row, values));
        }
    }

    private boolean isEqual(Block old, Block values) {
        if (old.type() == values.type()) {
            return old.bytes().mismatch(values.bytes()) < 0;
        }
        long chunk = Math.max(1, (16 << 20) / values.width());
        for (long row = 0; row < values.rows(); row += chunk) {
            long count = Math.min(chunk, values.rows() - row);
            try (var math = new MergeMath(base.script(), new TensorDevice.Cpu())) {
                if (math.bytes(values.rows(row, count).float32(math), old.type()).mismatch(old.rows(row, count).bytes()) >= 0) {
                    return false;
                }
            }
        }
        return true;
    }

    /// A tied matrix may be stored under either name.
    private Block stored(String name) {
        boolean eitherName = base.plan().config().tieWordEmbeddings() && (name.equals(HEAD) || name.equals(EMBEDDING));
        return Block.of(eitherName ? checkpoint.find(EMBEDDING).orElseGet(() -> checkpoint.require(HEAD)) : checkpoint.require(name));
    }

    private void collect() {
        boolean tied = base.plan().config().tieWordEmbeddings();
        boolean untied = tied && (edits.containsKey(EMBEDDING) || edits.containsKey(HEAD));
        if (tied) {
            // Where the head stays tied it is not stored; where it was tied, the rows of tokens are its rows as well.
            add(EMBEDDING, stored(EMBEDDING), rowsOfTokens);
            if (untied) {
                add(HEAD, stored(HEAD), rowsOfTokens);
                fields.put("tie_word_embeddings", false);
            }
        }
        for (String name : checkpoint.names()) {
            if (!tied || !name.equals(EMBEDDING) && !name.equals(HEAD)) {
                add(name, Block.of(checkpoint.require(name)), name.equals(EMBEDDING) ? rowsOfTokens : List.of());
            }
        }
        for (String field : List.copyOf(fields.keySet())) {
            WeightSites.biasesOf(base.plan(), field).forEach(this::addNewBias);
        }
    }

    private void addNewBias(int bias, int weight) {
        String name = WeightSites.source(base.plan(), bias).orElseThrow().name();
        if (checkpoint.find(name).isEmpty()) {
            var type = stored(WeightSites.source(base.plan(), weight).orElseThrow().name()).type();
            long rows = base.shape(weight)[0];
            MemorySegment zeros = arena.allocate(rows * type.bytes(), Long.BYTES);
            add(name, new Block(type, zeros, new long[] {rows}), List.of());
        }
    }

    private void add(String name, Block values, List<Edit> last) {
        var all = new ArrayList<>(edits.getOrDefault(name, List.of()));
        all.addAll(last);
        tensors.add(new MergedTensor(name, values, all));
    }
}
