package dev.lorikeet.registry;

import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.catalog.ModelEntry;
import dev.lorikeet.catalog.ModelLease;
import dev.lorikeet.chat.TextModel;
import dev.lorikeet.engine.AdapterMix;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;

/// Who uses which version: finds what a request names, waits until it is on the device, and holds it until the request has ended.
public final class AdapterLeases {
    private final AdapterNames names;
    private final ModelCatalog catalog;
    private final Consumer<Version> bring;
    private final Duration patience;
    private long uses;

    /// An adapter that a request names, with its weight. @param field of the request, for errors
    public record Wish(String name, double scale, String field) {}

    private record Share(Version version, double scale) {}

    /// @param names also the lock @param bring starts to bring a version whose state is `LOADING`
    AdapterLeases(AdapterNames names, ModelCatalog catalog, Consumer<Version> bring, Duration patience) {
        this.names = names;
        this.catalog = catalog;
        this.bring = bring;
        this.patience = patience;
    }

    /// Under the lock.
    long nextUse() {
        return ++uses;
    }

    /// Under the lock. A name as it is comes first: names of adapters may have colons.
    Optional<Version> find(String model) {
        var exact = names.find(model);
        if (exact.isPresent()) {
            return exact;
        }
        for (int colon = model.indexOf(':'); colon > 0; colon = model.indexOf(':', colon + 1)) {
            String base = model.substring(0, colon);
            var version = names.find(model.substring(colon + 1)).filter(some -> some.source.base().equals(base));
            if (version.isPresent()) {
                return version;
            }
        }
        return Optional.empty();
    }

    ServedModel lease(String model, List<Wish> further) {
        var shares = new ArrayList<Share>();
        String base;
        synchronized (names) {
            var named = find(model);
            named.ifPresent(version -> shares.add(new Share(version, 1)));
            base = named.map(version -> version.source.base()).orElse(model);
            for (var wish : further) {
                shares.add(new Share(find(wish.name()).orElseThrow(() -> AdapterException.NotFound.of(wish)), wish.scale()));
            }
        }
        check(base, shares);
        var lease = catalog.lease(base);
        var held = new ArrayList<Version>();
        try {
            for (var share : shares) {
                acquire(share.version());
                held.add(share.version());
            }
            return new Served(model, lease, List.copyOf(held), text(lease, shares), mix(shares));
        } catch (RuntimeException e) {
            release(held);
            lease.close();
            throw e;
        }
    }

    private void check(String base, List<Share> shares) {
        for (var share : shares) {
            var version = share.version();
            if (!version.source.base().equals(base) && catalog.entries().stream().map(ModelEntry::id).anyMatch(base::equals)) {
                throw new AdapterException.Invalid("The lora adapter `" + version.name + "` belongs to the base `" + version.source.base() + "`, not to `"
                        + base + "`.");
            }
            if (!version.additive && (shares.size() > 1 || share.scale() != 1)) {
                throw new AdapterException.Invalid("The lora adapter `" + version.name + "` is not purely additive (it has magnitudes, biases, whole weights "
                        + "or token rows), so it can neither be scaled nor mixed with others: use it alone, with scale 1.");
            }
        }
        if (shares.stream().map(Share::version).distinct().count() < shares.size()) {
            throw new AdapterException.Invalid("'lora' names an adapter twice.");
        }
    }

    /// The text is that of the one adapter; several have no text in common but the base's.
    private static TextModel text(ModelLease lease, List<Share> shares) {
        return shares.size() == 1 ? shares.getFirst().version().loaded.orElseThrow().text().model() : lease.model();
    }

    private static Optional<AdapterMix> mix(List<Share> shares) {
        return shares.isEmpty() ? Optional.empty() : Optional.of(new AdapterMix(shares.stream()
                .map(share -> new AdapterMix.Share(share.version().loaded.orElseThrow().adapter(), share.scale())).toList()));
    }

    private void acquire(Version version) {
        long deadline = System.nanoTime() + patience.toNanos();
        synchronized (names) {
            version.waiting++;
        }
        try {
            while (true) {
                CompletableFuture<Void> pending;
                synchronized (names) {
                    if (version.retired) {
                        throw new CatalogException.NotFound(version.name);
                    }
                    if (version.state == AdapterState.DEVICE) {
                        version.leases++;
                        version.use = nextUse();
                        version.lastUse = Optional.of(Instant.now());
                        return;
                    }
                    pending = pending(version);
                }
                await(pending, deadline);
            }
        } finally {
            synchronized (names) {
                version.waiting--;
            }
        }
    }

    private CompletableFuture<Void> pending(Version version) {
        if (version.state != AdapterState.LOADING) {
            version.state = AdapterState.LOADING;
            version.pending = new CompletableFuture<>();
            bring.accept(version);
        }
        return version.pending;
    }

    /// Where all memory is in use, waits for someone to leave it.
    private void await(CompletableFuture<Void> pending, long deadline) {
        try {
            pending.join();
        } catch (CompletionException e) {
            long left = (deadline - System.nanoTime()) / 1_000_000;
            if (!(e.getCause() instanceof AdapterException.Full) || left <= 0) {
                throw e.getCause() instanceof RuntimeException cause ? cause : e;
            }
            try {
                synchronized (names) {
                    names.wait(Math.min(left, 100));
                }
            } catch (InterruptedException _) {
                Thread.currentThread().interrupt();
                throw (AdapterException.Full) e.getCause();
            }
        }
    }

    private void release(List<Version> versions) {
        synchronized (names) {
            versions.forEach(version -> version.leases--);
            names.notifyAll();
        }
    }

    private final class Served implements ServedModel {
        private final String id;
        private final ModelLease lease;
        private final List<Version> versions;
        private final TextModel text;
        private final Optional<AdapterMix> mix;
        private boolean closed;

        Served(String id, ModelLease lease, List<Version> versions, TextModel text, Optional<AdapterMix> mix) {
            this.id = id;
            this.lease = lease;
            this.versions = versions;
            this.text = text;
            this.mix = mix;
        }

        @Override
        public String id() {
            return id;
        }

        @Override
        public TextModel model() {
            return text;
        }

        @Override
        public Optional<AdapterMix> adapters() {
            return mix;
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                release(versions);
                lease.close();
            }
        }
    }
}
