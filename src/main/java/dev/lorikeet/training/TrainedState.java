package dev.lorikeet.training;

import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.tensor.Script;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.TensorOwner;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What is learned, in native memory: values and sums of gradients in float32, and for each call of the program the lists it takes.
/// Trainer thread only.
final class TrainedState implements AutoCloseable {
    private final LoadedModel base;
    private final TrainedSelection selection;
    private final Script script;
    private final TensorOwner owner;
    private final List<Tensor> values;
    private final List<Tensor> sums;
    private final List<Group> groups = new ArrayList<>();
    private final List<DoraLength> lengths = new ArrayList<>();

    /// @param values, sums what a call takes; a group in which nothing is learned has one number that stands for nothing
    /// @param learned whether anything is
    record Group(List<Tensor> values, List<Tensor> sums, boolean learned) {}

    /// @param weights of the module, in parts where it is fused
    private record DoraLength(Tensor length, List<Tensor> weights, Tensor a, Tensor b) {}

    /// @param initial the starting values by key @param script of `training.py`
    TrainedState(LoadedModel base, TrainedSelection selection, Script script, Map<TrainedTensor, float[]> initial) {
        this(base, selection, script, initial, true);
    }

    /// Values that nothing is learned of: they have no gradients.
    static TrainedState frozen(LoadedModel base, TrainedSelection selection, Script script, Map<TrainedTensor, float[]> values) {
        return new TrainedState(base, selection, script, values, false);
    }

    private TrainedState(LoadedModel base, TrainedSelection selection, Script script, Map<TrainedTensor, float[]> initial, boolean learns) {
        this.base = base;
        this.selection = selection;
        this.script = script;
        this.owner = TensorOwner.open(base.plan().device());
        try {
            this.values = copies(initial);
            this.sums = learns ? script.record(owner, "zeros_like", values) : values;
            buildGroups();
            refreshLengths();
        } catch (RuntimeException | Error e) {
            owner.close();
            throw e;
        }
    }

    private List<Tensor> copies(Map<TrainedTensor, float[]> initial) {
        try (var scratch = TensorOwner.open(base.plan().device())) {
            var heap = selection.tensors().stream().map(tensor -> scratch.ofFloats(initial.get(tensor), tensor.shape())).toList();
            return script.record(owner, "copies", heap);
        }
    }

    private void buildGroups() {
        for (int g = 0; g < selection.groups(); g++) {
            int group = g;
            var members = new ArrayList<Tensor>();
            var gradients = new ArrayList<Tensor>();
            for (int i = 0; i < values.size(); i++) {
                if (selection.tensors().get(i).group() == group) {
                    members.add(values.get(i));
                    gradients.add(sums.get(i));
                }
            }
            boolean learned = !members.isEmpty();
            if (!learned) {
                members.add(owner.ofFloats(0));
                gradients.add(owner.ofFloats(0));
            }
            groups.add(new Group(members, gradients, learned));
        }
        for (String module : selection.adaptedModules()) {
            find(module, TrainedTensor.Kind.MAGNITUDE).ifPresent(magnitude -> addLength(module, magnitude));
        }
    }

    private java.util.Optional<Integer> find(String module, TrainedTensor.Kind kind) {
        for (int i = 0; i < values.size(); i++) {
            var tensor = selection.tensors().get(i);
            if (tensor.kind() == kind && tensor.module().equals(module)) {
                return java.util.Optional.of(i);
            }
        }
        return java.util.Optional.empty();
    }

    private void addLength(String module, int magnitude) {
        var length = script.record(owner, "copies", List.of(values.get(magnitude))).getFirst();
        groups.get(selection.tensors().get(magnitude).group()).values().add(length);
        var weights = script.record(owner, "aliases", base.sites().of(module).stream().map(site -> base.weight(site.index(), owner)).toList());
        lengths.add(new DoraLength(length, weights, values.get(find(module, TrainedTensor.Kind.A).orElseThrow()),
                values.get(find(module, TrainedTensor.Kind.B).orElseThrow())));
    }

    /// Brings DoRA's lengths up to date: to be called whenever the values have changed.
    void refreshLengths() {
        try (var scratch = TensorOwner.open(base.plan().device())) {
            for (var each : lengths) {
                script.record(scratch, "dora_length", each.weights(), each.a(), each.b(), each.length());
            }
        }
    }

    Group group(int group) {
        return groups.get(group);
    }

    /// The lowest layer in which something is learned; no gradient is needed below it unless the embedding learns.
    int lowestLearned() {
        if (groups.get(selection.embeddingGroup()).learned()) {
            return 0;
        }
        for (int layer = 0; layer < selection.embeddingGroup(); layer++) {
            if (groups.get(layer).learned()) {
                return layer;
            }
        }
        return selection.embeddingGroup();
    }

    List<Tensor> values() {
        return values;
    }

    List<Tensor> sums() {
        return sums;
    }

    List<TrainedTensor> tensors() {
        return selection.tensors();
    }

    long parameters() {
        return selection.tensors().stream().mapToLong(TrainedTensor::elements).sum();
    }

    /// The values as they are now, copied.
    Map<TrainedTensor, float[]> snapshot() {
        var snapshot = new LinkedHashMap<TrainedTensor, float[]>();
        for (int i = 0; i < values.size(); i++) {
            snapshot.put(selection.tensors().get(i), values.get(i).toFloats());
        }
        return snapshot;
    }

    @Override
    public void close() {
        owner.close();
    }
}
