package dev.lorikeet.rag;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.rag.Citations.Citation;
import java.util.List;
import org.junit.jupiter.api.Test;

class CitationsTest {
    private static final String QUESTION = "전세 계약 갱신은 언제까지 통보하나요?";
    private static final List<Document> DOCUMENTS = List.of(
            new Document("전세 갱신", "갱신 거절 통지는 만료 6개월 전부터 2개월 전까지 해야 합니다.", "https://a.kr", "naver/blog"),
            new Document("묵시적 갱신", "묵시적 갱신이 되면 임차인은 언제든지 계약을 해지할 수 있고 3개월 뒤에 끝납니다.", "https://b.kr", "naver/kin"));

    private static List<String> cited(String answer) {
        return Citations.of(answer, QUESTION, DOCUMENTS, true).stream().map(c -> c.document() + 1 + ":"
                + answer.substring(answer.offsetByCodePoints(0, c.start()), answer.offsetByCodePoints(0, c.end() + 1))).toList();
    }

    @Test
    void aMarkerCitesItsSentence() {
        assertThat(cited("2개월 전까지입니다 [1]. 그 뒤에는 묵시적으로 갱신됩니다[2]. 잘 모릅니다."))
                .containsExactly("1:2개월 전까지입니다 [1].", "2:그 뒤에는 묵시적으로 갱신됩니다[2].");
    }

    @Test
    void aMarkerBehindTheFullStopBelongsToTheSentenceBeforeIt() {
        assertThat(cited("2개월 전까지입니다. [1][2] 그렇습니다.")).containsExactly("1:2개월 전까지입니다. [1][2]", "2:2개월 전까지입니다. [1][2]");
        assertThat(cited("2개월 전까지입니다.[1]")).containsExactly("1:2개월 전까지입니다.[1]");
    }

    @Test
    void oneMarkerMayNameSeveral() {
        assertThat(cited("그렇습니다 [1, 2].")).containsExactly("1:그렇습니다 [1, 2].", "2:그렇습니다 [1, 2].");
    }

    @Test
    void aLineThatBeginsWithAMarkerIsItsOwn() {
        assertThat(cited("정리하면:\n[2] 해지할 수 있음\n[1] 2개월 전")).containsExactly("2:[2] 해지할 수 있음", "1:[1] 2개월 전");
    }

    @Test
    void markersOfNoDocumentCiteNothing() {
        assertThat(cited("배열은 a[0]과 a[7]입니다.")).isEmpty();
    }

    @Test
    void placesAreCountedInCodePointsAndTheLastCharacterIsNamed() {
        assertThat(Citations.of("😀 네. 😀 그래요 [1]", QUESTION, DOCUMENTS, true)).containsExactly(new Citation(0, 5, 13));
    }

    @Test
    void withoutMarkersTheSentenceThatADocumentHoldsIsCited() {
        assertThat(cited("네! 갱신 거절 통지는 만료 6개월 전부터 2개월 전까지 하시면 됩니다. 날씨가 참 좋아서 산책하기에 알맞은 하루였습니다."))
                .containsExactly("1:갱신 거절 통지는 만료 6개월 전부터 2개월 전까지 하시면 됩니다.");
    }

    @Test
    void repeatingTheQuestionIsNoCitation() {
        assertThat(cited("전세 계약 갱신은 언제까지 통보하나요?")).isEmpty();
    }

    @Test
    void documentsThatWereGivenNoNumbersAreFoundByOverlapOnly() {
        assertThat(Citations.of("아무 말이나 합니다 [1].", QUESTION, DOCUMENTS, false)).isEmpty();
    }
}
