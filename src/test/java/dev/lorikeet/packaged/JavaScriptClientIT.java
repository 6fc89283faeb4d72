package dev.lorikeet.packaged;

import org.junit.jupiter.api.Test;

/// OpenAI's own JavaScript client: `src/test/js/client.mjs` makes the assertions and prints a line for each.
class JavaScriptClientIT {
    @Test
    void everyTestOfTheJavaScriptClientPasses() throws Exception {
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            NodeScript.passes("client.mjs", "openai", server.uri("/v1").toString());
        }
    }
}
