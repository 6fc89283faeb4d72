package dev.lorikeet.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.config.LorikeetConfig;
import dev.lorikeet.hub.HubUpload;
import dev.lorikeet.hub.Push;
import dev.lorikeet.hub.RepoRef;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.vertx.ext.web.RoutingContext;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `POST /v1/hub/push`, to a server that behaves as the hub.
@QuarkusTest
@TestProfile(HubPushTest.Profile.class)
class HubPushTest {
    private static final int SIZE = 3 << 20;
    private static final AtomicLong SEED = new AtomicLong();

    @Inject
    FakeUploads uploads;

    @Inject
    HubUpload upload;

    @Inject
    LorikeetConfig config;

    @TestHTTPResource("/")
    URI server;

    /// A data folder that keeps an adapter.
    public static final class Profile implements QuarkusTestProfile {
        @Override
        public Set<Class<?>> getEnabledAlternatives() {
            return Set.of(FakeCatalog.class, FakeUploads.class);
        }

        @Override
        public Map<String, String> getConfigOverrides() {
            try {
                Path data = Files.createTempDirectory("push");
                Path adapter = Files.createDirectories(data.resolve("adapters/mine"));
                Files.writeString(adapter.resolve("adapter_config.json"), "{\"peft_type\": \"LORA\"}");
                return Map.of("quarkus.http.test-port", "0", "lorikeet.data", data.toString());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /// Weights that the hub does not have from another test.
    @BeforeEach
    void reset() throws IOException {
        uploads.reset();
        byte[] weights = new byte[SIZE];
        new Random(SEED.incrementAndGet()).nextBytes(weights);
        Files.write(Path.of(config.data(), "adapters/mine/adapter_model.safetensors"), weights);
    }

    private static Response push(String repo, boolean stream) {
        return given().contentType("application/json").body(body(repo, stream)).post("/v1/hub/push");
    }

    private static String body(String repo, boolean stream) {
        return "{\"folder\": \"adapters/mine\", \"repo\": \"" + repo + "\", \"stream\": " + stream + "}";
    }

    private static List<JsonNode> events(Response response) {
        return Arrays.stream(response.asString().split("\n\n")).filter(event -> event.startsWith("data: {")).map(event -> Json.parse(event.substring(6)).orElseThrow()).toList();
    }

    @Test
    void aStreamTellsProgressUntilTheCommit() {
        Response response = push("acme/streamed", true);
        assertThat(response.contentType()).startsWith("text/event-stream");
        assertThat(response.asString()).endsWith("data: [DONE]\n\n");
        var events = events(response);
        assertThat(events.getFirst().toString()).isEqualTo("{\"object\":\"hub.push.progress\",\"files\":{},\"done\":0,\"total\":0,\"bytes_per_second\":0}");
        JsonNode all = events.get(events.size() - 2);
        assertThat(all.at("/files/adapter_model.safetensors").toString()).isEqualTo("{\"done\":" + SIZE + ",\"total\":" + SIZE + "}");
        assertThat(all.get("eta_seconds").intValue()).isZero();
        JsonNode last = events.getLast();
        assertThat(last.get("object").textValue()).isEqualTo("hub.push");
        assertThat(last.get("url").textValue()).isEqualTo(uploads.hub().url() + "acme/streamed/commit/" + last.get("commit").textValue());
        assertThat(last.get("changed").booleanValue()).isTrue();
    }

    @Test
    void withoutStreamTheAnswerIsOneObject() {
        Response response = push("acme/whole", false);
        assertThat(response.contentType()).startsWith("application/json");
        assertThat(Json.parse(response.asString()).orElseThrow().get("object").textValue()).isEqualTo("hub.push");
    }

    @Test
    void whatTheHubDoesNotAllowIsAnOrdinaryErrorInAStreamToo() {
        Response response = push("stranger/mine", true);
        assertThat(response.statusCode()).isEqualTo(400);
        assertThat(response.asString()).contains("write to stranger/mine", "hub_not_allowed");
    }

    @Test
    void whatFailsLaterEndsTheStreamWithAnErrorAndWithoutDone() {
        uploads.hub().refuse(request -> request.getUrl().pathSegments().contains("commit"), 400, "the branch is being rebased");
        Response response = push("acme/failing", true);
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(events(response).getLast().at("/error/message").textValue()).contains("the branch is being rebased");
        assertThat(response.asString()).doesNotContain("[DONE]");
    }

    @Test
    void aClientThatLeavesCancelsTheUploadAndTheSamePushGoesOn() throws Exception {
        uploads.hub().refuse(request -> request.getUrl().encodedPath().endsWith("/2"), 503, "later");
        try (Http http = Http.post(server, "/v1/hub/push", body("acme/left", true))) {
            http.readUntil("hub.push.progress");
            assertThat(uploads.waiting().await(1, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(uploads.cancelled().await(1, TimeUnit.MINUTES)).isTrue();
        int before = uploads.hub().model("acme/left").commits();
        uploads.hub().unstall();
        assertThat(push("acme/left", false).statusCode()).isEqualTo(200);
        assertThat(uploads.hub().model("acme/left").commits()).isEqualTo(before + 1);
    }

    @Test
    void aRequestThatIsBrokenOffBeforeTheHubHasAgreedEndsItsUpload() throws Exception {
        uploads.hub().refuse(_ -> true, 503, "later");
        var push = Push.of(Path.of(config.data(), "adapters/mine"), RepoRef.model("acme/never"));
        var nobody = (RoutingContext) Proxy.newProxyInstance(RoutingContext.class.getClassLoader(), new Class<?>[] {RoutingContext.class}, (_, _, _) -> null);
        var asking = new FutureTask<>(() -> StreamedPush.begin(push, upload, config, nobody));
        Thread thread = Thread.ofVirtual().start(asking);
        assertThat(uploads.waiting().await(1, TimeUnit.MINUTES)).isTrue();
        thread.interrupt();
        assertThat(uploads.cancelled().await(1, TimeUnit.MINUTES)).isTrue();
        assertThatThrownBy(asking::get).hasCauseInstanceOf(InterruptedException.class);
    }
}
