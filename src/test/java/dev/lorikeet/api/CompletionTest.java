package dev.lorikeet.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.chat.TextEvent;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(ApiProfile.class)
class CompletionTest {
    @Inject
    FakeCatalog catalog;

    @BeforeEach
    void reset() {
        catalog.reset();
        catalog.model().says(" 서울", "!");
    }

    @AfterEach
    void everyLeaseIsReturned() throws InterruptedException {
        assertThat(catalog.leasesComeBack()).isTrue();
    }

    private static String post(String fields) {
        Response response = given().contentType("application/json").body("{\"model\":\"demo\"," + fields + "}").post("/v1/completions");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        return response.asString();
    }

    private static JsonNode ok(String fields) {
        return Json.parse(post(fields)).orElseThrow();
    }

    private static List<JsonNode> chunks(String fields) {
        return Arrays.stream(post(fields + ",\"stream\":true").split("\n\n")).filter(e -> e.startsWith("data: {"))
                .map(e -> Json.parse(e.substring(6)).orElseThrow()).toList();
    }

    private static List<String> texts(JsonNode json) {
        return json.get("choices").findValuesAsText("text");
    }

    @Test
    void answerHasOpenAisShape() {
        assertThat(post("\"prompt\":\"abc\"").replaceAll("cmpl-[0-9a-f]{24}", "ID").replaceAll("\"created\":[0-9]{10}", "\"created\":0"))
                .startsWith("{\"id\":\"ID\",\"object\":\"text_completion\",\"created\":0,\"model\":\"demo\",\"choices\":[{\"text\":\" 서울!\",\"index\":0,"
                        + "\"logprobs\":null,\"finish_reason\":\"stop\",\"stop_reason\":null}],\"usage\":{\"prompt_tokens\":4,\"completion_tokens\":3,"
                        + "\"total_tokens\":7,");
        assertThat(catalog.model().requests().getFirst().generation().stop().maxTokens()).isEqualTo(16);
    }

    @Test
    void promptMayBeTextTextsIdsOrArraysOfIds() {
        assertThat(texts(ok("\"prompt\":[\"a\",\"b\"],\"echo\":true,\"n\":2"))).containsExactly("a 서울!", "a 서울!", "b 서울!", "b 서울!");
        assertThat(texts(ok("\"prompt\":[107,108],\"echo\":true"))).containsExactly("ab 서울!");
        JsonNode both = ok("\"prompt\":[[107],[108,109]],\"echo\":true,\"return_token_ids\":true");
        assertThat(texts(both)).containsExactly("a 서울!", "bc 서울!");
        assertThat(both.at("/choices/1/prompt_token_ids").toString()).isEqualTo("[108,109]");
        assertThat(both.at("/choices/1/token_ids").toString()).isEqualTo("[100,101]");
        assertThat(both.at("/usage/prompt_tokens").intValue()).isEqualTo(3);
    }

    /// Embeddings are padded: their last rows are no token of the tokenizer.
    @Test
    void idsMayNameEveryRowOfTheEmbedding() {
        ok("\"prompt\":[107,271],\"logit_bias\":{\"271\":-100},\"stop_token_ids\":[271]");
        assertThat(catalog.model().requests().getLast().generation().promptIds()).containsExactly(107, 271);
    }

    @Test
    void idsAreTakenAsTheyAreAndTextGetsBos() {
        ok("\"prompt\":[107]");
        ok("\"prompt\":\"a\"");
        ok("\"prompt\":\"a\",\"add_special_tokens\":false");
        assertThat(catalog.model().requests()).extracting(r -> r.generation().promptIds().length).containsExactly(1, 2, 1);
    }

    @Test
    void logprobsAreFourLists() {
        JsonNode logprobs = ok("\"prompt\":\"a\",\"logprobs\":2").at("/choices/0/logprobs");
        assertThat(logprobs.toString()).isEqualTo("{\"tokens\":[\" 서울\",\"!\"],\"token_logprobs\":[-0.5,-0.5],"
                + "\"top_logprobs\":[{\" 서울\":-0.5,\"alt1\":-1.0},{\"!\":-0.5,\"alt1\":-1.0}],\"text_offset\":[0,3]}");
    }

    @Test
    void echoWithLogprobsBeginsWithThePromptWhoseFirstTokenHasNone() {
        JsonNode choice = ok("\"prompt\":\"ab\",\"echo\":true,\"logprobs\":1").at("/choices/0");
        assertThat(choice.get("text").textValue()).isEqualTo("ab 서울!");
        assertThat(choice.at("/logprobs/tokens").toString()).isEqualTo("[\"<bos>\",\"a\",\"b\",\" 서울\",\"!\"]");
        assertThat(choice.at("/logprobs/token_logprobs").toString()).isEqualTo("[null,-0.5,-0.5,-0.5,-0.5]");
        assertThat(choice.at("/logprobs/top_logprobs/0").isNull()).isTrue();
    }

    @Test
    void promptLogprobsBeginWithNull() {
        assertThat(ok("\"prompt\":\"a\",\"prompt_logprobs\":0").at("/choices/0/prompt_logprobs").toString())
                .isEqualTo("[null,{\"107\":{\"logprob\":-0.5,\"rank\":1,\"decoded_token\":\"a\"}}]");
    }

    @Test
    void bestOfAnswersTheLikeliestAndCountsAll() {
        catalog.model().script(request -> {
            int turn = catalog.model().requests().size();
            var scored = new TextEvent.ScoredToken(100, "t" + turn, new byte[0], -Math.abs(turn - 2f), 1, List.of());
            return List.of(new TextEvent.Delta("t" + turn, List.of(new TextEvent.OutputToken(100, Optional.of(scored)))),
                    FakeModel.end(request, TextEvent.StopKind.MAX_TOKENS, Optional.empty(), 1)).iterator();
        });
        JsonNode json = ok("\"prompt\":\"a\",\"best_of\":3,\"n\":1");
        assertThat(texts(json)).containsExactly("t2");
        assertThat(json.at("/choices/0/logprobs").isNull()).isTrue();
        assertThat(json.at("/usage/completion_tokens").intValue()).isEqualTo(3);
    }

    @Test
    void streamHasNoRoleChunkAndOneFinishChunk() {
        assertThat(post("\"prompt\":\"a\",\"stream\":true,\"stream_options\":{\"include_usage\":true}").replaceAll("\"id\":\"cmpl-[0-9a-f]{24}\"", "\"id\":\"ID\"")
                .replaceAll("\"created\":[0-9]{10}", "\"created\":0")).startsWith(
                "data: {\"id\":\"ID\",\"object\":\"text_completion\",\"created\":0,\"model\":\"demo\",\"choices\":[{\"text\":\" 서울\",\"index\":0,\"logprobs\":null,"
                        + "\"finish_reason\":null}],\"usage\":null}\n\n"
                        + "data: {\"id\":\"ID\",\"object\":\"text_completion\",\"created\":0,\"model\":\"demo\",\"choices\":[{\"text\":\"!\",\"index\":0,\"logprobs\":null,"
                        + "\"finish_reason\":null}],\"usage\":null}\n\n"
                        + "data: {\"id\":\"ID\",\"object\":\"text_completion\",\"created\":0,\"model\":\"demo\",\"choices\":[{\"text\":\"\",\"index\":0,\"logprobs\":null,"
                        + "\"finish_reason\":\"stop\",\"stop_reason\":null}],\"usage\":null}\n\n"
                        + "data: {\"id\":\"ID\",\"object\":\"text_completion\",\"created\":0,\"model\":\"demo\",\"choices\":[],\"usage\":{\"prompt_tokens\":2,")
                .endsWith("data: [DONE]\n\n");
    }

    @Test
    void streamedEchoAndLogprobsEqualTheWhole() {
        List<JsonNode> chunks = chunks("\"prompt\":\"ab\",\"echo\":true,\"logprobs\":1,\"return_token_ids\":true");
        JsonNode whole = ok("\"prompt\":\"ab\",\"echo\":true,\"logprobs\":1");
        assertThat(String.join("", chunks.stream().map(c -> c.at("/choices/0/text").asText()).toList())).isEqualTo(whole.at("/choices/0/text").asText());
        for (String list : List.of("tokens", "token_logprobs", "text_offset")) {
            List<String> streamed = chunks.stream().flatMap(c -> c.at("/choices/0/logprobs/" + list).valueStream()).map(JsonNode::asText).toList();
            assertThat(streamed).isEqualTo(whole.at("/choices/0/logprobs/" + list).valueStream().map(JsonNode::asText).toList());
        }
        assertThat(chunks.getFirst().get("prompt_token_ids").toString()).isEqualTo("[1,107,108]");
    }

    @Test
    void streamOfSeveralPromptsCountsEachChoice() {
        List<JsonNode> chunks = chunks("\"prompt\":[\"a\",\"b\"],\"n\":2,\"echo\":true");
        for (int choice = 0; choice < 4; choice++) {
            int index = choice;
            assertThat(String.join("", chunks.stream().filter(c -> c.at("/choices/0/index").intValue() == index)
                    .map(c -> c.at("/choices/0/text").asText()).toList())).isEqualTo((index < 2 ? "a" : "b") + " 서울!");
        }
    }
}
