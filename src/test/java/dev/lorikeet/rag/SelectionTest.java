package dev.lorikeet.rag;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/// How documents are chosen: duplicates, ranks, budgets.
class SelectionTest {
    private static Document document(String title, String text, String url) {
        return new Document(title, text, url, "naver/blog");
    }

    @Test
    void aSnippetCopiedWithSmallChangesIsDropped() {
        var first = document("가", "갱신 거절 통지는 임대차 기간이 끝나기 6개월 전부터 2개월 전까지 해야 합니다.", "https://a.kr/1");
        var copy = document("나", "갱신 거절 통지는, 임대차 기간이 끝나기 6개월 전부터 2개월 전까지 해야 합니다!!", "https://b.kr/1");
        var other = document("다", "묵시적 갱신이 되면 임차인은 언제든지 해지를 통지할 수 있습니다.", "https://c.kr/1");
        assertThat(NearDuplicates.drop(List.of(first, copy, other))).containsExactly(first, other);
    }

    @Test
    void theSameAddressIsTakenOnce() {
        var first = document("가", "하나", "https://a.kr/1");
        assertThat(NearDuplicates.drop(List.of(first, document("나", "전혀 다른 글입니다", "https://a.kr/1")))).containsExactly(first);
    }

    @Test
    void passagesOfOneFileAreNoDuplicatesOfEachOther() {
        var first = new Document("가", "첫째 문단의 내용입니다", "folder:a.txt", FolderSearch.SOURCE);
        var second = new Document("가", "둘째 문단은 다른 이야기", "folder:a.txt", FolderSearch.SOURCE);
        assertThat(NearDuplicates.drop(List.of(first, second))).hasSize(2);
    }

    @Test
    void whatAnswersTheQuestionComesFirstAndTiesKeepTheirOrder() {
        var off = document("맛집", "강남역 근처 파스타 맛집을 소개합니다.", "https://a.kr");
        var also = document("여행", "제주도 여행 일정을 짜 봅시다.", "https://b.kr");
        var good = document("전세", "전세 계약을 갱신할 때 거절 통지는 2개월 전까지 합니다.", "https://c.kr");
        assertThat(new Ranking().rank("전세 계약 갱신은 언제까지 통보하나요?", List.of(off, also, good))).containsExactly(good, off, also);
    }

    @Test
    void aQuestionWithoutWordsChangesNothing() {
        var documents = List.of(document("a", "b", ""), document("c", "d", ""));
        assertThat(new Ranking().rank("?!", documents)).isEqualTo(documents);
    }

    @Test
    void documentsAreCutAtTheEndOfASentence() {
        var budget = new TokenBudget(8 + 30, String::length);
        assertThat(budget.cut(List.of(document("", "First sentence. Second sentence. Third sentence.", "")))).extracting(Document::text)
                .containsExactly("First sentence.");
    }

    @Test
    void documentsThatFitAreWholeAndTheNextIsCut() {
        var budget = new TokenBudget(2 * 8 + 3 + 6, String::length);
        assertThat(budget.cut(List.of(document("", "Aa.", ""), document("", "Bb. Cc. Dd.", ""), document("", "E.", "")))).extracting(Document::text)
                .containsExactly("Aa.", "Bb.");
    }

    @Test
    void aDocumentOfWhichNoSentenceFitsIsLeftOut() {
        var budget = new TokenBudget(8 + 5, String::length);
        assertThat(budget.cut(List.of(document("", "Much too long to fit.", ""), document("", "Fits.", "")))).extracting(Document::text).containsExactly("Fits.");
    }

    @Test
    void koreanSentencesEndAtTheirFullStops() {
        String text = "첫 문장입니다. 둘째는 3.5퍼센트인가요? 셋째!\n넷째... 「다섯째다.」 끝";
        assertThat(Sentences.of(text).stream().map(range -> text.substring(range.start(), range.end())))
                .containsExactly("첫 문장입니다.", "둘째는 3.5퍼센트인가요?", "셋째!", "넷째...", "「다섯째다.」", "끝");
    }
}
