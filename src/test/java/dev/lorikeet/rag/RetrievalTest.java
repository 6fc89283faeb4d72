package dev.lorikeet.rag;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.Test;

class RetrievalTest {
    private static final SearchQuery QUERY = new SearchQuery("질문", List.of(SearchType.BLOG), 5);

    private interface Body {
        List<Document> run() throws SearchException, InterruptedException;
    }

    private static SearchClient client(String source, Body body) {
        return _ -> List.of(new SearchClient.SearchCall() {
            @Override
            public String source() {
                return source;
            }

            @Override
            public List<Document> run() throws SearchException, InterruptedException {
                return body.run();
            }
        });
    }

    private static Document document(String text) {
        return new Document("", text, "", "s");
    }

    @Test
    void resultsOfSeveralSearchesComeInTurn() throws Exception {
        var retrieval = new Retrieval(List.of(client("a", () -> List.of(document("하나는 사과"), document("셋은 포도"))), client("b", () -> List.of(document("둘은 자두")))),
                Duration.ofSeconds(10));
        assertThat(retrieval.search(QUERY).documents()).extracting(Document::text).containsExactly("하나는 사과", "둘은 자두", "셋은 포도");
    }

    @Test
    void searchesRunBesideEachOther() throws Exception {
        var both = new CyclicBarrier(2);
        Body meets = () -> {
            try {
                both.await();
            } catch (java.util.concurrent.BrokenBarrierException e) {
                throw new IllegalStateException(e);
            }
            return List.of(document("만남"));
        };
        assertThat(new Retrieval(List.of(client("a", meets), client("b", meets)), Duration.ofSeconds(30)).search(QUERY).failures()).isEmpty();
    }

    @Test
    void oneThatFailsOrIsLateTakesNothingFromTheOthers() throws Exception {
        var never = new CountDownLatch(1);
        var retrieval = new Retrieval(List.of(client("good", () -> List.of(document("사과"))), client("throttled", () -> {
            throw new SearchException.Throttled("throttled");
        }), client("late", () -> {
            never.await();
            return List.of();
        }), client("buggy", () -> {
            throw new IllegalStateException("bug");
        })), Duration.ofMillis(300));
        var found = retrieval.search(QUERY);
        assertThat(found.documents()).extracting(Document::text).containsExactly("사과");
        assertThat(found.failures()).extracting(Throwable::getMessage).satisfiesExactly(m -> assertThat(m).startsWith("throttled: too many"),
                m -> assertThat(m).startsWith("late: no answer within 300 ms"), m -> assertThat(m).startsWith("buggy: the search broke off"));
    }
}
