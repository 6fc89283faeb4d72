package dev.lorikeet.rag;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.rag.FakeNaver.Item;
import dev.lorikeet.rag.SearchException.KeysRefused;
import dev.lorikeet.rag.SearchException.QuotaUsedUp;
import dev.lorikeet.rag.SearchException.Rejected;
import dev.lorikeet.rag.SearchException.Throttled;
import dev.lorikeet.rag.SearchException.Unavailable;
import java.io.IOException;
import java.text.Normalizer;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class NaverSearchTest {
    private static final CallGuard ONE_TRY = (source, call) -> call.run();
    private FakeNaver naver;
    private Instant now = Instant.parse("2026-08-17T05:00:00Z");

    @AfterEach
    void close() {
        naver.close();
    }

    private NaverSearch search(NaverProvider provider) throws IOException {
        naver = new FakeNaver(provider);
        return search(FakeNaver.KEYS, Duration.ofSeconds(5));
    }

    private NaverSearch search(NaverKeys keys, Duration timeout) {
        InstantSource clock = () -> now;
        return new NaverSearch(new NaverSearch.Account(naver.provider(), SearchAddress.parse(naver.address()), keys), NaverSearch.http(timeout), ONE_TRY,
                Duration.ofMinutes(10), clock);
    }

    private static List<Document> run(NaverSearch search, SearchType type, String text) throws Exception {
        return search.calls(new SearchQuery(text, List.of(type), 10)).getFirst().run();
    }

    @ParameterizedTest
    @EnumSource(NaverProvider.class)
    void everyTypeIsAskedInTheWayOfItsProvider(NaverProvider provider) throws Exception {
        var search = search(provider);
        for (SearchType type : SearchType.values()) {
            naver.finds(type, new Item("<b>전월세</b> 신고제 Q&amp;A", "임대차 &quot;<b>전월세</b>&quot; 신고는 계약일부터 30일...", "https://example.kr/" + type.word()));
            assertThat(run(search, type, "전월세 & 신고+100% 🏠")).containsExactly(new Document("전월세 신고제 Q&A", "임대차 \"전월세\" 신고는 계약일부터 30일...",
                    "https://example.kr/" + type.word(), provider.word() + "/" + type.word()));
        }
        assertThat(naver.urls()).allSatisfy(url -> assertThat(url.queryParameter("query")).isEqualTo("전월세 & 신고+100% 🏠"));
        String path = provider == NaverProvider.API_HUB ? "/search/v1/webkr" : "/v1/search/webkr.json";
        assertThat(naver.urls().stream().filter(url -> url.encodedPath().equals(path)).findFirst()).get()
                .satisfies(url -> assertThat(url.queryParameterNames()).containsExactly("query", "display", "start"));
    }

    @Test
    void composedAndDecomposedHangulAreTheSameQuery() throws Exception {
        var search = search(NaverProvider.DEVELOPERS_CENTER);
        run(search, SearchType.BLOG, "전세  계약");
        run(search, SearchType.BLOG, Normalizer.normalize(" 전세 계약\n", Normalizer.Form.NFD));
        assertThat(naver.asked()).isEqualTo(1);
    }

    @Test
    void answersAreForgottenAfterTheirTime() throws Exception {
        var search = search(NaverProvider.DEVELOPERS_CENTER);
        run(search, SearchType.BLOG, "전세");
        now = now.plus(Duration.ofMinutes(10));
        run(search, SearchType.BLOG, "전세");
        assertThat(naver.asked()).isEqualTo(2);
    }

    @Test
    void failuresAreNotRemembered() throws Exception {
        var search = search(NaverProvider.DEVELOPERS_CENTER);
        naver.failsWith(500, "{\"errorMessage\":\"System error\",\"errorCode\":\"SE99\"}");
        assertThatThrownBy(() -> run(search, SearchType.BLOG, "전세")).isInstanceOf(Unavailable.class);
        assertThat(run(search, SearchType.BLOG, "전세")).isEmpty();
    }

    @Test
    void numbersOfResultsAreKeptWithinWhatNaverAllows() throws Exception {
        var search = search(NaverProvider.DEVELOPERS_CENTER);
        search.calls(new SearchQuery("전세", List.of(SearchType.NEWS), 1000)).getFirst().run();
        assertThat(naver.urls().getFirst().queryParameter("display")).isEqualTo("100");
    }

    @ParameterizedTest
    @EnumSource(NaverProvider.class)
    void wrongKeysAreNamedByTheirVariablesAndNeverShown(NaverProvider provider) throws Exception {
        search(provider);
        var keys = new NaverKeys("other-id", "other-secret");
        var search = search(keys, Duration.ofSeconds(5));
        assertThatThrownBy(() -> run(search, SearchType.BLOG, "전세")).isInstanceOf(KeysRefused.class)
                .hasMessageContaining(provider == NaverProvider.API_HUB ? "NCP_APIGW_API_KEY_ID" : "NAVER_CLIENT_ID").hasMessageContaining("keys of")
                .hasMessageNotContainingAny("other-id", "other-secret");
        assertThat(keys.toString() + new NaverSearch.Account(provider, SearchAddress.parse(naver.address()), keys)).doesNotContain("other");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "400 | {\"errorMessage\":\"x\",\"errorCode\":\"SE01\"} | Rejected",
        "400 | {\"errorMessage\":\"x\",\"errorCode\":\"SE02\"} | Rejected",
        "400 | {\"errorMessage\":\"x\",\"errorCode\":\"SE03\"} | Rejected",
        "400 | {\"errorMessage\":\"x\",\"errorCode\":\"SE04\"} | Rejected",
        "400 | {\"errorMessage\":\"x\",\"errorCode\":\"SE06\"} | Rejected",
        "400 | {\"errorMessage\":\"/v1/search/news.json : Bad Request.\",\"errorCode\":\"400\"} | Rejected",
        "401 | {\"errorMessage\":\"Not Exist Client ID\",\"errorCode\":\"024\"} | KeysRefused",
        "403 | {\"errorMessage\":\"no permission\"} | KeysRefused",
        "404 | {\"errorMessage\":\"x\",\"errorCode\":\"SE05\"} | Rejected",
        "429 | {\"errorMessage\":\"Query limit exceeded.\",\"errorCode\":\"010\"} | QuotaUsedUp",
        "429 | {\"errorMessage\":\"Rate limit exceeded.\",\"errorCode\":\"012\"} | Throttled",
        "429 | <?xml version=\"1.0\"?><result><errorMessage>x</errorMessage><errorCode>010</errorCode></result> | QuotaUsedUp",
        "429 | <?xml version=\"1.0\"?><result><errorMessage>x</errorMessage><errorCode>012</errorCode></result> | Throttled",
        "429 | '' | Throttled",
        "500 | {\"errorMessage\":\"System error\",\"errorCode\":\"SE99\"} | Unavailable",
        "502 | <html><body>Bad Gateway</body></html> | Unavailable",
        "302 | moved | Unavailable",
        "200 | {\"items\": [ {\"title\": | Unavailable",
        "200 | {\"total\": 1} | Unavailable",
        "200 | '' | Unavailable",
        "200 | {\"errorMessage\":\"x\",\"errorCode\":\"024\"} | KeysRefused"})
    void errorsOfTheDevelopersCenterAreToldApart(int status, String body, String kind) throws Exception {
        var search = search(NaverProvider.DEVELOPERS_CENTER);
        naver.failsWith(status, body);
        assertThatThrownBy(() -> run(search, SearchType.NEWS, "전세")).satisfies(e -> assertThat(e.getClass().getSimpleName()).isEqualTo(kind));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "401 | {\"error\":{\"errorCode\":\"210\",\"message\":\"Permission Denied\",\"details\":\"A subscription to the API is required.\"}} | KeysRefused",
        "401 | {\"error\":{\"errorCode\":200,\"message\":\"Authentication Failed\"}} | KeysRefused",
        "429 | {\"error\":{\"errorCode\":\"400\",\"message\":\"Quota Exceeded\"}} | QuotaUsedUp",
        "429 | {\"error\":{\"errorCode\":410,\"message\":\"Throttle Limited\"}} | Throttled",
        "429 | {\"error\":{\"errorCode\":\"420\",\"message\":\"Rate Limited\"}} | Throttled",
        "400 | {\"error\":{\"errorCode\":\"100\",\"message\":\"Bad Request\"}} | Rejected",
        "503 | {\"error\":{\"errorCode\":\"500\",\"message\":\"Endpoint Error\"}} | Unavailable",
        "504 | {\"error\":{\"errorCode\":\"510\",\"message\":\"Endpoint Timeout\"}} | Unavailable",
        "500 | {\"error\":{\"errorCode\":\"900\",\"message\":\"Unexpected\"}} | Unavailable",
        "400 | {\"errorMessage\":\"x\",\"errorCode\":\"SE01\"} | Rejected",
        "429 | {\"errorMessage\":\"x\",\"errorCode\":\"010\"} | QuotaUsedUp"})
    void errorsOfTheApiHubAreToldApart(int status, String body, String kind) throws Exception {
        var search = search(NaverProvider.API_HUB);
        naver.failsWith(status, body);
        assertThatThrownBy(() -> run(search, SearchType.NEWS, "전세")).satisfies(e -> assertThat(e.getClass().getSimpleName()).isEqualTo(kind));
    }

    @Test
    void aUsedUpQuotaStopsAllTypesUntilMidnightInSeoul() throws Exception {
        var search = search(NaverProvider.DEVELOPERS_CENTER);
        naver.failsWith(429, "{\"errorMessage\":\"Query limit exceeded.\",\"errorCode\":\"010\"}");
        assertThatThrownBy(() -> run(search, SearchType.NEWS, "전세")).isInstanceOf(QuotaUsedUp.class);
        assertThatThrownBy(() -> run(search, SearchType.BLOG, "월세")).isInstanceOfSatisfying(QuotaUsedUp.class,
                e -> assertThat(e.again()).isEqualTo(Instant.parse("2026-08-17T15:00:00Z")));
        assertThat(naver.asked()).isEqualTo(1);
        now = Instant.parse("2026-08-17T15:00:00Z");
        assertThat(run(search, SearchType.BLOG, "월세")).isEmpty();
    }

    @Test
    void tooManyInASecondIsNoReasonToStop() throws Exception {
        var search = search(NaverProvider.DEVELOPERS_CENTER);
        naver.failsWith(429, "{\"errorMessage\":\"Rate limit exceeded.\",\"errorCode\":\"012\"}");
        assertThatThrownBy(() -> run(search, SearchType.NEWS, "전세")).isInstanceOfSatisfying(Throttled.class, e -> assertThat(e.passing()).isTrue());
        assertThat(run(search, SearchType.NEWS, "전세")).isEmpty();
    }

    @Test
    void aProviderThatDoesNotAnswerInTimeIsUnavailable() throws Exception {
        search(NaverProvider.API_HUB);
        var search = search(FakeNaver.KEYS, Duration.ofMillis(200));
        naver.stalls(20_000);
        assertThatThrownBy(() -> run(search, SearchType.NEWS, "전세")).isInstanceOf(Unavailable.class).hasMessageContaining("naver-hub/news");
    }

    @Test
    void keysDoNotFollowARedirect() throws Exception {
        var search = search(NaverProvider.DEVELOPERS_CENTER);
        naver.failsWith(301, "");
        assertThatThrownBy(() -> run(search, SearchType.NEWS, "전세")).isInstanceOf(Unavailable.class);
        assertThat(naver.asked()).isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://openapi.naver.com", "http://192.168.0.1", "http://localhost.example.com", "ftp://127.0.0.1", "https://user:key@host",
        "nonsense", "https://host?key=1"})
    void plainHttpAndAddressesWithSecretsAreRefused(String address) {
        naver = newServer();
        assertThatThrownBy(() -> SearchAddress.parse(address)).isInstanceOf(IllegalArgumentException.class).hasMessageStartingWith("search-url");
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://openapi.naver.com", "http://localhost:8081", "http://127.0.0.1:1", "http://[::1]:9"})
    void httpsAndLoopbackAreAllowed(String address) {
        naver = newServer();
        assertThat(SearchAddress.parse(address).url().host()).isNotEmpty();
    }

    private static FakeNaver newServer() {
        try {
            return new FakeNaver(NaverProvider.DEVELOPERS_CENTER);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void errorsNeverRepeatWhatTheServerWrote() throws Exception {
        var search = search(NaverProvider.DEVELOPERS_CENTER);
        naver.failsWith(400, "{\"errorMessage\":\"your secret-9c27 is fine\",\"errorCode\":\"secret-9c27 secret-9c27\"}");
        assertThatThrownBy(() -> run(search, SearchType.NEWS, "전세")).isInstanceOf(Rejected.class).hasMessageNotContaining("secret");
    }
}
