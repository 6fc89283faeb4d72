package dev.lorikeet.packaged;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What lies in `k8s/`: held against the schemas of Kubernetes, and the dashboard against a server's metrics.
class ManifestsIT {
    @Test
    void theManifestsFitTheSchemasAndOneAnother(@TempDir Path folder) throws Exception {
        Path metrics = folder.resolve("metrics");
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            server.chat("demo");
            Files.writeString(metrics, server.text("/metrics"));
        }
        NodeScript.passes("manifests.mjs", "kubernetes-models", metrics.toString());
    }
}
