package dev.lorikeet.rag;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import mockwebserver3.Dispatcher;
import mockwebserver3.MockResponse;
import mockwebserver3.MockWebServer;
import mockwebserver3.RecordedRequest;
import okhttp3.HttpUrl;

/// A server that speaks as NAVER's search does, in both its forms: addresses, headers, ranges of parameters, fields by type, errors.
public final class FakeNaver implements AutoCloseable {
    public static final NaverKeys KEYS = new NaverKeys("id-4f1e", "secret-9c27");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> TYPES = Set.of("blog", "news", "webkr", "encyc", "kin", "cafearticle");
    private static final Set<String> SORTABLE = Set.of("blog", "news", "kin", "cafearticle");

    private final NaverProvider provider;
    private final MockWebServer server = new MockWebServer();
    private final Map<String, List<Item>> items = new ConcurrentHashMap<>();
    private final ConcurrentLinkedQueue<MockResponse> failures = new ConcurrentLinkedQueue<>();
    private final List<RecordedRequest> requests = new CopyOnWriteArrayList<>();

    /// A result as a page's author wrote it. @param title and @param description as they are sent, marks and entities included
    public record Item(String title, String description, String link) {}

    public FakeNaver(NaverProvider provider) throws IOException {
        this.provider = provider;
        server.setDispatcher(new Dispatcher() {
            @Override
            public MockResponse dispatch(RecordedRequest request) {
                requests.add(request);
                MockResponse failure = failures.poll();
                return failure == null ? answer(request) : failure;
            }
        });
        server.start();
    }

    public String address() {
        return "http://127.0.0.1:" + server.getPort();
    }

    public NaverProvider provider() {
        return provider;
    }

    public void finds(SearchType type, Item... found) {
        items.put(type.word(), List.of(found));
    }

    /// Answers the next request with this, whatever it is.
    public void failsWith(int status, String body) {
        failures.add(new MockResponse.Builder().code(status).body(body).build());
    }

    /// Answers the next request only after this time.
    public void stalls(int milliseconds) {
        failures.add(new MockResponse.Builder().headersDelay(milliseconds, TimeUnit.MILLISECONDS).body("{\"items\":[]}").build());
    }

    public void reset() {
        items.clear();
        failures.clear();
        requests.clear();
    }

    public int asked() {
        return requests.size();
    }

    List<HttpUrl> urls() {
        return requests.stream().map(RecordedRequest::getUrl).toList();
    }

    private MockResponse answer(RecordedRequest request) {
        boolean hub = provider == NaverProvider.API_HUB;
        String id = request.getHeaders().get(hub ? "X-NCP-APIGW-API-KEY-ID" : "X-Naver-Client-Id");
        String secret = request.getHeaders().get(hub ? "X-NCP-APIGW-API-KEY" : "X-Naver-Client-Secret");
        if (!KEYS.id().equals(id) || !KEYS.secret().equals(secret)) {
            return hub ? respond(401, "{\"error\":{\"errorCode\":\"200\",\"message\":\"Authentication Failed\",\"details\":\"" + secret + "\"}}")
                    : error(401, "024", "Authentication failed. (인증에 실패하였습니다.) " + secret);
        }
        HttpUrl url = request.getUrl();
        String type = type(url.encodedPath(), hub);
        if (!TYPES.contains(type)) {
            return hub ? respond(404, "{\"error\":{\"errorCode\":300,\"message\":\"Not Found Exception\"}}") : error(404, "SE05", "Invalid search api");
        }
        return search(type, url);
    }

    private static String type(String path, boolean hub) {
        if (hub) {
            return path.startsWith("/search/v1/") ? path.substring("/search/v1/".length()) : "";
        }
        return path.startsWith("/v1/search/") && path.endsWith(".json") ? path.substring("/v1/search/".length(), path.length() - ".json".length()) : "";
    }

    private MockResponse search(String type, HttpUrl url) {
        String query = url.queryParameter("query");
        int display = number(url, "display", 10);
        int start = number(url, "start", 1);
        String sort = url.queryParameter("sort");
        if (query == null || query.isEmpty()) {
            return error(400, "SE01", "Incorrect query request (잘못된 쿼리요청입니다.)");
        }
        if (display < 1 || display > 100) {
            return error(400, "SE02", "Invalid display value (부적절한 display 값입니다.)");
        }
        if (start < 1 || start > 1000) {
            return error(400, "SE03", "Invalid start value (부적절한 start 값입니다.)");
        }
        if (sort != null && !(SORTABLE.contains(type) && Set.of("sim", "date").contains(sort))) {
            return error(400, "SE04", "Invalid sort value (부적절한 sort 값입니다.)");
        }
        List<Map<String, String>> shown = new ArrayList<>();
        items.getOrDefault(type, List.of()).stream().skip(start - 1L).limit(display).forEach(item -> shown.add(fields(type, item)));
        Map<String, Object> envelope = new LinkedHashMap<>();
        envelope.put("lastBuildDate", "Mon, 17 Aug 2026 14:03:21 +0900");
        envelope.put("total", 48213);
        envelope.put("start", start);
        envelope.put("display", shown.size());
        envelope.put("items", shown);
        return respond(200, json(envelope));
    }

    private static Map<String, String> fields(String type, Item item) {
        Map<String, String> fields = new LinkedHashMap<>();
        fields.put("title", item.title());
        fields.put("link", item.link());
        fields.put("description", item.description());
        switch (type) {
            case "blog" -> fields.putAll(Map.of("bloggername", "이름", "bloggerlink", "https://blog.example.kr", "postdate", "20260817"));
            case "news" -> fields.putAll(Map.of("originallink", "https://paper.example.kr/a/77", "pubDate", "Mon, 17 Aug 2026 13:40:00 +0900"));
            case "encyc" -> fields.put("thumbnail", "");
            case "cafearticle" -> fields.putAll(Map.of("cafename", "카페", "cafeurl", "https://cafe.example.kr"));
            default -> { }
        }
        return fields;
    }

    private static int number(HttpUrl url, String name, int otherwise) {
        String value = url.queryParameter(name);
        return value == null ? otherwise : Integer.parseInt(value);
    }

    private static MockResponse error(int status, String code, String message) {
        return respond(status, json(Map.of("errorMessage", message, "errorCode", code)));
    }

    private static MockResponse respond(int status, String body) {
        return new MockResponse.Builder().code(status).addHeader("Content-Type", "application/json; charset=UTF-8").body(body).build();
    }

    private static String json(Object value) {
        try {
            return JSON.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
