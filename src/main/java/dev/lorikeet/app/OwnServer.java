package dev.lorikeet.app;

import dev.lorikeet.catalog.ModelCatalog;
import dev.lorikeet.terminal.Server;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/// A server for as long as one command needs it, where none runs that could do its work. It listens on a free port of this machine alone.
public class OwnServer implements QuarkusApplication {
    /// What a server has that others use.
    private static final List<Option> OTHERS = List.of(Option.API_KEYS, Option.ADMIN_KEYS, Option.KEYS_FILE, Option.OIDC_ISSUER, Option.TLS_CERTIFICATE,
            Option.MANAGEMENT_PORT);

    private final Lifecycle lifecycle;
    private final ModelCatalog catalog;
    private final int port;

    OwnServer(Lifecycle lifecycle, ModelCatalog catalog, @ConfigProperty(name = "quarkus.http.port") int port) {
        this.lifecycle = lifecycle;
        this.catalog = catalog;
        this.port = port;
    }

    /// Carries out a command of a client and ends the process.
    static void runIfNeeded(CommandLine line, String... arguments) {
        var client = new Clients(line);
        int status = ExitStatus.of(line.command().word(), client::runOnRunningServer);
        if (status != ExitStatus.DONE || client.isDone()) {
            System.exit(status);
        }
        onFreePort();
        client.model().ifPresent(model -> System.setProperty(Option.MODEL.property(), model));
        // What the command prints is for others to read.
        System.setProperty("quarkus.log.console.stderr", "true");
        if (!line.options().containsKey(Option.LOG_LEVEL)) {
            System.setProperty(Option.LOG_LEVEL.property(), "WARN");
        }
        // Who interrupts the command waits for no answer any more; a training writes its checkpoint all the same.
        if (!line.options().containsKey(Option.GRACE)) {
            System.setProperty(Option.GRACE.property(), "1s");
        }
        Quarkus.run(OwnServer.class, arguments);
    }

    static void onFreePort() {
        try (var socket = new ServerSocket(0)) {
            System.setProperty(Option.PORT.property(), String.valueOf(socket.getLocalPort()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        // Whatever the environment says for a server that others use: this one listens on this machine, and asks itself for no key.
        System.setProperty(Option.HOST.property(), "localhost");
        OTHERS.forEach(option -> System.setProperty(option.property(), ""));
    }

    @Override
    public int run(String... arguments) {
        if (!lifecycle.awaitServing()) {
            return ExitStatus.FAILED; // The log has said why.
        }
        var line = CommandLine.parse(arguments);
        String model = catalog.entries().getFirst().id();
        return ExitStatus.of(line.command().word(), () -> new Clients(line).run(new Server("http://localhost:" + port, Optional.empty(), Optional.empty()), model));
    }
}
