package dev.lorikeet.training.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Against the numbers of sacrebleu and rouge_score; `make_scores.py` beside them says how they were made.
class ScoresTest {
    private static JsonNode reference() throws IOException {
        return new ObjectMapper().readTree(Path.of("src/test/resources/evaluation/scores.json").toFile());
    }

    @Test
    void chrFIsThatOfSacrebleuForEachTextAndForAll() throws IOException {
        ChrF corpus = new ChrF();
        for (JsonNode pair : reference().get("pairs")) {
            String hypothesis = pair.get("hypothesis").textValue();
            String expected = pair.get("reference").textValue();
            assertThat(ChrF.of(hypothesis, expected)).as(hypothesis).isCloseTo(pair.get("chrf").doubleValue(), within(1e-9));
            corpus.add(hypothesis, expected);
        }
        assertThat(corpus.score()).isCloseTo(reference().get("corpus_chrf").doubleValue(), within(1e-9));
    }

    @Test
    void rougeLIsThatOfRougeScoreAndCountsKoreanByWhatStandsBetweenBlanks() throws IOException {
        for (JsonNode pair : reference().get("pairs")) {
            String hypothesis = pair.get("hypothesis").textValue();
            assertThat(RougeL.of(hypothesis, pair.get("reference").textValue())).as(hypothesis).isCloseTo(pair.get("rouge_l").doubleValue(), within(1e-9));
        }
    }

    @Test
    void chineseAndJapaneseAreComparedCharacterByCharacter() {
        assertThat(RougeL.of("我爱你", "我爱他")).isCloseTo(2 / 3.0, within(1e-9));
    }
}
