package dev.lorikeet.model;

import dev.lorikeet.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/// A model's weights, and the lists of them that programs read: the tensors of all sites; of a quantised model, a list for each
/// [WeightPart] one behind the other, with an empty tensor where a site lacks a part.
final class WeightTable {
    private final List<Weight> weights;
    private final boolean quantized;
    private final Tensor empty;

    /// @param weights by site
    WeightTable(List<Weight> weights, boolean quantized) {
        this.weights = List.copyOf(weights);
        this.quantized = quantized;
        this.empty = weights.get(Weights.NO_BIAS).part(WeightPart.CODES).orElseThrow();
    }

    List<Tensor> all() {
        return list(weights);
    }

    List<Tensor> outer() {
        return list(weights.subList(0, Weights.FIRST_LAYER));
    }

    List<Tensor> layer(int layer) {
        int from = Weights.FIRST_LAYER + layer * LayerTensor.values().length;
        var sites = new ArrayList<Weight>(Collections.nCopies(Weights.FIRST_LAYER, weights.get(Weights.NO_BIAS)));
        sites.addAll(weights.subList(from, from + LayerTensor.values().length));
        return list(sites);
    }

    /// A single site as a program reads it.
    List<Tensor> parts(int site) {
        return list(List.of(weights.get(site)));
    }

    /// A weight that is not quantised.
    Optional<Tensor> plain(int site) {
        return weights.get(site) instanceof Weight.Plain(Tensor tensor) ? Optional.of(tensor) : Optional.empty();
    }

    long[] shape(int site) {
        return weights.get(site).shape();
    }

    private List<Tensor> list(List<Weight> sites) {
        var tensors = new ArrayList<Tensor>();
        for (var part : quantized ? WeightPart.values() : new WeightPart[] {WeightPart.CODES}) {
            sites.forEach(weight -> tensors.add(weight.part(part).orElse(empty)));
        }
        return tensors;
    }
}
