package dev.lorikeet.adapter;

import dev.lorikeet.engine.LoadedAdapter;
import dev.lorikeet.tensor.Script;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.TensorCopy;
import dev.lorikeet.tensor.TensorDevice;
import dev.lorikeet.tensor.TensorOwner;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;

/// A loaded adapter: immutable tensors in the base's dtype, ready to be put into a batch. Owns them; [#close()] frees them, and must
/// not be called before the last sequence that uses the adapter has ended (the registry's leases see to that).
public final class Adapter implements LoadedAdapter, AutoCloseable {
    private static final AtomicLong IDS = new AtomicLong();

    private final long id;
    private final TensorOwner owner;
    private final Map<Integer, Part> parts;
    private final Map<Integer, Tensor> replacements;
    private final Optional<TokenRows> tokenRows;
    private final int rank;
    private final long bytes;

    /// What the adapter adds at one weight.
    ///
    /// @param lowRank A and B @param dora m/n − 1, `[1, out]` @param bias to add, `[1, out]`
    record Part(Optional<LowRank> lowRank, Optional<Tensor> dora, Optional<Tensor> bias) {}

    /// @param a `[rank, in]`, for the embedding `[vocab, rank]` @param b `[rank, out]`, with scale and magnitude in it
    record LowRank(Tensor a, Tensor b, int rank) {}

    /// Rows in the place of some tokens' embeddings.
    record TokenRows(Tensor ids, Tensor rows) {}

    Adapter(TensorOwner owner, Map<Integer, Part> parts, Map<Integer, Tensor> replacements, Optional<TokenRows> tokenRows, int rank, long bytes) {
        this(IDS.incrementAndGet(), owner, new Contents(parts, replacements, tokenRows), rank, bytes);
    }

    private record Contents(Map<Integer, Part> parts, Map<Integer, Tensor> replacements, Optional<TokenRows> tokenRows) {}

    private Adapter(long id, TensorOwner owner, Contents contents, int rank, long bytes) {
        this.id = id;
        this.owner = owner;
        this.parts = Map.copyOf(contents.parts());
        this.replacements = Map.copyOf(contents.replacements());
        this.tokenRows = contents.tokenRows();
        this.rank = rank;
        this.bytes = bytes;
    }

    Map<Integer, Part> parts() {
        return parts;
    }

    Map<Integer, Tensor> replacements() {
        return replacements;
    }

    Optional<TokenRows> tokenRows() {
        return tokenRows;
    }

    @Override
    public long id() {
        return id;
    }

    /// The largest rank of its matrices.
    public int rank() {
        return rank;
    }

    /// Bytes of its tensors on the device.
    public long bytes() {
        return bytes;
    }

    /// True if it is nothing but low-rank matrices.
    @Override
    public boolean isAdditive() {
        return replacements.isEmpty() && tokenRows.isEmpty() && parts.values().stream().allMatch(part -> part.dora().isEmpty() && part.bias().isEmpty());
    }

    /// A copy on another device, or in host memory until it is wanted again. It computes the same, hence has the same id.
    public Adapter copyTo(TensorDevice device, Script program) {
        var target = TensorOwner.open(device);
        try {
            var copy = new TensorCopy(program, target);
            var copiedParts = new HashMap<Integer, Part>();
            parts.forEach((site, part) -> copiedParts.put(site,
                    new Part(part.lowRank().map(matrices -> new LowRank(copy.of(matrices.a()), copy.of(matrices.b()), matrices.rank())),
                            part.dora().map(copy::of), part.bias().map(copy::of))));
            var copiedReplacements = new HashMap<Integer, Tensor>();
            replacements.forEach((site, weight) -> copiedReplacements.put(site, copy.of(weight)));
            var copiedRows = tokenRows.map(rows -> new TokenRows(copy.of(rows.ids()), copy.of(rows.rows())));
            return new Adapter(id, target, new Contents(copiedParts, copiedReplacements, copiedRows), rank, bytes);
        } catch (RuntimeException | Error e) {
            target.close();
            throw e;
        }
    }

    @Override
    public void close() {
        owner.close();
    }

    static List<Integer> sites(List<Adapter> adapters) {
        return adapters.stream().flatMap(adapter -> adapter.parts.keySet().stream()).distinct().sorted().toList();
    }
}
