package dev.lorikeet.access;

import java.util.Optional;

/// Where a request shows what it has: one of the server's keys, or a token of an OpenID provider.
///
/// @param tokens empty: no provider is known here
public record Gate(Keyring keyring, Optional<OpenIdTokens> tokens) {
    /// Whether requests must show something.
    public boolean isClosed() {
        return keyring.isRequired() || tokens.isPresent();
    }
}
