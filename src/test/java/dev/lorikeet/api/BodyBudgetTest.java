package dev.lorikeet.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(ApiProfile.class)
class BodyBudgetTest {
    private static final Duration AT_ONCE = Duration.ZERO;
    private static final long MANY = 4 * BodyBudget.FIRST;

    @Inject
    BodyBudget served;

    @Inject
    FakeCatalog catalog;

    @TestHTTPResource
    URI server;

    @BeforeEach
    void reset() {
        catalog.reset();
    }

    private static String chat(String more) {
        return "{\"model\":\"demo\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]" + more + "}";
    }

    private static Response post(String body) {
        return given().contentType("application/json").body(body).post("/v1/chat/completions");
    }

    /// Fits into the largest body, and takes far more of the heap.
    private static String manyValues() {
        return chat(",\"metadata\":{\"list\":[{}" + ",{}".repeat(20_000) + "]}");
    }

    private static ApiError refusal(ThrowingRead read) {
        try {
            read.run();
            throw new AssertionError("nothing was refused");
        } catch (ApiException e) {
            return e.error();
        }
    }

    private interface ThrowingRead {
        void run();
    }

    @Test
    void largeBodiesAreSentAwayWhileOthersFillTheMemoryAndSmallOnesAreServed() throws Exception {
        try (var hog = served.open()) {
            hog.take(BodyBudget.FIRST);
            for (long left = Runtime.getRuntime().maxMemory() / 8; left > 0; left -= 1 << 20) {
                hog.take(Math.min(left, 1 << 20));
            }
            // Not with RestAssured: it prints what it sends, indented.
            try (Http http = Http.post(server, "/v1/chat/completions", manyValues())) {
                String answer = http.readUntil("server_is_overloaded");
                assertThat(answer).startsWith("HTTP/1.1 503 ").contains("\"type\":\"service_unavailable_error\"");
                assertThat(http.header("Retry-After")).contains("2");
            }
            assertThat(post(chat("")).statusCode()).isEqualTo(200);
        }
        try (Http http = Http.post(server, "/v1/chat/completions", manyValues())) {
            assertThat(http.readUntil("\r\n\r\n")).doesNotStartWith("HTTP/1.1 503 ");
        }
    }

    @Test
    void whatARequestTookComesBackAtItsEnd() {
        var budget = new BodyBudget(MANY, MANY, AT_ONCE);
        for (int i = 0; i < 10; i++) {
            try (var hold = budget.open()) {
                hold.take(BodyBudget.FIRST);
                hold.take(MANY);
                assertThat(refusal(() -> budget.open().take(BodyBudget.FIRST + 1)).status()).isEqualTo(503);
                assertThatCode(() -> budget.open().take(1)).doesNotThrowAnyException();
            }
        }
    }

    @Test
    void aReaderThatIsTooLateTakesNothing() {
        var budget = new BodyBudget(BodyBudget.FIRST, MANY, AT_ONCE);
        var late = budget.open();
        late.close();
        late.take(MANY);
        late.close();
        assertThatCode(() -> budget.open().take(MANY)).doesNotThrowAnyException();
    }

    @Test
    void aBodyWaitsForRoom() throws Exception {
        var budget = new BodyBudget(BodyBudget.FIRST, MANY, Duration.ofMinutes(1));
        var first = budget.open();
        first.take(BodyBudget.FIRST);
        var second = Thread.ofVirtual().start(() -> budget.open().take(BodyBudget.FIRST));
        while (second.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        first.close();
        second.join();
        assertThat(refusal(() -> new BodyBudget(BodyBudget.FIRST, 1, AT_ONCE).open().take(MANY)).status()).isEqualTo(413);
    }

    @Test
    void valuesCountForMoreThanTheirText() {
        byte[] body = manyValues().getBytes(StandardCharsets.UTF_8);
        var error = refusal(() -> read(new BodyBudget(MANY, 1 << 20, AT_ONCE), new ByteArrayInputStream(body), Duration.ofMinutes(1)));
        assertThat(error.status()).isEqualTo(413);
        assertThat(error.message()).contains("so many values");
    }

    @Test
    void aBodyIsTheSameInPieces() {
        String text = Stream.generate(() -> "가나다라 \\\"x\\\" ").limit(20_000).reduce("", String::concat);
        byte[] body = ("{\"text\":\"" + text + "\"}").getBytes(StandardCharsets.UTF_8);
        Fields fields = read(new BodyBudget(MANY, 64 << 20, AT_ONCE), new ByteArrayInputStream(body), Duration.ofMinutes(1));
        JsonNode expected = Json.parse(new String(body, StandardCharsets.UTF_8)).orElseThrow();
        assertThat(body.length).isGreaterThan(4 << 16);
        assertThat(fields.node()).isEqualTo(expected);
    }

    @Test
    void aBodyThatDripsIsCutOff() {
        var error = refusal(() -> read(new BodyBudget(MANY, MANY, AT_ONCE), new ByteArrayInputStream(chat("").getBytes(StandardCharsets.UTF_8)), Duration.ZERO));
        assertThat(error.status()).isEqualTo(408);
        assertThatThrownBy(() -> read(new BodyBudget(MANY, MANY, AT_ONCE), new ByteArrayInputStream(new byte[] {'{', '"', (byte) 0xEA}), Duration.ofMinutes(1)))
                .isInstanceOf(ApiException.class).hasMessageContaining("UTF-8");
    }

    private static Fields read(BodyBudget budget, InputStream body, Duration patience) {
        try (var hold = budget.open()) {
            return new BodyReader(hold, 16 << 20, patience).read(body);
        }
    }
}
