package dev.lorikeet.engine;

import dev.lorikeet.model.StepBatch.AdapterRows;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/// Keeps the adapters of recent batches ready, so that they are put together when the set of mixes changes and not for every token.
/// Engine thread only, but for `release`.
final class AdapterBatches implements AutoCloseable {
    /// A mixed batch, one about to replace it, and two of reproducible sequences.
    private static final int KEPT = 4;

    private final AdapterBatch.Source source;
    /// The one used last stands last.
    private final List<Ready> ready = new ArrayList<>();
    private final ConcurrentLinkedQueue<Release> releases = new ConcurrentLinkedQueue<>();
    private int prepared;

    private record Ready(Set<AdapterMix> mixes, AdapterBatch batch) {}

    /// A wish that nothing may refer to an adapter any more.
    record Release(LoadedAdapter adapter, CountDownLatch done) {}

    AdapterBatches(AdapterBatch.Source source) {
        this.source = source;
    }

    /// @param mixes one for each sequence
    /// @param exact whether the batch must hold no other mix, since the number of ranks in it changes the last bits
    Optional<AdapterRows> rows(List<Optional<AdapterMix>> mixes, boolean exact) {
        var needed = new LinkedHashSet<AdapterMix>();
        mixes.forEach(mix -> mix.ifPresent(needed::add));
        return needed.isEmpty() ? Optional.empty() : Optional.of(ready(needed, exact).batch().rows(mixes));
    }

    private Ready ready(Set<AdapterMix> needed, boolean exact) {
        var found = ready.stream().filter(batch -> batch.mixes().equals(needed)).findFirst();
        if (found.isEmpty() && !exact) {
            // A sequence that ends would make the others wait for a smaller batch; the larger one serves them as well for a while.
            found = ready.stream().filter(batch -> batch.mixes().size() <= needed.size() + 1 && batch.mixes().containsAll(needed)).findFirst();
        }
        var batch = found.orElseGet(() -> prepare(needed));
        ready.remove(batch);
        ready.add(batch);
        return batch;
    }

    private Ready prepare(Set<AdapterMix> needed) {
        if (ready.size() == KEPT) {
            ready.removeFirst().batch().close();
        }
        prepared++;
        return new Ready(Set.copyOf(needed), source.prepare(List.copyOf(needed)));
    }

    /// Asks, from any thread, that what refers to the adapter be dropped in a step after those sequences that were cancelled before.
    CountDownLatch release(LoadedAdapter adapter) {
        var release = new Release(adapter, new CountDownLatch(1));
        releases.add(release);
        return release.done();
    }

    /// The wishes so far, to be granted once cancelled sequences are out.
    List<Release> takeReleases() {
        var taken = new ArrayList<Release>();
        for (var release = releases.poll(); release != null; release = releases.poll()) {
            taken.add(release);
        }
        return taken;
    }

    void grant(List<Release> taken) {
        for (var release : taken) {
            for (var batch : List.copyOf(ready)) {
                if (batch.mixes().stream().anyMatch(mix -> mix.has(release.adapter()))) {
                    ready.remove(batch);
                    batch.batch().close();
                }
            }
            release.done().countDown();
        }
    }

    /// How often adapters were put together.
    int prepared() {
        return prepared;
    }

    @Override
    public void close() {
        ready.forEach(batch -> batch.batch().close());
        ready.clear();
        grant(takeReleases());
    }
}
