package dev.lorikeet.tensor;

import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The adapters of a batch as the tensor program takes them: one list of tensors and one of integers.
///
/// Every token has a *combination*, a row of the layouts' tables that scales each rank of each adapter (row 0: none), and an *owner*,
/// the one adapter (from 1) whose biases, magnitudes, whole weights and token rows it uses, or 0. Owned by whoever built it;
/// the tensors belong to that owner as well.
public final class AdapterArguments implements AutoCloseable {
    private static final int PARTS = 4;
    private static final int LAYOUTS = 3;

    private final IValue tensors;
    private final IValue layout;

    /// What all adapters together add at one weight. Each part may be absent.
    ///
    /// @param a `[R, in]`, for the embedding `[vocab, R]` @param b `[R, out]`, with the scale in it @param layout index of the ranks' layout
    /// @param dora `[owners + 1, out]`: m/n − 1 @param bias `[owners + 1, out]`
    public record Site(int index, Optional<Tensor> a, Optional<Tensor> b, int layout, Optional<Tensor> dora, Optional<Tensor> bias) {
        /// Whether the Java kernels can add all of it within the base's product.
        boolean isMatricesOnly() {
            return dora.isEmpty() && bias.isEmpty();
        }
    }

    /// A whole weight that an owner puts in the place of the base's.
    public record Replacement(int site, int owner, Tensor weight) {}

    /// Rows that an owner puts in the place of some tokens' embeddings. @param ids `[n]` int64 @param rows `[n, hidden]`
    public record TokenRows(int owner, Tensor ids, Tensor rows) {}

    /// @param sites number of weights of the model @param layouts for each layout `[combinations, R]` in float32
    public AdapterArguments(int sites, Tensor empty, List<Site> parts, List<Replacement> replacements, List<TokenRows> tokens, List<Tensor> layouts) {
        var list = new ArrayList<Tensor>(Collections.nCopies(sites * PARTS, empty));
        var ints = new ArrayList<Long>(Collections.nCopies(LAYOUTS + sites + 1, 0L));
        for (var part : parts) {
            int at = part.index() * PARTS;
            part.a().ifPresent(tensor -> list.set(at, tensor));
            part.b().ifPresent(tensor -> list.set(at + 1, tensor));
            part.dora().ifPresent(tensor -> list.set(at + 2, tensor));
            part.bias().ifPresent(tensor -> list.set(at + 3, tensor));
            ints.set(LAYOUTS + part.index(), (long) part.layout());
        }
        for (var replacement : replacements) {
            ints.addAll(List.of((long) replacement.site(), (long) replacement.owner(), (long) list.size()));
            list.add(replacement.weight());
        }
        ints.set(LAYOUTS + sites, (long) ints.size());
        ints.add((long) tokens.size());
        for (var rows : tokens) {
            ints.addAll(List.of((long) rows.owner(), (long) list.size()));
            list.addAll(List.of(rows.ids(), rows.rows()));
        }
        ints.set(0, (long) list.size());
        ints.set(1, (long) replacements.size());
        ints.set(2, replacements.isEmpty() && parts.stream().allMatch(Site::isMatricesOnly) ? 1L : 0L);
        list.addAll(layouts);
        this.tensors = IValue.listFrom(list.stream().map(Tensor::array).toArray(PtNDArray[]::new));
        this.layout = IValue.listFrom(ints.stream().mapToLong(Long::longValue).toArray());
    }

    /// The numbers behind the names in the program's source.
    public static Map<String, Integer> constants(int sites) {
        return Map.of("AD_SITE", PARTS, "AD_A", 0, "AD_B", 1, "AD_DORA", 2, "AD_BIAS", 3, "AI_MASKS", 0, "AI_REPLACEMENTS", 1, "AI_MATRICES_ONLY", 2,
                "AI_LAYOUTS", LAYOUTS, "AI_SITES_END", LAYOUTS + sites + 1);
    }

    IValue tensors() {
        return tensors;
    }

    IValue layout() {
        return layout;
    }

    @Override
    public void close() {
        tensors.close();
        layout.close();
    }
}
