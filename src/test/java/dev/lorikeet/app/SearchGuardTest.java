package dev.lorikeet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.api.ApiProfile;
import dev.lorikeet.rag.Document;
import dev.lorikeet.rag.FakeNaver;
import dev.lorikeet.rag.NaverProvider;
import dev.lorikeet.rag.NaverSearch;
import dev.lorikeet.rag.SearchAddress;
import dev.lorikeet.rag.SearchException;
import dev.lorikeet.rag.SearchQuery;
import dev.lorikeet.rag.SearchType;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import java.io.IOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// SmallRye's guards around searches of a server that behaves as NAVER's.
@QuarkusTest
@TestProfile(ApiProfile.class)
class SearchGuardTest {
    private FakeNaver naver;
    private NaverSearch search;

    @BeforeEach
    void start() throws IOException {
        naver = new FakeNaver(NaverProvider.DEVELOPERS_CENTER);
        search = search(Duration.ofSeconds(20));
    }

    private NaverSearch search(Duration tryLimit) {
        return new NaverSearch(new NaverSearch.Account(naver.provider(), SearchAddress.parse(naver.address()), FakeNaver.KEYS),
                NaverSearch.http(Duration.ofSeconds(20)), new SearchGuard(tryLimit), Duration.ofMinutes(1), InstantSource.system());
    }

    @AfterEach
    void stop() {
        naver.close();
    }

    private List<Document> run(String text) throws Exception {
        return search.calls(new SearchQuery(text, List.of(SearchType.BLOG), 10)).getFirst().run();
    }

    @Test
    void whatMayPassIsTriedOnceMore() throws Exception {
        naver.failsWith(429, "{\"errorMessage\":\"Rate limit exceeded.\",\"errorCode\":\"012\"}");
        assertThat(run("a")).isEmpty();
        naver.failsWith(500, "{\"errorMessage\":\"System error\",\"errorCode\":\"SE99\"}");
        naver.failsWith(502, "");
        assertThatThrownBy(() -> run("b")).isInstanceOf(SearchException.Unavailable.class);
        assertThat(naver.asked()).isEqualTo(4);
    }

    @Test
    void whatWillNotPassIsNotTriedAgain() {
        naver.failsWith(401, "{\"errorMessage\":\"Authentication failed.\",\"errorCode\":\"024\"}");
        assertThatThrownBy(() -> run("a")).isInstanceOf(SearchException.KeysRefused.class);
        naver.failsWith(429, "{\"errorMessage\":\"Query limit exceeded.\",\"errorCode\":\"010\"}");
        assertThatThrownBy(() -> run("b")).isInstanceOf(SearchException.QuotaUsedUp.class);
        assertThat(naver.asked()).isEqualTo(2);
    }

    @Test
    void aProviderThatKeepsFailingIsLeftAlone() {
        for (int i = 0; i < 8; i++) {
            naver.failsWith(500, "");
        }
        for (int i = 0; i < 4; i++) {
            String text = "question " + i;
            assertThatThrownBy(() -> run(text)).hasMessageContaining("at fault");
        }
        assertThatThrownBy(() -> run("another")).isInstanceOf(SearchException.Unavailable.class).hasMessageContaining("kept failing");
        assertThat(naver.asked()).isEqualTo(8);
    }

    @Test
    void aTryThatTakesTooLongIsBrokenOff() {
        search = search(Duration.ofMillis(200));
        naver.stalls(20_000);
        naver.stalls(20_000);
        assertThatThrownBy(() -> run("a")).isInstanceOf(SearchException.Unavailable.class).hasMessageContaining("no answer in time");
        assertThat(naver.asked()).isEqualTo(2);
    }
}
