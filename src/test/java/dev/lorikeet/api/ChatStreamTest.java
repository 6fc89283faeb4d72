package dev.lorikeet.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.chat.TextEvent;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(ApiProfile.class)
class ChatStreamTest {
    private static final Duration SOON = Duration.ofSeconds(5);

    @Inject
    FakeCatalog catalog;

    @Inject
    OpenRequests requests;

    @TestHTTPResource
    URI server;

    @BeforeEach
    void reset() throws InterruptedException {
        catalog.reset();
    }

    private static String hi(String more) {
        return "{\"model\":\"demo\",\"stream\":true,\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]" + (more.isEmpty() ? "" : "," + more) + "}";
    }

    private static String stream(String more) {
        Response response = given().contentType("application/json").body(hi(more)).post("/v1/chat/completions");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        return response.asString();
    }

    private static List<JsonNode> chunks(String text) {
        return Arrays.stream(text.split("\n\n")).filter(e -> e.startsWith("data: {")).map(e -> Json.parse(e.substring(6)).orElseThrow()).toList();
    }

    private static String masked(String text) {
        return text.replaceAll("chatcmpl-[0-9a-f]{24}", "ID").replaceAll("\"created\":[0-9]{10}", "\"created\":0");
    }

    @Test
    void whoeverHasReadTheEndFindsTheModelGivenBack() {
        assertThat(stream("")).endsWith("data: [DONE]\n\n");
        assertThat(catalog.leases()).isZero();
    }

    @Test
    void streamIsByteForByteWhatOpenAiSends() {
        String head = "data: {\"id\":\"ID\",\"object\":\"chat.completion.chunk\",\"created\":0,\"model\":\"demo\",\"system_fingerprint\":null,";
        assertThat(masked(stream(""))).isEqualTo(
                head + "\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":null}]}\n\n"
                + head + "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"안녕\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n"
                + head + "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"하세요\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n"
                + head + "\"choices\":[{\"index\":0,\"delta\":{\"content\":\"!\"},\"logprobs\":null,\"finish_reason\":null}]}\n\n"
                + head + "\"choices\":[{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\",\"stop_reason\":null}]}\n\n"
                + "data: [DONE]\n\n");
    }

    @Test
    void streamHasOpenAisHeaders() {
        Response response = given().contentType("application/json").header("Accept", "text/event-stream").body(hi("")).post("/v1/chat/completions");
        assertThat(response.header("Content-Type")).isEqualTo("text/event-stream;charset=utf-8");
        assertThat(response.header("Cache-Control")).isEqualTo("no-cache");
        assertThat(response.header("X-Accel-Buffering")).isEqualTo("no");
        assertThat(response.header("x-request-id")).startsWith("req_");
        assertThat(response.headers().getValues("Content-Type")).hasSize(1);
    }

    @Test
    void usageChunkComesLastAndEveryOtherChunkSaysNull() {
        List<JsonNode> chunks = chunks(stream("\"stream_options\":{\"include_usage\":true,\"include_obfuscation\":false}"));
        assertThat(chunks.subList(0, chunks.size() - 1)).allSatisfy(c -> {
            assertThat(c.has("usage")).isTrue();
            assertThat(c.get("usage").isNull()).isTrue();
        });
        assertThat(chunks.getLast().get("choices").toString()).isEqualTo("[]");
        assertThat(chunks.getLast().at("/usage/prompt_tokens").intValue()).isEqualTo(19);
        assertThat(chunks.getLast().at("/usage/completion_tokens").intValue()).isEqualTo(4);
    }

    @Test
    void continuousUsageRunsInEveryChunk() {
        List<JsonNode> chunks = chunks(stream("\"stream_options\":{\"include_usage\":true,\"continuous_usage_stats\":true}"));
        assertThat(chunks).extracting(c -> c.at("/usage/completion_tokens").intValue()).containsExactly(0, 1, 2, 3, 4, 4);
    }

    @Test
    void chunksCarryLogprobsAndIdsOfExactlyTheirTokens() {
        catalog.model().script(request -> List.of(new TextEvent.Delta("", FakeModel.delta(request, 7, "만").tokens()),
                FakeModel.delta(request, 8, "만료"), FakeModel.end(request, TextEvent.StopKind.END_TOKEN, java.util.Optional.empty(), 3)).iterator());
        List<JsonNode> chunks = chunks(stream("\"logprobs\":true,\"return_token_ids\":true"));
        assertThat(chunks.get(0).at("/prompt_token_ids").size()).isEqualTo(19);
        assertThat(chunks.get(1).at("/choices/0/token_ids").toString()).isEqualTo("[7]");
        assertThat(chunks.get(1).at("/choices/0/delta/content").textValue()).isEmpty();
        assertThat(chunks.get(2).at("/choices/0/logprobs/content")).hasSize(1);
        assertThat(chunks.get(2).at("/choices/0/token_ids").toString()).isEqualTo("[8]");
        assertThat(chunks.get(3).at("/choices/0/logprobs").isNull()).isTrue();
    }

    @Test
    void deltasWithoutTextMakeNoChunk() {
        catalog.model().says("a", "", "b");
        assertThat(chunks(stream(""))).extracting(c -> c.at("/choices/0/delta/content").asText()).containsExactly("", "a", "b", "");
    }

    @Test
    void everyChoiceHasOneRoleChunkAndOneFinishChunkAndKeepsItsOrder() {
        List<JsonNode> chunks = chunks(stream("\"n\":5,\"stream_options\":{\"include_usage\":true}"));
        assertThat(chunks.subList(0, 5)).extracting(c -> c.at("/choices/0/delta/role").asText()).containsOnly("assistant");
        for (int i = 0; i < 5; i++) {
            int index = i;
            List<JsonNode> own = chunks.stream().filter(c -> c.at("/choices/0/index").asInt(-1) == index).toList();
            assertThat(own).extracting(c -> c.at("/choices/0/delta/content").asText()).containsExactly("", "안녕", "하세요", "!", "");
            assertThat(own).extracting(c -> c.at("/choices/0/finish_reason").asText()).containsExactly("null", "null", "null", "null", "stop");
        }
        assertThat(chunks.getLast().at("/usage/completion_tokens").intValue()).isEqualTo(20);
    }

    @Test
    void failureMidwayIsOneErrorEventWithoutDone() throws Exception {
        catalog.model().script(request -> List.of(FakeModel.delta(request, 1, "half"), new TextEvent.Failure("out of memory")).iterator());
        assertThat(stream("")).endsWith(
                "\n\ndata: {\"error\":{\"message\":\"out of memory\",\"type\":\"server_error\",\"param\":null,\"code\":\"engine_error\"}}\n\n");
        assertThat(catalog.leasesComeBack()).isTrue();
    }

    @Test
    void bugMidwayIsOneErrorEventWithoutDone() throws Exception {
        catalog.model().script(request -> List.of(FakeModel.delta(request, 1, "half"), new IllegalStateException("secret prompt")).iterator());
        assertThat(stream("")).contains("half").endsWith("\"type\":\"server_error\",\"param\":null,\"code\":null}}\n\n").doesNotContain("secret");
        assertThat(catalog.leasesComeBack()).isTrue();
    }

    @Test
    void bugInOneOfSeveralChoicesEndsTheStreamToo() throws Exception {
        catalog.model().script(request -> catalog.model().requests().size() == 1 ? List.of(new CountDownLatch(1)).iterator()
                : List.of(new IllegalStateException("secret prompt")).iterator());
        assertThat(stream("\"n\":2")).contains("\"type\":\"server_error\"").doesNotContain("secret", "[DONE]");
        assertThat(catalog.leasesComeBack()).isTrue();
    }

    @Test
    void generationCancelledByTheServerIsAnError() {
        catalog.model().script(request -> List.of(FakeModel.end(request, TextEvent.StopKind.CANCELLED, java.util.Optional.empty(), 1)).iterator());
        assertThat(stream("")).contains("\"code\":\"engine_error\"").doesNotContain("[DONE]");
    }

    @Test
    void errorsBeforeTheFirstByteAreStatusCodes() {
        assertThat(given().contentType("application/json").body(hi("").replace("demo", "nobody")).post("/v1/chat/completions").statusCode()).isEqualTo(404);
        assertThat(given().contentType("application/json").body(hi("\"max_tokens\":9999")).post("/v1/chat/completions").statusCode()).isEqualTo(400);
    }

    @Test
    void silenceIsFilledWithCommentsAlsoBeforeTheFirstToken() throws Exception {
        CountDownLatch gate = new CountDownLatch(1);
        catalog.model().script(request -> Stream.concat(Stream.of(gate), FakeModel.saying(request, "late").stream()).iterator());
        try (Http http = Http.post(server, "/v1/chat/completions", hi(""))) {
            String text = http.readUntil(": ping\n\n");
            assertThat(text).contains("\"role\":\"assistant\"").doesNotContain("late");
            gate.countDown();
            http.readUntil("data: [DONE]\n\n");
        }
    }

    @Test
    void disconnectDuringSilenceCancelsAtOnce() throws Exception {
        catalog.model().script(_ -> List.of(new CountDownLatch(1)).iterator());
        try (Http http = Http.post(server, "/v1/chat/completions", hi("\"n\":2"))) {
            http.readUntil("assistant");
        }
        for (FakeModel.ScriptedStream stream : catalog.model().streams()) {
            assertThat(stream.closedWithin(SOON)).isTrue();
        }
        assertThat(catalog.model().streams()).hasSize(2);
        assertThat(catalog.leasesComeBack()).isTrue();
        // Neither one that a stop would wait for, nor one too few.
        assertThat(requests.awaitEnd(SOON)).isZero();
    }

    @Test
    void disconnectCancelsARequestThatIsNotStreamed() throws Exception {
        catalog.model().script(_ -> List.of(new CountDownLatch(1)).iterator());
        try (Http _ = Http.post(server, "/v1/chat/completions", hi("").replace("\"stream\":true", "\"stream\":false"))) {
            while (catalog.model().streams().isEmpty()) {
                Thread.onSpinWait();
            }
        }
        assertThat(catalog.model().streams().getFirst().closedWithin(SOON)).isTrue();
        assertThat(catalog.leasesComeBack()).isTrue();
        assertThat(requests.awaitEnd(SOON)).isZero();
    }

    @Test
    void slowReaderHoldsUpNobodyAndIsThrownOutInTheEnd() throws Exception {
        // No socket's buffers hold the second part. The writer takes a third, which it cannot write, and must never ask for a fourth.
        catalog.model().script(request -> Stream.concat(Stream.of(FakeModel.delta(request, 100, "word")),
                Stream.generate(() -> FakeModel.delta(request, 100, "x".repeat(16 << 20)))).iterator());
        try (Http slow = Http.post(server, "/v1/chat/completions", hi(""))) {
            slow.readUntil("xxx");
            FakeModel.ScriptedStream stream = catalog.model().streams().getFirst();
            // Another client does not notice.
            catalog.model().says("quick");
            assertThat(stream("")).contains("quick").endsWith("data: [DONE]\n\n");
            assertThat(stream.closedWithin(SOON)).isTrue();
            assertThat(stream.read()).isEqualTo(3);
            assertThat(catalog.leasesComeBack()).isTrue();
            assertThat(requests.awaitEnd(SOON)).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 4})
    void everyTokenOfALongStreamIsAChunkOfItsOwn(int choices) throws Exception {
        catalog.model().says(Stream.generate(() -> " word").limit(1_000).toArray(String[]::new));
        try (Http http = Http.post(server, "/v1/chat/completions", hi("\"n\":" + choices))) {
            String text = http.readUntil("data: [DONE]\n\n");
            assertThat(text.split("\"delta\":\\{\"content\":\" word\"}", -1)).hasSize(1_000 * choices + 1);
        }
    }
}
