package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// What clients do that no client library does. One slot, so that whoever keeps it keeps everyone else out.
@Timeout(120)
class HostileClientsIT {
    private static final int MAX_BODY = 100_000;
    /// Stands in every event that carries text, and not in the one that opens the stream.
    private static final String TOKEN = "\"delta\":{\"content\":";
    private static PackagedServer server;
    private static PackagedServer pair;

    @BeforeAll
    static void start() throws Exception {
        server = PackagedServer.start(PackagedServer.DEMO, "--max-batch", "1", "--max-queue", "4", "--max-body", String.valueOf(MAX_BODY));
        pair = PackagedServer.start(PackagedServer.DEMO, "--max-batch", "2");
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
        pair.close();
    }

    @AfterEach
    void theServerGoesOnServing() throws Exception {
        assertThat(server.chatOnceFree("demo")).isEqualTo("안녕하세요.");
    }

    private static byte[] post(byte[] body, String... headers) {
        var out = new ByteArrayOutputStream();
        out.writeBytes("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n".getBytes(StandardCharsets.US_ASCII));
        for (String header : headers) {
            out.writeBytes((header + "\r\n").getBytes(StandardCharsets.US_ASCII));
        }
        out.writeBytes("\r\n".getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(body);
        return out.toByteArray();
    }

    private static byte[] post(byte[] body) {
        return post(body, "Content-Length: " + body.length);
    }

    private static String body(String more) {
        return "{\"model\": \"demo\", \"messages\": [{\"role\": \"user\", \"content\": \"안녕\"}]" + more + "}";
    }

    private static byte[] longStream(String more) {
        return post(body(", \"stream\": true, \"ignore_eos\": true, \"temperature\": 0, \"max_tokens\": 1000" + more).getBytes(StandardCharsets.UTF_8));
    }

    /// Sends bytes on a connection of their own and returns the head and body of the answer.
    private static String answer(byte[] request) throws IOException {
        try (var socket = connect(server)) {
            socket.getOutputStream().write(request);
            return response(socket);
        }
    }

    /// Reads one response, to the end that its Content-Length sets.
    private static String response(Socket socket) throws IOException {
        String head = readTo(socket, "\r\n\r\n");
        int length = head.lines().filter(line -> line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:"))
                .map(line -> Integer.parseInt(line.substring(15).strip())).findFirst().orElse(0);
        return head + new String(socket.getInputStream().readNBytes(length), StandardCharsets.UTF_8);
    }

    private static String readTo(Socket socket, String end) throws IOException {
        byte[] last = end.getBytes(StandardCharsets.US_ASCII);
        var in = socket.getInputStream();
        var text = new ByteArrayOutputStream();
        for (int matched = 0; matched < last.length;) {
            int next = in.read();
            assertThat(next).as("the server closed the connection after %s", text).isNotNegative();
            text.write(next);
            matched = next == last[matched] ? matched + 1 : next == last[0] ? 1 : 0;
        }
        return text.toString(StandardCharsets.UTF_8);
    }

    /// A read that waits a minute fails: a thread that waits for a socket cannot be interrupted.
    private static Socket connect(PackagedServer to) throws IOException {
        var socket = new Socket("localhost", to.port());
        socket.setSoTimeout(60_000);
        return socket;
    }

    @Test
    void invalidUtf8IsABadRequest() throws Exception {
        byte[] body = body("").getBytes(StandardCharsets.UTF_8);
        body[new String(body, StandardCharsets.ISO_8859_1).indexOf('\u00EC')] = (byte) 0xFF;
        assertThat(answer(post(body))).startsWith("HTTP/1.1 400 ").contains("invalid_request_error").contains("UTF-8");
    }

    @Test
    void truncatedJsonIsABadRequest() throws Exception {
        byte[] body = body("").getBytes(StandardCharsets.UTF_8);
        assertThat(answer(post(java.util.Arrays.copyOf(body, body.length - 10)))).startsWith("HTTP/1.1 400 ").contains("invalid_request_error");
    }

    @Test
    void aBodyThatAnnouncesToBeTooLargeIsRefusedBeforeItIsSent() throws Exception {
        assertThat(answer(post(new byte[0], "Content-Length: " + (MAX_BODY + 1)))).startsWith("HTTP/1.1 413 ").contains("invalid_request_error")
                .contains(String.valueOf(MAX_BODY));
    }

    @Test
    void aBodyThatGrowsTooLargeIsRefused() throws Exception {
        byte[] chunk = ("8000\r\n" + " ".repeat(0x8000) + "\r\n").repeat(4).getBytes(StandardCharsets.US_ASCII);
        assertThat(answer(post(chunk, "Transfer-Encoding: chunked"))).startsWith("HTTP/1.1 413 ");
    }

    @Test
    void deeplyNestedJsonIsABadRequest() throws Exception {
        byte[] body = ("{\"model\": " + "[".repeat(40_000)).getBytes(StandardCharsets.US_ASCII);
        assertThat(answer(post(body))).startsWith("HTTP/1.1 400 ").contains("invalid_request_error");
    }

    @Test
    void aBodyThatBreaksOffLeavesNothingBehind() throws Exception {
        for (int i = 0; i < 20; i++) {
            try (var socket = connect(server)) {
                socket.getOutputStream().write(post("{\"model\"".getBytes(StandardCharsets.US_ASCII), "Content-Length: 5000"));
            }
        }
    }

    @Test
    void whatIsNotHttpIsABadRequest() throws Exception {
        assertThat(answer("open sesame\r\n\r\n".getBytes(StandardCharsets.US_ASCII))).matches("(?s)HTTP/1.[01] 400 .*");
    }

    /// Left alone, the forty would generate 40,000 tokens before it is the next client's turn.
    @Test
    void clientsThatLeaveMidStreamFreeTheirSlot() throws Exception {
        for (int i = 0; i < 40; i++) {
            try (var socket = connect(server)) {
                socket.getOutputStream().write(longStream(""));
                assertThat(readTo(socket, TOKEN)).startsWith("HTTP/1.1 200 ");
            }
        }
    }

    @Test
    void clientsThatLeaveWhileTheyWaitFreeTheirPlaceInTheQueue() throws Exception {
        try (var running = connect(server)) {
            running.getOutputStream().write(longStream(""));
            readTo(running, TOKEN);
            var waiting = new ArrayList<Socket>();
            for (int i = 0; i < 4; i++) {
                var socket = connect(server);
                waiting.add(socket);
                socket.getOutputStream().write(longStream(""));
                // The head of the stream: it has its place in the queue.
                assertThat(readTo(socket, "\r\n\r\n")).startsWith("HTTP/1.1 200 ");
            }
            String full = answer(post(body("").getBytes(StandardCharsets.UTF_8)));
            assertThat(full).startsWith("HTTP/1.1 429 ").containsIgnoringCase("retry-after: ").contains("rate_limit_exceeded");
            for (var socket : waiting) {
                socket.close();
            }
        }
    }

    @Test
    void aClientThatStopsReadingHoldsUpNobodyAndLosesNothing() throws Exception {
        try (var slow = new Socket()) {
            slow.setReceiveBufferSize(4096);
            slow.setSoTimeout(60_000);
            slow.connect(new InetSocketAddress("localhost", pair.port()));
            slow.getOutputStream().write(longStream(", \"logprobs\": true, \"top_logprobs\": 20"));
            readTo(slow, "\r\n\r\n");
            try (var other = connect(pair)) {
                other.getOutputStream().write(longStream(""));
                assertThat(tokens(readTo(other, "data: [DONE]"))).isGreaterThan(900);
            }
            assertThat(readTo(slow, "data: [DONE]").split("\"top_logprobs\"").length).isEqualTo(1001);
        }
        assertThat(pair.chat("demo")).isEqualTo("안녕하세요.");
    }

    private static int tokens(String stream) {
        return stream.split("\"delta\":\\{\"content\"").length - 1;
    }

    @Test
    void manyClientsAtOnceAllGetTheirAnswer() throws Exception {
        var threads = new ArrayList<Thread>();
        List<String> answers = java.util.Collections.synchronizedList(new ArrayList<>());
        for (int i = 0; i < 32; i++) {
            threads.add(Thread.ofVirtual().start(() -> {
                try {
                    answers.add(pair.chat("demo"));
                } catch (Exception e) {
                    answers.add(e.toString());
                }
            }));
        }
        for (var thread : threads) {
            thread.join();
        }
        assertThat(answers).hasSize(32).containsOnly("안녕하세요.");
    }
}
