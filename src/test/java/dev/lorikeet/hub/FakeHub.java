package dev.lorikeet.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import java.util.function.Predicate;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.HttpUrl;

/// A Hugging Face Hub for tests: speaks its protocol on one port, and keeps large files on a second host, which takes no token.
/// `src/test/python/hub_fidelity.py` drives it with the real `huggingface_hub`.
public final class FakeHub implements AutoCloseable {
    /// Reads everything and writes to `acme`.
    public static final String OWNER = "hf_ownerSecretOfTheTests";
    /// A good token of somebody who has been granted nothing.
    static final String STRANGER = "hf_strangerSecretOfTheTests";
    static final ObjectMapper JSON = new ObjectMapper();

    private final MockWebServer hub = new MockWebServer();
    private final MockWebServer store = new MockWebServer();
    private final Map<String, FakeRepo> repos = new ConcurrentHashMap<>();
    private final Map<String, String> renamed = new ConcurrentHashMap<>();
    private final List<RecordedRequest> asked = new CopyOnWriteArrayList<>();
    private final List<RecordedRequest> askedOfStore = new CopyOnWriteArrayList<>();
    private final List<Fault> faults = new ArrayList<>();
    final FakeStore objects;
    private final FakeHubReads reads;
    private final FakeHubWrites writes;

    /// Answers that a test puts in the way. @param make from what would have been answered
    private static final class Fault {
        final Predicate<RecordedRequest> when;
        final Function<MockResponse, MockResponse> make;
        int times;

        Fault(Predicate<RecordedRequest> when, int times, Function<MockResponse, MockResponse> make) {
            this.when = when;
            this.times = times;
            this.make = make;
        }
    }

    public FakeHub() throws IOException {
        this(0);
    }

    FakeHub(int port) throws IOException {
        store.start(InetAddress.getByName("127.0.0.1"), 0);
        HttpUrl storeUrl = new HttpUrl.Builder().scheme("http").host("127.0.0.1").port(store.getPort()).build();
        hub.start(InetAddress.getByName("localhost"), port);
        objects = new FakeStore(storeUrl, url());
        reads = new FakeHubReads(this);
        writes = new FakeHubWrites(this);
        hub.setDispatcher(dispatcher(asked, request -> {
            var written = request.getMethod().equals("POST") ? writes.answer(request) : Optional.<MockResponse>empty();
            return written.orElseGet(() -> reads.answer(request));
        }));
        store.setDispatcher(dispatcher(askedOfStore, objects::answer));
    }

    private Dispatcher dispatcher(List<RecordedRequest> log, Function<RecordedRequest, MockResponse> answer) {
        return new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                log.add(request);
                try {
                    return withoutBodyIfHead(request, withFaults(request, answer.apply(request)));
                } catch (RuntimeException e) {
                    return error(500, "", "the fake hub failed: " + e);
                }
            }
        };
    }

    private static MockResponse withoutBodyIfHead(RecordedRequest request, MockResponse response) {
        if (!request.getMethod().equals("HEAD") || response.getBody() == null) {
            return response;
        }
        String length = response.getHeaders().get("Content-Length");
        return response.newBuilder().body(new okio.Buffer()).setHeader("Content-Length", length == null ? "0" : length).build();
    }

    private MockResponse withFaults(RecordedRequest request, MockResponse usual) {
        synchronized (faults) {
            for (var fault : faults) {
                if (fault.times > 0 && fault.when.test(request)) {
                    fault.times--;
                    return fault.make.apply(usual);
                }
            }
        }
        return usual;
    }

    void fault(Predicate<RecordedRequest> when, int times, Function<MockResponse, MockResponse> make) {
        synchronized (faults) {
            faults.add(new Fault(when, times, make));
        }
    }

    /// Requests of this kind are refused, until [#unstall].
    public void refuse(Predicate<RecordedRequest> when, int status, String message) {
        fault(when, Integer.MAX_VALUE, _ -> error(status, "", message));
    }

    /// Requests of this kind get headers and no body, until [#unstall].
    public void stall(Predicate<RecordedRequest> when) {
        fault(when, Integer.MAX_VALUE, response -> response.newBuilder().onResponseStart(mockwebserver3.SocketEffect.Stall.INSTANCE).build());
    }

    public void unstall() {
        synchronized (faults) {
            faults.clear();
        }
    }

    /// Requests for a part of a large file.
    public int rangesSent() {
        return (int) askedOfStore.stream().filter(request -> request.getHeaders().get("Range") != null).count();
    }

    public HttpUrl url() {
        return new HttpUrl.Builder().scheme("http").host("localhost").port(hub.getPort()).build();
    }

    int storePort() {
        return store.getPort();
    }

    HubSettings settings(Path cache, Optional<String> token) {
        return new HubSettings(url(), token.map(HubToken::new), cache, false, Duration.ofSeconds(10), Duration.ofSeconds(10));
    }

    public FakeRepo model(String id) {
        return repos.computeIfAbsent("models/" + id, _ -> new FakeRepo());
    }

    public FakeRepo dataset(String id) {
        return repos.computeIfAbsent("datasets/" + id, _ -> new FakeRepo());
    }

    Optional<FakeRepo> find(String typeAndId) {
        return Optional.ofNullable(repos.get(typeAndId));
    }

    void rename(String from, String to) {
        repos.put("models/" + to, repos.remove("models/" + from));
        renamed.put(from, to);
    }

    Optional<String> newName(String id) {
        return Optional.ofNullable(renamed.get(id));
    }

    /// Requests to the hub itself, in order.
    List<RecordedRequest> asked() {
        return asked;
    }

    /// Requests to the host of large files, in order.
    List<RecordedRequest> askedOfStore() {
        return askedOfStore;
    }

    /// The good token of the request, none, or empty with `bad` if it is a wrong one.
    static Optional<String> token(RecordedRequest request) {
        return Optional.ofNullable(request.getHeaders().get("Authorization")).map(value -> value.replaceFirst("^Bearer ", ""));
    }

    static MockResponse json(Object value) {
        try {
            return new MockResponse.Builder().code(200).setHeader("Content-Type", "application/json").body(JSON.writeValueAsString(value)).build();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static JsonNode body(RecordedRequest request) {
        try {
            return JSON.readTree(request.getBody().toByteArray());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    static MockResponse error(int status, String code, String message) {
        var response = new MockResponse.Builder().code(status).setHeader("Content-Type", "application/json").setHeader("X-Request-Id", "req-1")
                .setHeader("X-Error-Message", new String(message.getBytes(StandardCharsets.US_ASCII), StandardCharsets.US_ASCII))
                .body("{\"error\":" + JSON.valueToTree(message) + "}");
        if (!code.isEmpty()) {
            response.setHeader("X-Error-Code", code);
        }
        return response.build();
    }

    @Override
    public void close() {
        hub.close();
        store.close();
    }

    /// Serves what a script in Python asks for, until its input ends. Prints the address first.
    public static void main(String... arguments) throws IOException {
        try (var hub = new FakeHub(arguments.length == 0 ? 0 : Integer.parseInt(arguments[0]))) {
            FakeContents.fill(hub);
            System.out.println(hub.url());
            System.out.flush();
            while (System.in.read() >= 0) {
                // The script closes its end when it is done.
            }
        }
    }
}
