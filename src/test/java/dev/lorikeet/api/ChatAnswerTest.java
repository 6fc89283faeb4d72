package dev.lorikeet.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.chat.GenerationDefaults;
import dev.lorikeet.chat.TextEvent.StopKind;
import dev.lorikeet.chat.TextRequest;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(ApiProfile.class)
class ChatAnswerTest {
    @Inject
    FakeCatalog catalog;

    @BeforeEach
    void reset() {
        catalog.reset();
    }

    @AfterEach
    void everyLeaseIsReturned() throws InterruptedException {
        assertThat(catalog.leasesComeBack()).isTrue();
    }

    private static Response post(String body) {
        return given().contentType("application/json; charset=utf-8").body(body).post("/v1/chat/completions");
    }

    private static String hi(String more) {
        return "{\"model\":\"demo\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]" + (more.isEmpty() ? "" : "," + more) + "}";
    }

    private JsonNode ok(String body) {
        Response response = post(body);
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        return Json.parse(response.asString()).orElseThrow();
    }

    private TextRequest sent(String more) {
        ok(hi(more));
        return catalog.model().requests().getLast();
    }

    @Test
    void answerHasOpenAisShape() {
        JsonNode json = ok(hi(""));
        String body = json.toString().replaceAll("chatcmpl-[0-9a-f]{24}", "ID").replaceAll("\"created\":[0-9]{10}", "\"created\":0");
        assertThat(body).isEqualTo("{\"id\":\"ID\",\"object\":\"chat.completion\",\"created\":0,\"model\":\"demo\",\"system_fingerprint\":null,"
                + "\"service_tier\":\"default\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"안녕하세요!\","
                + "\"refusal\":null,\"annotations\":[]},\"logprobs\":null,\"finish_reason\":\"stop\",\"stop_reason\":null}],"
                + "\"usage\":{\"prompt_tokens\":19,\"completion_tokens\":4,\"total_tokens\":23,"
                + "\"prompt_tokens_details\":{\"cached_tokens\":4,\"audio_tokens\":0},"
                + "\"completion_tokens_details\":{\"reasoning_tokens\":0,\"audio_tokens\":0,\"accepted_prediction_tokens\":0,"
                + "\"rejected_prediction_tokens\":0}}}");
    }

    @Test
    void everyAnswerCarriesARequestId() {
        assertThat(post(hi("")).header("x-request-id")).startsWith("req_");
        assertThat(given().header("X-Request-Id", "my-id.1").get("/v1/models").header("x-request-id")).isEqualTo("my-id.1");
        assertThat(given().header("X-Request-Id", "bad id<script>").get("/nowhere").header("x-request-id")).startsWith("req_");
    }

    @Test
    void logprobsListEveryTokenWithItsAlternatives() {
        catalog.model().says("만");
        JsonNode content = ok(hi("\"logprobs\":true,\"top_logprobs\":2")).at("/choices/0/logprobs");
        assertThat(content.toString()).isEqualTo("{\"content\":[{\"token\":\"만\",\"logprob\":-0.5,\"bytes\":[235,167,140],\"top_logprobs\":["
                + "{\"token\":\"만\",\"logprob\":-0.5,\"bytes\":[235,167,140]},{\"token\":\"alt1\",\"logprob\":-1.0,\"bytes\":[97,108,116,49]}]}],"
                + "\"refusal\":null}");
        assertThat(ok(hi("\"logprobs\":true")).at("/choices/0/logprobs/content/0/top_logprobs").toString()).isEqualTo("[]");
        assertThat(ok(hi("\"logprobs\":true,\"return_tokens_as_token_ids\":true")).at("/choices/0/logprobs/content/0/token").textValue())
                .isEqualTo("token_id:100");
    }

    @Test
    void promptLogprobsBeginWithNull() {
        JsonNode scores = ok(hi("\"prompt_logprobs\":1")).at("/choices/0/prompt_logprobs");
        assertThat(scores.size()).isEqualTo(19);
        assertThat(scores.get(0).isNull()).isTrue();
        assertThat(scores.get(1).toString()).isEqualTo("{\"127\":{\"logprob\":-0.5,\"rank\":1,\"decoded_token\":\"u\"}}");
    }

    @Test
    void tokenIdsComeOnRequest() {
        JsonNode json = ok(hi("\"return_token_ids\":true"));
        assertThat(json.at("/choices/0/token_ids").toString()).isEqualTo("[100,101,102]");
        assertThat(json.at("/prompt_token_ids").size()).isEqualTo(19);
    }

    @Test
    void nChoicesUseSeedPlusIndexAndCountThePromptOnce() {
        JsonNode json = ok(hi("\"n\":3,\"seed\":7"));
        assertThat(json.at("/choices").findValuesAsText("index")).containsExactly("0", "1", "2");
        assertThat(catalog.model().requests()).extracting(r -> r.generation().sampling().seed()).containsExactly(7L, 8L, 9L);
        assertThat(json.at("/usage/prompt_tokens").intValue()).isEqualTo(19);
        assertThat(json.at("/usage/completion_tokens").intValue()).isEqualTo(12);
        assertThat(json.at("/usage/prompt_tokens_details/cached_tokens").intValue()).isEqualTo(4);
    }

    @Test
    void stopReasonNamesWhatFired() {
        assertThat(ending(StopKind.STOP_STRING, Optional.of("END"))).isEqualTo("stop \"END\"");
        assertThat(ending(StopKind.STOP_TOKEN, Optional.of(12))).isEqualTo("stop 12");
        assertThat(ending(StopKind.END_TOKEN, Optional.empty())).isEqualTo("stop null");
        assertThat(ending(StopKind.MAX_TOKENS, Optional.empty())).isEqualTo("length null");
        assertThat(ending(StopKind.TIME_LIMIT, Optional.empty())).isEqualTo("length \"time_limit\"");
        assertThat(ending(StopKind.REPETITION, Optional.empty())).isEqualTo("stop \"repetition\"");
    }

    private String ending(StopKind kind, Optional<Object> reason) {
        catalog.model().script(request -> List.of(FakeModel.end(request, kind, reason, 1)).iterator());
        JsonNode choice = ok(hi("")).at("/choices/0");
        return choice.get("finish_reason").textValue() + " " + choice.get("stop_reason");
    }

    @Test
    void requestValuesWinOverTheModelsWhichWinOverNeutralOnes() {
        assertThat(sent("").generation().sampling()).satisfies(s -> {
            assertThat(s.temperature()).isEqualTo(1);
            assertThat(s.topP()).isEqualTo(1);
            assertThat(s.topK()).isZero();
        });
        catalog.model().defaults(new GenerationDefaults(OptionalDouble.of(0.7), OptionalDouble.of(0.8), OptionalInt.of(20), OptionalDouble.of(0.1),
                OptionalDouble.of(0.9), OptionalDouble.of(1.05), OptionalInt.of(33), Set.of(2, 3), Optional.of(true)));
        TextRequest silent = sent("");
        assertThat(silent.generation().sampling()).satisfies(s -> {
            assertThat(List.of(s.temperature(), s.topP(), s.minP(), s.typicalP(), s.repetitionPenalty())).containsExactly(0.7, 0.8, 0.1, 0.9, 1.05);
            assertThat(s.topK()).isEqualTo(20);
        });
        assertThat(silent.generation().stop().maxTokens()).isEqualTo(33);
        assertThat(silent.generation().stop().endTokenIds()).containsExactlyInAnyOrder(2, 3);
        assertThat(sent("\"temperature\":0,\"top_p\":1,\"top_k\":-1,\"min_p\":0,\"typical_p\":1,\"repetition_penalty\":1").generation().sampling())
                .satisfies(s -> {
                    assertThat(s.isPlainGreedy()).isTrue();
                    assertThat(s.topK()).isZero();
                    assertThat(s.topP()).isEqualTo(1);
                });
    }

    @Test
    void aModelThatDoesNotSampleIsGreedyWhereTheRequestIsSilent() {
        catalog.model().defaults(new GenerationDefaults(OptionalDouble.of(0.7), OptionalDouble.empty(), OptionalInt.empty(), OptionalDouble.empty(),
                OptionalDouble.empty(), OptionalDouble.empty(), OptionalInt.empty(), Set.of(), Optional.of(false)));
        assertThat(sent("").generation().sampling().temperature()).isZero();
        assertThat(sent("\"temperature\":0.5").generation().sampling().temperature()).isEqualTo(0.5);
    }

    @Test
    void stopOptionsReachTheEngine() {
        TextRequest request = sent("\"stop\":[\"a\",\"b\"],\"stop_token_ids\":[5,6],\"min_tokens\":2,\"max_tokens\":9,\"max_completion_tokens\":8,"
                + "\"ignore_eos\":true,\"include_stop_str_in_output\":true,\"skip_special_tokens\":false,\"max_time\":1.5,"
                + "\"repetition_detection\":{\"max_pattern_size\":8,\"min_count\":3},\"cache_salt\":\"s\",\"logit_bias\":{\"5\":-100},"
                + "\"presence_penalty\":-2,\"frequency_penalty\":2");
        assertThat(request.stopStrings()).containsExactly("a", "b");
        assertThat(request.includeStopString()).isTrue();
        assertThat(request.skipSpecialTokens()).isFalse();
        var rules = request.generation().stop();
        assertThat(rules.stopTokenIds()).containsExactlyInAnyOrder(5, 6);
        assertThat(rules.minTokens()).isEqualTo(2);
        assertThat(rules.maxTokens()).isEqualTo(8);
        assertThat(rules.ignoreEos()).isTrue();
        assertThat(rules.timeLimit()).contains(Duration.ofMillis(1500));
        assertThat(rules.repetition().orElseThrow().maxPeriod()).isEqualTo(8);
        assertThat(rules.repetition().orElseThrow().minRepeats()).isEqualTo(3);
        assertThat(request.generation().cacheSalt()).contains("s");
        assertThat(request.generation().sampling().logitBias()).isEqualTo(Map.of(5, -100f));
    }

    @Test
    void maxTokensIsTheRestOfTheContextWhenNobodySays() {
        assertThat(sent("").generation().stop().maxTokens()).isEqualTo(FakeModel.CONTEXT - 19);
        assertThat(sent("").generation().stop().timeLimit()).contains(Duration.ofMinutes(10));
    }

    @Test
    void truncatedPromptKeepsItsEnd() {
        int[] ids = sent("\"truncate_prompt_tokens\":4").generation().promptIds();
        assertThat(FakeModel.BytesTokenizer.INSTANCE.decode(ids, true)).isEqualTo("ant:");
    }

    @Test
    void messagesReachTheTemplateWhole() {
        catalog.model().writesDocuments();
        ok("""
                {"model":"demo","messages":[
                 {"role":"developer","content":"Be brief."},
                 {"role":"user","name":"kim","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]},
                 {"role":"assistant","content":null,"refusal":null,"reasoning_content":"hm","tool_calls":[{"id":"c1","type":"function",
                   "function":{"name":"f","arguments":"{\\"q\\":[1,2.5,null,true]}"}}]},
                 {"role":"tool","tool_call_id":"c1","content":"42"}],
                 "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object"}}}],"documents":[{"title":"t","text":"x"}],
                 "chat_template_kwargs":{"enable_thinking":false}}""");
        var chat = catalog.model().lastChat();
        assertThat(chat.messages().get(0)).isEqualTo(Map.of("role", "system", "content", "Be brief."));
        assertThat(chat.messages().get(1)).isEqualTo(Map.of("role", "user", "name", "kim", "content", "a\nb"));
        Map<String, Object> assistant = chat.messages().get(2);
        assertThat(assistant).containsEntry("content", null).containsEntry("reasoning_content", "hm").doesNotContainKey("refusal");
        assertThat(assistant.get("tool_calls").toString()).isEqualTo("[{id=c1, type=function, function={name=f, arguments={q=[1, 2.5, null, true]}}}]");
        assertThat(chat.messages().get(3)).containsEntry("tool_call_id", "c1");
        assertThat(chat.tools().toString()).isEqualTo("[{type=function, function={name=f, parameters={type=object}}}]");
        assertThat(chat.documents()).isEqualTo(List.of(Map.of("title", "t", "text", "x")));
        assertThat(chat.kwargs()).isEqualTo(Map.of("enable_thinking", false));
        assertThat(chat.addGenerationPrompt()).isTrue();
    }

    @Test
    void toolChoiceNoneHidesTheTools() {
        ok(hi("\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],\"tool_choice\":\"none\""));
        assertThat(catalog.model().lastChat().tools()).isEmpty();
    }

    @Test
    void continuingTheFinalMessageLeavesOutTheGenerationPrompt() {
        ok(hi("\"continue_final_message\":true"));
        assertThat(catalog.model().lastChat().addGenerationPrompt()).isFalse();
        assertThat(catalog.model().lastChat().continueFinalMessage()).isTrue();
    }

    @Test
    void harmlessFieldsAreIgnored() {
        ok(hi("\"user\":\"u\",\"store\":true,\"metadata\":{\"a\":\"b\"},\"service_tier\":\"auto\",\"from_next_month\":{},\"response_format\":{\"type\":\"text\"},"
                + "\"priority\":0,\"use_beam_search\":false,\"modalities\":[\"text\"],\"tool_choice\":null,\"n\":null,\"stop\":null,\"logprobs\":null,"
                + "\"web_search_options\":null,\"parallel_tool_calls\":false,\"suffix\":\"\""));
    }
}
