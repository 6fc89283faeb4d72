package dev.lorikeet.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.catalog.ModelState;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(ApiProfile.class)
class ModelsTest {
    @Inject
    FakeCatalog catalog;

    @TestHTTPResource
    URI server;

    @BeforeEach
    void reset() {
        catalog.reset();
    }

    private static String get(String path) {
        return given().urlEncodingEnabled(false).get(path).asString();
    }

    private static Response post(String path, String model) {
        return given().contentType("application/json").body("{\"model\":\"" + model + "\"}").post(path);
    }

    private ModelState loaded() {
        return catalog.entries().getFirst().state();
    }

    @Test
    void listHasTheModelsThatAnswerNow() {
        assertThat(get("/v1/models")).isEqualTo("{\"object\":\"list\",\"data\":["
                + "{\"id\":\"demo\",\"object\":\"model\",\"created\":1786900000,\"owned_by\":\"lorikeet\",\"root\":\"models/demo\",\"parent\":null,"
                + "\"max_model_len\":512},"
                + "{\"id\":\"org/name:tag\",\"object\":\"model\",\"created\":1786900000,\"owned_by\":\"lorikeet\",\"root\":\"models/org/name:tag\","
                + "\"parent\":null,\"max_model_len\":512}]}");
    }

    @Test
    void memoryHasTheDeviceAndWhatModelsAndAdaptersTake() {
        assertThat(get("/v1/memory")).isEqualTo("{\"object\":\"memory\",\"device\":\"cpu\",\"total_bytes\":10000,\"available_bytes\":4000,\"process_bytes\":3000,"
                + "\"models\":[{\"id\":\"demo\",\"weight_bytes\":2000,\"cache_bytes\":3000},{\"id\":\"org/name:tag\",\"weight_bytes\":2000,\"cache_bytes\":3000}],"
                + "\"adapters\":{\"device_bytes\":0,\"host_bytes\":0,\"budget_bytes\":2147483648}}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"org/name:tag", "org%2Fname%3Atag", "org%2fname:tag", "org/name%3atag"})
    void idMayHaveSlashAndColonRawAndEncoded(String id) {
        assertThat(get("/v1/models/" + id)).startsWith("{\"id\":\"org/name:tag\",\"object\":\"model\"");
    }

    @Test
    void unknownOrUnloadedModelIs404() {
        assertThat(given().get("/v1/models/nobody").statusCode()).isEqualTo(404);
        assertThat(get("/v1/models/nobody")).contains("\"code\":\"model_not_found\"");
        assertThat(given().get("/v1/models/cold").statusCode()).isEqualTo(404);
    }

    @Test
    void routerListShowsEveryState() {
        assertThat(get("/models")).contains("{\"id\":\"demo\",\"aliases\":[],\"tags\":[],\"object\":\"model\",\"owned_by\":\"lorikeet\",\"created\":1786900000,"
                + "\"status\":{\"value\":\"loaded\",\"args\":[],\"info\":{\"n_ctx\":512,")
                .contains("\"status\":{\"value\":\"loading\",\"args\":[],\"progress\":{\"stages\":[\"text_model\"],\"current\":\"text_model\",\"value\":0.42}}")
                .contains("\"status\":{\"value\":\"unloaded\",\"args\":[]},\"architecture\":{\"input_modalities\":[\"text\"],\"output_modalities\":[\"text\"]}")
                .contains("\"status\":{\"value\":\"failed\",\"args\":[],\"failed\":true,\"reason\":\"missing shard model-00002-of-00002.safetensors\"}");
    }

    @Test
    void loadIsAcceptedAndUnloadSaysTheBytesFreed() {
        assertThat(post("/models/load", "cold").asString()).isEqualTo("{\"success\":true}");
        assertThat(post("/models/unload", "demo").asString()).isEqualTo("{\"success\":true,\"bytes_freed\":5000}");
    }

    @Test
    void refusedChangesHaveLlamaCppsErrors() {
        Response unknown = post("/models/load", "nobody");
        assertThat(unknown.statusCode()).isEqualTo(404);
        assertThat(unknown.asString()).contains("model is not found").contains("\"type\":\"not_found_error\"").contains("\"code\":404");
        Response running = post("/models/load", "demo");
        assertThat(running.statusCode()).isEqualTo(400);
        assertThat(running.asString()).contains("model is already running").contains("\"code\":400");
        for (String idleOrUnknown : new String[] {"cold", "nobody"}) {
            Response idle = post("/models/unload", idleOrUnknown);
            assertThat(idle.statusCode()).as(idleOrUnknown).isEqualTo(400);
            assertThat(idle.asString()).contains("model is not running").contains("\"type\":\"invalid_request_error\"");
        }
        Response refused = post("/models/load", "broken");
        assertThat(refused.statusCode()).isEqualTo(400);
        assertThat(refused.asString()).contains("5000").contains("4000");
    }

    @Test
    void eventsTellStatesAtOnceAndProgressAtMostEvery100Ms() throws Exception {
        ModelState loaded = loaded();
        // Whoever follows the catalog for good does so from the first request on.
        get("/v1/models");
        int before = catalog.listeners();
        try (Http http = new Http(server)) {
            http.send("GET /models/sse HTTP/1.1\r\nHost: localhost\r\n\r\n");
            http.readUntil(": ping\n\n");
            long start = System.nanoTime();
            for (int i = 0; i < 200; i++) {
                catalog.become("cold", new ModelState.Loading(i / 200.0));
            }
            catalog.become("cold", loaded);
            catalog.become("cold", new ModelState.Failed("out of memory"));
            String text = http.readUntil("out of memory\"}}\n\n");
            long allowed = 1 + (System.nanoTime() - start) / 100_000_000;
            assertThat(text.split("\"status\":\"loading\"", -1).length - 1).isBetween(1, (int) allowed);
            assertThat(text).contains("data: {\"model\":\"cold\",\"event\":\"model_status\",\"data\":{\"status\":\"loading\",\"progress\":"
                    + "{\"stages\":[\"text_model\"],\"current\":\"text_model\",\"value\":0.0}}}\n\n");
            assertThat(text).contains("data: {\"model\":\"cold\",\"event\":\"model_status\",\"data\":{\"status\":\"loaded\",\"info\":{\"n_ctx\":512,");
            assertThat(text).contains("{\"status\":\"failed\",\"failed\":true,\"reason\":\"out of memory\"}}\n\n").doesNotContain("event:");
        }
        assertThat(catalog.listenersLeave(before)).isTrue();
    }

    @Test
    void progressAfterWhichNothingComesIsTold() throws Exception {
        try (Http http = new Http(server)) {
            http.send("GET /models/sse HTTP/1.1\r\nHost: localhost\r\n\r\n");
            http.readUntil(": ping\n\n");
            catalog.become("cold", new ModelState.Loading(0));
            catalog.become("cold", new ModelState.Loading(0.25));
            catalog.become("cold", new ModelState.Loading(0.5));
            assertThat(http.readUntil("\"value\":0.5}}}\n\n")).doesNotContain("0.25");
            catalog.become("cold", new ModelState.Unloaded());
        }
    }

    @Test
    void aDownloadIsStartedByItsNameAndRefusedWithTheReason() {
        assertThat(post("/models", "acme/new").asString()).isEqualTo("{\"success\":true}");
        assertThat(get("/models")).contains("\"status\":{\"value\":\"downloading\",\"args\":[],\"progress\":{}}");
        assertThat(post("/models", "acme/gated").statusCode()).isEqualTo(400);
        assertThat(post("/models", "acme/gated").asString()).contains("https://huggingface.co/acme/gated");
        assertThat(post("/models", "acme/later").statusCode()).isEqualTo(503);
        assertThat(post("/models", "acme/later").asString()).contains("\"type\":\"unavailable_error\"");
        assertThat(post("/models", "acme/later").header("Retry-After")).as("as long as the hub asked to wait").isEqualTo("77");
    }

    @Test
    void eventsTellADownloadFromItsBeginningToItsEnd() throws Exception {
        var half = new ModelState.Downloading(Map.of("https://hub/a", new ModelState.Transfer(1, 2)), Optional.of(Duration.ofSeconds(7)));
        try (Http http = new Http(server)) {
            http.send("GET /models/sse HTTP/1.1\r\nHost: localhost\r\n\r\n");
            http.readUntil(": ping\n\n");
            catalog.become("acme/new", new ModelState.Downloading(Map.of(), Optional.empty()));
            http.readUntil("data: {\"model\":\"acme/new\",\"event\":\"model_status\",\"data\":{\"status\":\"downloading\",\"progress\":{}}}\n\n");
            catalog.become("acme/new", half);
            http.readUntil("data: {\"model\":\"acme/new\",\"event\":\"download_progress\",\"data\":{\"https://hub/a\":{\"done\":1,\"total\":2}},\"eta_seconds\":7}\n\n");
            catalog.become("acme/new", new ModelState.Failed("no space"));
            http.readUntil("data: {\"model\":\"acme/new\",\"event\":\"download_failed\",\"data\":{\"reason\":\"no space\"}}\n\n");
            catalog.become("acme/new", new ModelState.Downloading(Map.of(), Optional.empty()));
            catalog.become("acme/new", new ModelState.Unloaded());
            http.readUntil("data: {\"model\":\"acme/new\",\"event\":\"download_finished\",\"data\":{}}\n\n");
        }
    }

    @Test
    void healthFollowsTheDefaultModel() {
        assertThat(get("/health")).isEqualTo("{\"status\":\"ok\"}");
        assertThat(given().get("/ping").statusCode()).isEqualTo(200);
        assertThat(get("/version")).matches("\\{\"version\":\"[^\"]+\"}");
        for (String check : new String[] {"live", "ready", "started"}) {
            assertThat(given().get("/q/health/" + check).statusCode()).as(check).isEqualTo(200);
        }
        catalog.become("demo", new ModelState.Unloaded());
        assertThat(given().get("/health").statusCode()).isEqualTo(503);
        assertThat(given().get("/health").header("Retry-After")).isEqualTo("2");
        assertThat(given().get("/health").asString()).contains("\"The default model is unloaded\"");
        assertThat(given().get("/q/health/ready").statusCode()).isEqualTo(503);
        assertThat(given().get("/q/health/live").statusCode()).isEqualTo(200);
        assertThat(given().get("/q/health/started").statusCode()).isEqualTo(200);
        catalog.become("demo", new ModelState.Loading(0.5));
        assertThat(given().get("/health").asString()).contains("\"Loading model\"");
        catalog.become("demo", new ModelState.Failed("out of memory"));
        assertThat(given().get("/health").asString()).contains("could not be loaded: out of memory");
    }

    @Test
    void openApiAndSwaggerUiAreServed() {
        assertThat(get("/q/openapi")).contains("/v1/chat/completions", "/v1/completions", "/v1/models", "/models/load", "/tokenize", "/apply-template");
        assertThat(given().get("/q/swagger-ui/").statusCode()).isEqualTo(200);
    }
}
