package dev.lorikeet.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.engine.QueueFullException;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(ApiProfile.class)
class HttpErrorsTest {
    private static final String HI = "{\"model\":\"demo\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}";

    @Inject
    FakeCatalog catalog;

    @TestHTTPResource
    URI server;

    @BeforeEach
    void reset() {
        catalog.reset();
    }

    private static Response chat(String body) {
        return given().contentType("application/json").body(body).post("/v1/chat/completions");
    }

    private static JsonNode error(Response response, int status, String type, String code) {
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(status);
        assertThat(response.contentType()).startsWith("application/json");
        assertThat(response.header("x-request-id")).isNotBlank();
        JsonNode error = Json.parse(response.asString()).orElseThrow().get("error");
        assertThat(error.propertyStream().map(java.util.Map.Entry::getKey)).containsExactly("message", "type", "param", "code");
        assertThat(error.get("type").textValue()).isEqualTo(type);
        assertThat(error.get("code").asText()).isEqualTo(code);
        return error;
    }

    @Test
    void unknownModelIs404() {
        JsonNode error = error(chat(HI.replace("demo", "x")), 404, "invalid_request_error", "model_not_found");
        assertThat(error.get("message").textValue()).isEqualTo("The model `x` does not exist or you do not have access to it.");
        assertThat(error.get("param").textValue()).isEqualTo("model");
    }

    @Test
    void loadingModelIs503WithRetryAfter() {
        Response response = chat(HI.replace("demo", "busy"));
        error(response, 503, "service_unavailable_error", "server_is_overloaded");
        assertThat(response.header("Retry-After")).isEqualTo("2");
    }

    @Test
    void modelThatIsNotLoadedIs400() {
        error(chat(HI.replace("demo", "cold")), 400, "invalid_request_error", "model_not_loaded");
    }

    @Test
    void fullQueueIs429WithRetryAfterAndCancelsWhatWasQueued() throws Exception {
        catalog.model().script(request -> {
            if (catalog.model().requests().size() == 3) {
                throw new QueueFullException(256);
            }
            return FakeModel.saying(request, "x").iterator();
        });
        Response response = chat(HI.replace("}]}", "}],\"n\":3}"));
        error(response, 429, "requests", "rate_limit_exceeded");
        assertThat(response.header("Retry-After")).isEqualTo("1");
        assertThat(catalog.model().streams()).hasSize(2);
        assertThat(catalog.model().streams().getFirst().closedWithin(java.time.Duration.ZERO)).isTrue();
        assertThat(catalog.leasesComeBack()).isTrue();
    }

    @Test
    void modelOnItsWayOutIs503() {
        catalog.model().script(_ -> {
            throw new IllegalStateException("unloading");
        });
        error(chat(HI), 503, "service_unavailable_error", "server_is_overloaded");
    }

    @Test
    void tooLongAPromptNamesBothNumbers() {
        JsonNode error = error(chat(HI.replace("}]}", "}],\"max_tokens\":500}")), 400, "invalid_request_error", "context_length_exceeded");
        assertThat(error.get("message").textValue()).contains("512").contains("519");
    }

    @Test
    void bugIs500WithoutItsMessage() throws InterruptedException {
        catalog.model().script(_ -> {
            throw new UnsupportedOperationException("secret prompt");
        });
        Response response = chat(HI);
        error(response, 500, "server_error", "null");
        assertThat(response.asString()).doesNotContain("secret");
        assertThat(response.header("X-Should-Retry")).isEqualTo("false");
        assertThat(catalog.leasesComeBack()).isTrue();
    }

    @Test
    void engineFailureIs500() {
        catalog.model().script(_ -> List.of(new dev.lorikeet.chat.TextEvent.Failure("out of memory")).iterator());
        error(chat(HI), 500, "server_error", "engine_error");
    }

    @Test
    void unknownPathIs404() {
        error(given().get("/v1/nothing"), 404, "invalid_request_error", "unknown_url");
        error(given().contentType("application/json").body("{}").post("/v2/chat"), 404, "invalid_request_error", "unknown_url");
    }

    @Test
    void wrongMethodIs405() {
        error(given().get("/v1/chat/completions"), 405, "invalid_request_error", "null");
        error(given().delete("/v1/models"), 405, "invalid_request_error", "null");
    }

    @Test
    void wrongContentTypeIs415() {
        error(given().contentType("text/plain").body(HI).post("/v1/chat/completions"), 415, "invalid_request_error", "null");
        error(given().contentType("application/x-www-form-urlencoded").body("a=b").post("/v1/completions"), 415, "invalid_request_error", "null");
    }

    @Test
    void bodyOfAnnouncedSizeTooLargeIs413() {
        error(chat(HI.replace("hi", "x".repeat(ApiProfile.MAX_BODY))), 413, "invalid_request_error", "null");
    }

    @Test
    void chunkedBodyTooLargeIs413() throws Exception {
        try (Http http = new Http(server)) {
            http.send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n");
            String chunk = "1000\r\n" + "x".repeat(0x1000) + "\r\n";
            try {
                for (int i = 0; i < ApiProfile.MAX_BODY / 0x1000 + 1; i++) {
                    http.send(chunk);
                }
            } catch (java.io.IOException _) {
                // The server may close before it has read all.
            }
            assertThat(http.readUntil("error\":{")).startsWith("HTTP/1.1 413").contains("larger than the 65536 bytes");
        }
    }

    @Test
    void invalidUtf8Is400() {
        byte[] body = HI.replace("hi", "h\u0001").getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < body.length; i++) {
            body[i] = body[i] == 1 ? (byte) 0xff : body[i];
        }
        Response response = given().contentType("application/json").body(body).post("/v1/chat/completions");
        assertThat(error(response, 400, "invalid_request_error", "null").get("message").textValue()).contains("UTF-8");
    }

    @Test
    void brokenPercentEncodingIsAClientError() throws Exception {
        try (Http http = new Http(server)) {
            http.send("GET /v1/models/%zz HTTP/1.1\r\nHost: localhost\r\n\r\n");
            assertThat(http.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 4");
        }
    }

    @Test
    void bodyThatBreaksOffHarmsNobody() throws Exception {
        try (Http http = new Http(server)) {
            http.send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{");
        }
        assertThat(chat(HI).statusCode()).isEqualTo(200);
    }

    @Test
    void serverGoesOnServingAfterAllOfThis() {
        assertThat(chat(HI).statusCode()).isEqualTo(200);
    }
}
