package dev.lorikeet.api;

import dev.lorikeet.hub.FakeHub;
import dev.lorikeet.hub.HubClient;
import dev.lorikeet.hub.HubSettings;
import dev.lorikeet.hub.HubToken;
import dev.lorikeet.hub.HubUpload;
import io.quarkus.arc.Unremovable;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;

/// Uploads to a [FakeHub]. A transfer that is to be tried again waits until somebody interrupts it.
@Alternative
@ApplicationScoped
@Unremovable
public class FakeUploads {
    private final FakeHub hub = start();
    private volatile CountDownLatch waiting = new CountDownLatch(1);
    private volatile CountDownLatch cancelled = new CountDownLatch(1);

    private static FakeHub start() {
        try {
            return new FakeHub();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Produces
    @Alternative
    @Singleton
    HubUpload upload() {
        var settings = new HubSettings(hub.url(), Optional.of(new HubToken(FakeHub.OWNER)), Path.of("unused"), false, Duration.ofSeconds(10), Duration.ofSeconds(10));
        return new HubUpload(new HubClient(settings, _ -> {
            try {
                waiting.countDown();
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                cancelled.countDown();
                throw e;
            }
        }));
    }

    FakeHub hub() {
        return hub;
    }

    /// A transfer is to be tried again.
    CountDownLatch waiting() {
        return waiting;
    }

    CountDownLatch cancelled() {
        return cancelled;
    }

    void reset() {
        hub.unstall();
        waiting = new CountDownLatch(1);
        cancelled = new CountDownLatch(1);
    }

    @PreDestroy
    void stop() {
        hub.close();
    }
}
