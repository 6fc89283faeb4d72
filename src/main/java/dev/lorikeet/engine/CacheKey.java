package dev.lorikeet.engine;

import java.util.Optional;

/// What keys and values depend on besides the tokens. A prefix is reused only under an equal key.
///
/// @param salt separates tenants that must not learn from timing what others asked
/// @param adapters each loaded adapter has an id of its own, so that a new version never answers from what an older one computed
record CacheKey(Optional<String> salt, Optional<AdapterMix.Key> adapters) {
    static final CacheKey NONE = new CacheKey(Optional.empty(), Optional.empty());

    static CacheKey of(GenerationRequest request) {
        return new CacheKey(request.cacheSalt(), request.adapters().map(AdapterMix::key));
    }
}
