package dev.lorikeet.engine;

import java.util.Optional;

/// What keys and values depend on besides the tokens. A prefix is reused only under an equal key.
///
/// @param salt separates tenants that must not learn from timing what others asked
record CacheKey(Optional<String> salt) {}
