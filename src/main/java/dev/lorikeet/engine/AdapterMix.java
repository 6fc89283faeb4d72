package dev.lorikeet.engine;

import java.util.List;

/// The adapters that a sequence runs on, with their weights.
///
/// @param shares at least one, no adapter twice
public record AdapterMix(List<Share> shares) {
    public AdapterMix {
        shares = List.copyOf(shares);
        if (shares.isEmpty()) {
            throw new IllegalArgumentException("a mix needs at least one adapter; leave it out for the base alone");
        }
        if (shares.stream().map(Share::adapter).distinct().count() < shares.size()) {
            throw new IllegalArgumentException("an adapter is in the mix twice");
        }
        boolean plain = shares.size() == 1 && shares.getFirst().scale() == 1;
        if (!plain && !shares.stream().allMatch(share -> share.adapter().isAdditive())) {
            throw new IllegalArgumentException("an adapter that is not purely additive can neither be scaled nor mixed with others");
        }
    }

    /// @param scale on the adapter's own; finite
    public record Share(LoadedAdapter adapter, double scale) {
        public Share {
            if (!Double.isFinite(scale)) {
                throw new IllegalArgumentException("scale is " + scale + "; it must be a finite number");
            }
        }
    }

    /// What of a mix keys and values depend on. Holds no adapter, so that it may outlive them.
    public record Key(List<Weighted> adapters) {
        /// @param adapter its id
        public record Weighted(long adapter, double scale) {}
    }

    public static AdapterMix of(LoadedAdapter adapter) {
        return new AdapterMix(List.of(new Share(adapter, 1)));
    }

    public Key key() {
        return new Key(shares.stream().map(share -> new Key.Weighted(share.adapter().id(), share.scale())).toList());
    }

    boolean has(LoadedAdapter adapter) {
        return shares.stream().anyMatch(share -> share.adapter().id() == adapter.id());
    }
}
