package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPInputStream;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import org.junit.jupiter.api.Test;

/// What leaves the server for those who watch it: traces at a collector (OTLP over HTTP), and logs in JSON.
class ObservabilityIT {
    private static final String PARENT = "4bf92f3577b34da6a3ce929d0e0e4736";
    private static final String SECRET = "무지개떡";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final LinkedBlockingQueue<Span> spans = new LinkedBlockingQueue<>();

    /// The numbers of the fields are those of opentelemetry/proto/trace/v1/trace.proto.
    private record Span(UnknownFieldSet fields) {
        String trace() {
            return hex(1);
        }

        String id() {
            return hex(2);
        }

        String parent() {
            return hex(4);
        }

        private String hex(int field) {
            return HexFormat.of().formatHex(bytes(fields, field).toByteArray());
        }

        String name() {
            return bytes(fields, 5).toStringUtf8();
        }

        long start() {
            return fields.getField(7).getFixed64List().getFirst();
        }

        long end() {
            return fields.getField(8).getFixed64List().getFirst();
        }

        Map<String, String> attributes() throws Exception {
            var attributes = new TreeMap<String, String>();
            for (var attribute : messages(fields, 9)) {
                attributes.put(bytes(attribute, 1).toStringUtf8(), value(messages(attribute, 2).getFirst()));
            }
            return attributes;
        }

        private static String value(UnknownFieldSet any) throws Exception {
            if (any.hasField(1)) {
                return bytes(any, 1).toStringUtf8();
            }
            if (any.hasField(3)) {
                return String.valueOf(any.getField(3).getVarintList().getFirst());
            }
            if (any.hasField(4)) {
                return String.valueOf(Double.longBitsToDouble(any.getField(4).getFixed64List().getFirst()));
            }
            if (any.hasField(5)) {
                var values = new ArrayList<String>();
                for (var each : messages(messages(any, 5).getFirst(), 1)) {
                    values.add(value(each));
                }
                return values.toString();
            }
            return "";
        }
    }

    private static ByteString bytes(UnknownFieldSet message, int field) {
        var values = message.getField(field).getLengthDelimitedList();
        return values.isEmpty() ? ByteString.EMPTY : values.getFirst();
    }

    private static List<UnknownFieldSet> messages(UnknownFieldSet message, int field) throws Exception {
        var messages = new ArrayList<UnknownFieldSet>();
        for (var bytes : message.getField(field).getLengthDelimitedList()) {
            messages.add(UnknownFieldSet.parseFrom(bytes));
        }
        return messages;
    }

    private MockWebServer collector() throws Exception {
        var collector = new MockWebServer();
        collector.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                try {
                    take(request);
                    return new MockResponse.Builder().code(200).build();
                } catch (Exception e) {
                    return new MockResponse.Builder().code(500).body(e.toString()).build();
                }
            }
        });
        collector.start();
        return collector;
    }

    private void take(RecordedRequest request) throws Exception {
        assertThat(request.getTarget()).isEqualTo("/v1/traces");
        byte[] body = request.getBody().toByteArray();
        if ("gzip".equals(request.getHeaders().get("Content-Encoding"))) {
            body = new GZIPInputStream(new ByteArrayInputStream(body)).readAllBytes();
        }
        for (var resource : messages(UnknownFieldSet.parseFrom(body), 1)) {
            for (var scope : messages(resource, 2)) {
                messages(scope, 2).forEach(span -> spans.add(new Span(span)));
            }
        }
    }

    private List<Span> await(int count) throws Exception {
        var found = new ArrayList<Span>();
        while (found.size() < count) {
            var span = spans.poll(30, TimeUnit.SECONDS);
            assertThat(span).as("after %s", found.stream().map(Span::name).toList()).isNotNull();
            if (span.trace().equals(PARENT)) {
                found.add(span);
            }
        }
        return found;
    }

    private static HttpResponse<String> chat(PackagedServer server, String more) throws Exception {
        try (var http = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://localhost:" + server.port() + "/v1/chat/completions")).header("Content-Type", "application/json")
                    .header("x-request-id", "req-of-mine").header("traceparent", "00-" + PARENT + "-00f067aa0ba902b7-01")
                    .POST(HttpRequest.BodyPublishers.ofString("{\"model\": \"demo\", \"temperature\": 0.5, \"seed\": 7, \"max_tokens\": 6, \"ignore_eos\": true, "
                            + "\"messages\": [{\"role\": \"user\", \"content\": \"" + SECRET + "\"}]" + more + "}")).build();
            return http.send(request, HttpResponse.BodyHandlers.ofString());
        }
    }

    @Test
    void aRequestIsTracedFromHttpThroughQueuePrefillAndDecode() throws Exception {
        try (var collector = collector(); var server = PackagedServer.start(PackagedServer.DEMO, "--otlp-endpoint", "http://localhost:" + collector.getPort())) {
            assertThat(chat(server, ", \"stream\": true").statusCode()).isEqualTo(200);
            var found = await(5);
            var byName = new TreeMap<String, Span>();
            found.forEach(span -> byName.put(span.name(), span));
            assertThat(byName).containsOnlyKeys("POST /v1/chat/completions", "chat demo", "queue", "prefill", "decode");
            var http = byName.get("POST /v1/chat/completions");
            var chat = byName.get("chat demo");
            assertThat(http.parent()).as("the caller's span").isEqualTo("00f067aa0ba902b7");
            assertThat(chat.parent()).isEqualTo(http.id());
            assertThat(List.of("queue", "prefill", "decode")).allMatch(name -> byName.get(name).parent().equals(chat.id()));
            assertThat(chat.attributes()).containsEntry("gen_ai.operation.name", "chat").containsEntry("gen_ai.provider.name", "lorikeet")
                    .containsEntry("gen_ai.request.model", "demo").containsEntry("gen_ai.response.model", "demo").containsEntry("gen_ai.request.max_tokens", "6")
                    .containsEntry("gen_ai.request.temperature", "0.5").containsEntry("gen_ai.request.seed", "7").containsEntry("gen_ai.usage.output_tokens", "6")
                    .containsEntry("gen_ai.response.finish_reasons", "[length]").containsKey("gen_ai.usage.input_tokens");
            assertThat(byName.get("queue").end()).isEqualTo(byName.get("prefill").start());
            assertThat(byName.get("prefill").end()).isEqualTo(byName.get("decode").start());
            assertThat(byName.get("queue").start()).isGreaterThanOrEqualTo(chat.start() - 1_000_000);
            assertThat(byName.get("decode").end()).isLessThanOrEqualTo(chat.end());
            for (var span : found) {
                assertThat(span.attributes().toString()).doesNotContain(SECRET);
            }
        }
    }

    @Test
    void aRefusedRequestAndEachOfSeveralSequencesHaveTheirSpans() throws Exception {
        try (var collector = collector(); var server = PackagedServer.start(PackagedServer.DEMO, "--otlp-endpoint", "http://localhost:" + collector.getPort())) {
            assertThat(chat(server, ", \"n\": 3").statusCode()).isEqualTo(200);
            var found = await(11);
            assertThat(found).filteredOn(span -> span.name().equals("decode")).hasSize(3);
            var chat = found.stream().filter(span -> span.name().equals("chat demo")).findFirst().orElseThrow();
            assertThat(chat.attributes()).containsEntry("gen_ai.request.choice.count", "3").containsEntry("gen_ai.response.finish_reasons", "[length, length, length]");
            assertThat(chat(server, ", \"max_completion_tokens\": 5000").statusCode()).isEqualTo(400);
            assertThat(await(1)).isNotEmpty();
        }
    }

    @Test
    void logsInJsonHaveALineForEachRequestWithItsIdAndNothingOfWhatWasSaid() throws Exception {
        try (var server = PackagedServer.start(PackagedServer.DEMO, "--log-json", "true")) {
            assertThat(chat(server, "").statusCode()).isEqualTo(200);
            assertThat(server.get("/v1/nothing?token=" + SECRET.length() + "secret").status()).isEqualTo(404);
            var lines = new ArrayList<JsonNode>();
            while (lines.stream().noneMatch(line -> line.path("message").asText().startsWith("GET /v1/nothing 404 "))) {
                lines.clear();
                String log = server.log();
                // The JVM itself warns of its incubator module before there is a log; the last line may be half written.
                for (String line : log.substring(0, log.lastIndexOf('\n') + 1).lines().filter(line -> !line.startsWith("WARNING: Using incubator modules")).toList()) {
                    lines.add(JSON.readTree(line));
                }
            }
            var request = lines.stream().filter(line -> line.path("message").asText().startsWith("POST /v1/chat/completions 200 ")).findFirst().orElseThrow();
            assertThat(request.at("/mdc/requestId").asText()).isEqualTo("req-of-mine");
            assertThat(request.path("loggerName").asText()).isEqualTo("dev.lorikeet.access");
            assertThat(request.has("timestamp") && request.has("level")).isTrue();
            assertThat(server.log()).doesNotContain(SECRET).doesNotContain("secret");
        }
    }
}
