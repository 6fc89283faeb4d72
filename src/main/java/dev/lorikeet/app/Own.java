package dev.lorikeet.app;

import java.util.List;

/// A server that a command starts for itself alone.
final class Own {
    private Own() {}

    /// Whatever the environment says for a server that others use: this one listens on this machine, and asks itself for no key.
    static void machineOnly() {
        System.setProperty(Option.HOST.property(), "localhost");
        List.of(Option.API_KEYS, Option.ADMIN_KEYS, Option.KEYS_FILE, Option.OIDC_ISSUER, Option.TLS_CERTIFICATE, Option.MANAGEMENT_PORT).forEach(option -> System.setProperty(option.property(), ""));
    }
}
