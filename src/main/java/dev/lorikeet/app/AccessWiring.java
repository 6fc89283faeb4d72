package dev.lorikeet.app;

import dev.lorikeet.access.Gate;
import dev.lorikeet.access.Key;
import dev.lorikeet.access.KeyText;
import dev.lorikeet.access.Keyring;
import dev.lorikeet.access.KeysFile;
import dev.lorikeet.access.Limits;
import dev.lorikeet.access.OpenIdTokens;
import dev.lorikeet.access.Role;
import dev.lorikeet.config.LorikeetConfig;
import dev.lorikeet.store.BadFileException;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import org.jboss.logging.Logger;

/// The keys of the options and of the file, which is looked at every second. A server that others could reach without a key does not start.
@ApplicationScoped
class AccessWiring {
    private static final Logger LOG = Logger.getLogger(AccessWiring.class);
    private static final long SECONDS_BETWEEN_LOOKS = 1;

    private final ScheduledExecutorService watcher = Executors.newSingleThreadScheduledExecutor(task -> Thread.ofPlatform().name("keys-watch").daemon().unstarted(task));

    @Produces
    @Singleton
    Keyring keyring(LorikeetConfig config) {
        try {
            var keyring = new Keyring(keys(config), config.keysFile().map(Path::of).map(KeysFile::new), limits(config));
            if (!keyring.isRequired() && config.oidcIssuer().isEmpty() && !config.insecure() && !isLoopback(config.host())) {
                throw new IllegalArgumentException("host is `" + config.host() + "`: other machines would reach this server, and it has no keys. Give it some "
                        + "(LORIKEET_API_KEYS, LORIKEET_ADMIN_KEYS or --keys-file), listen on localhost, or say --insecure if everyone who reaches it may do everything");
            }
            return keyring;
        } catch (BadFileException e) {
            throw new ConfigurationException("lorikeet: " + e.getMessage() + "; `./lorikeet key new NAME --keys-file FILE` makes such a file");
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("lorikeet: " + e.getMessage());
        }
    }

    @Produces
    @Singleton
    Gate gate(LorikeetConfig config, Keyring keyring) {
        if (config.oidcIssuer().isEmpty()) {
            return new Gate(keyring, Optional.empty());
        }
        try {
            // Without it, tokens that the provider makes for other servers would be good here.
            String audience = config.oidcAudience().orElseThrow(() -> new IllegalArgumentException("oidc-audience is missing; it says which tokens of "
                    + config.oidcIssuer().get() + " are for this server"));
            var settings = new OpenIdTokens.Settings(URI.create(config.oidcIssuer().get()), audience, config.oidcRolesClaim(), config.oidcAdminRole());
            return new Gate(keyring, Optional.of(new OpenIdTokens(settings, new OkHttpClient(), limits(config))));
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("lorikeet: " + e.getMessage());
        }
    }

    private static List<Key> keys(LorikeetConfig config) {
        var keys = new ArrayList<Key>();
        config.apiKeys().ifPresent(entries -> keys.addAll(KeyText.parse("api-keys", entries, Role.USER)));
        config.adminKeys().ifPresent(entries -> keys.addAll(KeyText.parse("admin-keys", entries, Role.ADMIN)));
        return keys;
    }

    private static Limits limits(LorikeetConfig config) {
        return new Limits(config.keyRequestsPerMinute(), config.keyTokensPerMinute(), config.keyTokensPerDay(), config.keyConcurrentRequests());
    }

    /// A name that means nothing here cannot be listened on either, which is said where it is tried.
    private static boolean isLoopback(String host) {
        try {
            return InetAddress.getByName(host).isLoopbackAddress();
        } catch (UnknownHostException _) {
            return true;
        }
    }

    void start(@Observes StartupEvent event, Keyring keyring) {
        if (keyring.isRequired()) {
            LOG.infof("requests need a key; %d are known", keyring.size());
        }
        watcher.scheduleWithFixedDelay(() -> {
            try {
                keyring.refresh();
            } catch (RuntimeException e) {
                LOG.error("a bug in reading the keys again; the next look goes on", e);
            }
        }, SECONDS_BETWEEN_LOOKS, SECONDS_BETWEEN_LOOKS, TimeUnit.SECONDS);
    }

    void stop(@Observes ShutdownEvent event) {
        watcher.shutdownNow();
    }
}
