package dev.lorikeet.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.rag.FakeNaver;
import dev.lorikeet.rag.FakeNaver.Item;
import dev.lorikeet.rag.SearchType;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Chats with `web_search_options`, `lorikeet.rag` and `documents`.
@QuarkusTest
@TestProfile(RagProfile.class)
class GroundedChatTest {
    private static final String SEARCH = "\"web_search_options\":{}";
    private static final String REQUIRED = SEARCH + ",\"lorikeet\":{\"rag\":{\"require\":true}}";
    private static final String DOCUMENTS = "\"documents\":[{\"title\":\"법\",\"text\":\"통지는 두 달 전까지 해야 한다.\",\"url\":\"https://law.kr\"},{\"text\":\"이름 없는 글.\"}]";

    @Inject
    FakeCatalog catalog;

    @Inject
    FakeSearches searches;

    @BeforeEach
    void reset() {
        catalog.reset();
        catalog.model().context(4096);
        searches.reset();
        searches.naver().finds(SearchType.BLOG, new Item("<b>전세</b> 갱신", "갱신 통지는 만료 6개월 전부터 2개월 전까지 &quot;꼭&quot; 합니다.", "https://blog.kr/1"),
                new Item("강남 맛집", "파스타가 맛있는 집입니다.", "https://blog.kr/2"));
        searches.naver().finds(SearchType.NEWS, new Item("임대차 소식", "전세 계약 신고 기간이 늘어납니다.", "https://news.kr/1"));
    }

    @AfterEach
    void everyLeaseIsReturned() throws InterruptedException {
        assertThat(catalog.leasesComeBack()).isTrue();
    }

    private static Response post(String path, String model, String more) {
        return given().contentType("application/json").body("{\"model\":\"" + model + "\",\"messages\":[{\"role\":\"system\",\"content\":\"s\"},"
                + "{\"role\":\"user\",\"content\":\"전세 갱신 통지는 언제?\"}]" + (more.isEmpty() ? "" : "," + more) + "}").post(path);
    }

    private static JsonNode chat(String more) {
        return chat("demo", more);
    }

    private static JsonNode chat(String model, String more) {
        Response response = post("/v1/chat/completions", model, more);
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        return Json.parse(response.asString()).orElseThrow();
    }

    private String question() {
        return (String) catalog.model().lastChat().messages().getLast().get("content");
    }

    @Test
    void webSearchPutsItsResultsIntoTheLastUserMessage() {
        JsonNode answer = chat(SEARCH);
        assertThat(question()).startsWith("전세 갱신 통지는 언제?\nIf you need more information, use the <documents> below.").contains("\nAnswer in Korean.\n")
                .contains("- [1] 전세 갱신: \"갱신 통지는 만료 6개월 전부터 2개월 전까지 \"꼭\" 합니다.\" (https://blog.kr/1)\n").contains("(https://news.kr/1)");
        assertThat(catalog.model().lastChat().messages().getFirst().get("content")).isEqualTo("s");
        assertThat(answer.at("/lorikeet/rag/grounded").booleanValue()).isTrue();
        assertThat(answer.at("/lorikeet/rag/sources/0").toString())
                .isEqualTo("{\"number\":1,\"title\":\"전세 갱신\",\"url\":\"https://blog.kr/1\",\"source\":\"naver/blog\"}");
        assertThat(searches.naver().asked()).isEqualTo(2);
    }

    @Test
    void withoutAskingThereIsNoSearchAndNothingIsSaidOfOne() {
        assertThat(chat("").has("lorikeet")).isFalse();
        assertThat(chat("\"web_search_options\":null").has("lorikeet")).isFalse();
        assertThat(searches.naver().asked()).isZero();
    }

    @Test
    void aModelMaySearchByItselfAndARequestMayForbidIt() {
        assertThat(chat(FakeCatalog.ODD, "").at("/lorikeet/rag/sources").size()).isEqualTo(1);
        assertThat(chat(FakeCatalog.ODD, "\"lorikeet\":{\"rag\":{\"search\":false}}").has("lorikeet")).isFalse();
    }

    @Test
    void aRequestChoosesTypesCountAndTemplate() {
        JsonNode answer = chat("\"lorikeet\":{\"rag\":{\"types\":[\"news\"],\"count\":1,\"template\":\"{{ documents[0].title }}? {{ question }}\"}}");
        assertThat(question()).isEqualTo("임대차 소식? 전세 갱신 통지는 언제?");
        assertThat(answer.at("/lorikeet/rag/sources").size()).isEqualTo(1);
        assertThat(searches.naver().asked()).isEqualTo(1);
    }

    @Test
    void markersInTheAnswerBecomeCitations() {
        catalog.model().says("만료 6개월 전부터 ", "2개월 전까지입니다 [1]", ". 그렇습니다.");
        JsonNode message = chat(SEARCH).at("/choices/0/message");
        assertThat(message.get("annotations").toString()).isEqualTo("[{\"type\":\"url_citation\",\"url_citation\":{\"start_index\":0,\"end_index\":25,"
                + "\"url\":\"https://blog.kr/1\",\"title\":\"전세 갱신\"}}]");
        assertThat(message.get("content").textValue().substring(0, 26)).endsWith("[1].");
    }

    @Test
    void aStreamNamesItsSourcesFirstAndItsCitationsBeforeItsEnd() {
        catalog.model().says("2개월 전까지입니다 [1].");
        String body = post("/v1/chat/completions", "demo", SEARCH + ",\"stream\":true").asString();
        List<JsonNode> chunks = Arrays.stream(body.split("\n\n")).filter(e -> e.startsWith("data: {")).map(e -> Json.parse(e.substring(6)).orElseThrow()).toList();
        assertThat(chunks).hasSize(4);
        assertThat(chunks.getFirst().at("/lorikeet/rag/sources/0/url").textValue()).isEqualTo("https://blog.kr/1");
        assertThat(chunks.get(2).at("/choices/0/delta/annotations/0/url_citation/url").textValue()).isEqualTo("https://blog.kr/1");
        assertThat(chunks.get(2).at("/choices/0/finish_reason").isNull()).isTrue();
        assertThat(chunks.get(3).at("/choices/0/finish_reason").textValue()).isEqualTo("stop");
        assertThat(chunks.subList(1, 4)).noneMatch(chunk -> chunk.has("lorikeet"));
    }

    @Test
    void ownDocumentsAreWrittenAndCited() {
        catalog.model().says("통지는 두 달 전까지 해야 한다고 합니다.");
        JsonNode answer = chat(DOCUMENTS);
        assertThat(question()).contains("- [1] 법: \"통지는 두 달 전까지 해야 한다.\" (https://law.kr)\n- [2] \"이름 없는 글.\"\n");
        assertThat(answer.at("/choices/0/message/annotations/0/url_citation/url").textValue()).isEqualTo("https://law.kr");
        assertThat(answer.at("/lorikeet/rag/sources/1").toString()).isEqualTo("{\"number\":2,\"title\":\"\",\"url\":\"document:2\",\"source\":\"request\"}");
        assertThat(searches.naver().asked()).isZero();
    }

    @Test
    void ownDocumentsComeBeforeThoseFound() {
        assertThat(chat(DOCUMENTS + "," + SEARCH).at("/lorikeet/rag/sources").findValuesAsText("source"))
                .startsWith("request", "request", "naver/blog").hasSize(5);
    }

    @Test
    void aTemplateThatWritesDocumentsGetsThemAsTheyAre() {
        catalog.model().writesDocuments();
        chat("\"documents\":[{\"content\":\"x\",\"odd\":1}]");
        assertThat(question()).isEqualTo("전세 갱신 통지는 언제?");
        assertThat(catalog.model().lastChat().documents()).hasToString("[{content=x, odd=1}]");
        JsonNode answer = chat(DOCUMENTS + "," + SEARCH);
        assertThat(catalog.model().lastChat().documents()).hasSize(5);
        assertThat(answer.at("/lorikeet/rag/sources").size()).isEqualTo(5);
    }

    @Test
    void aPromptOfTheRequestsOwnGoesBeforeTheTemplatesWay() {
        catalog.model().writesDocuments();
        chat(DOCUMENTS + ",\"lorikeet\":{\"rag\":{\"template\":\"{{ documents | length }}\"}}");
        assertThat(question()).isEqualTo("2");
        assertThat(catalog.model().lastChat().documents()).isEmpty();
    }

    @Test
    void documentsAreCutSoThatPromptAndAnswerFit() {
        catalog.model().context(700);
        searches.naver().finds(SearchType.BLOG, new Item("a", "First sentence about it. ".repeat(40), "https://blog.kr/1"));
        searches.naver().finds(SearchType.NEWS);
        chat(SEARCH + ",\"max_tokens\":150");
        int prompt = catalog.model().requests().getLast().generation().promptIds().length;
        assertThat(prompt).isLessThanOrEqualTo(550).isGreaterThan(480);
        assertThat(question()).contains("First sentence about it.\" (https://blog.kr/1)");
    }

    @Test
    void whereNoDocumentFitsTheAnswerSaysSo() {
        catalog.model().context(200);
        JsonNode answer = chat(SEARCH + ",\"max_tokens\":50");
        assertThat(answer.at("/lorikeet/rag/note").textValue()).startsWith("This answer was made without sources: the context leaves no room");
        assertThat(question()).isEqualTo("전세 갱신 통지는 언제?");
        assertError(post("/v1/chat/completions", "demo", REQUIRED + ",\"max_tokens\":50"), 400, "invalid_request_error", "context_length_exceeded");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "429 | {\"errorMessage\":\"Query limit exceeded.\",\"errorCode\":\"010\"} | quota | 429 | insufficient_quota | insufficient_quota | false",
        "429 | {\"errorMessage\":\"Rate limit exceeded.\",\"errorCode\":\"012\"} | too many searches | 503 | service_unavailable_error | search_unavailable | ",
        "401 | {\"errorMessage\":\"Authentication failed.\",\"errorCode\":\"024\"} | NAVER_CLIENT_ID | 502 | server_error | search_failed | false",
        "400 | {\"errorMessage\":\"x\",\"errorCode\":\"SE01\"} | rejected | 502 | server_error | search_failed | false",
        "500 | <html>secret-9c27</html> | at fault | 503 | service_unavailable_error | search_unavailable | ",
        "200 | {\"items\": | not a list | 503 | service_unavailable_error | search_unavailable | "})
    void aFailedSearchIsToldAndOnlyAnErrorWhereSourcesAreRequired(int status, String body, String words, int requiredStatus, String type, String code,
                                                                  String shouldRetry) {
        searches.naver().failsWith(status, body);
        searches.naver().failsWith(status, body);
        JsonNode answer = chat(SEARCH);
        assertThat(answer.at("/choices/0/message/content").textValue()).isEqualTo("안녕하세요!");
        assertThat(answer.at("/lorikeet/rag/grounded").booleanValue()).isFalse();
        assertThat(answer.at("/lorikeet/rag/note").textValue()).startsWith("This answer was made without sources: ").contains(words);
        assertThat(answer.toString()).doesNotContain(FakeNaver.KEYS.id(), FakeNaver.KEYS.secret());
        searches.reset();
        searches.naver().failsWith(status, body);
        searches.naver().failsWith(status, body);
        Response refused = post("/v1/chat/completions", "demo", REQUIRED);
        assertError(refused, requiredStatus, type, code);
        assertThat(refused.header("X-Should-Retry")).isEqualTo(shouldRetry);
        assertThat(refused.asString()).doesNotContain(FakeNaver.KEYS.secret()).contains(words);
    }

    @Test
    void oneSearchThatFailsTakesNothingFromTheOther() {
        searches.naver().failsWith(500, "");
        JsonNode answer = chat(REQUIRED);
        assertThat(answer.at("/lorikeet/rag/grounded").booleanValue()).isTrue();
        assertThat(answer.at("/lorikeet/rag/failures").size()).isEqualTo(1);
    }

    @Test
    void findingNothingIsAnErrorOnlyWhereSourcesAreRequired() {
        searches.naver().finds(SearchType.BLOG);
        searches.naver().finds(SearchType.NEWS);
        assertThat(chat(SEARCH).at("/lorikeet/rag/note").textValue()).contains("nothing was found");
        assertError(post("/v1/chat/completions", "demo", REQUIRED), 422, "invalid_request_error", "no_sources_found");
    }

    @Test
    void aStreamAnswersWithoutSourcesToo() {
        searches.naver().failsWith(500, "");
        searches.naver().failsWith(500, "");
        assertThat(post("/v1/chat/completions", "demo", SEARCH + ",\"stream\":true").asString()).contains("\"grounded\":false").contains("without sources").endsWith("[DONE]\n\n");
    }

    @Test
    void applyTemplateShowsThePromptThatWouldBeBuilt() {
        String prompt = Json.parse(post("/apply-template", "demo", DOCUMENTS).asString()).orElseThrow().get("prompt").textValue();
        assertThat(prompt).startsWith("<bos>system:s\nuser:전세 갱신 통지는 언제?\nIf you need").contains("- [2] \"이름 없는 글.\"\n</documents ").endsWith("\nassistant:");
        assertThat(Json.parse(post("/apply-template", "demo", SEARCH).asString()).orElseThrow().get("prompt").textValue()).contains("https://blog.kr/1");
        assertThat(catalog.model().requests()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {DOCUMENTS, SEARCH, DOCUMENTS + "," + SEARCH, "\"lorikeet\":{\"rag\":{\"types\":[\"news\"],\"template\":\"{{ documents[0].text }} {{ question }}\"}}",
        DOCUMENTS + ",\"max_tokens\":3900"})
    void tokenizeApplyTemplateAndAChatAgreeOnThePrompt(String more) {
        int prompted = chat(more).at("/usage/prompt_tokens").intValue();
        JsonNode tokens = Json.parse(post("/tokenize", "demo", more).asString()).orElseThrow();
        assertThat(tokens.get("count").intValue()).isEqualTo(prompted);
        Response text = given().contentType("application/json").body("{\"tokens\":" + tokens.get("tokens") + "}").post("/detokenize");
        String rendered = Json.parse(post("/apply-template", "demo", more).asString()).orElseThrow().get("prompt").textValue();
        assertThat(withoutBoundary(Json.parse(text.asString()).orElseThrow().get("prompt").textValue())).isEqualTo(withoutBoundary(rendered));
    }

    /// The block's name is another in every request.
    private static String withoutBoundary(String prompt) {
        return prompt.replaceAll("(</?documents) [0-9a-z]{8}>", "$1>");
    }

    @Test
    void tokenizeSearchesOnlyForAConversation() {
        assertThat(post("/tokenize", "demo", "\"web_search_options\":1").statusCode()).isEqualTo(400);
        Response prompt = given().contentType("application/json").body("{\"prompt\":\"a\"," + SEARCH + "}").post("/tokenize");
        assertThat(prompt.asString()).contains("'web_search_options' is not supported");
        assertThat(searches.naver().asked()).isZero();
    }

    @Test
    void theUsersPlaceIsTold() {
        chat("\"web_search_options\":{\"search_context_size\":\"low\",\"user_location\":{\"type\":\"approximate\",\"approximate\":{\"country\":\"KR\",\"region\":\"Seoul\","
                + "\"city\":\"Seoul\",\"timezone\":\"Asia/Seoul\"}}}");
        assertThat(question()).contains("\nThe question comes from Seoul, KR.\n");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "web_search_options: 1 | web_search_options",
        "web_search_options: {\"search_context_size\":\"huge\"} | web_search_options.search_context_size",
        "web_search_options: {\"user_location\":{}} | web_search_options.user_location.type",
        "web_search_options: {\"user_location\":{\"type\":\"exact\"}} | web_search_options.user_location.type",
        "lorikeet: {\"rag\":{\"types\":[\"shop\"]}} | lorikeet.rag.types[0]",
        "lorikeet: {\"rag\":{\"count\":0}} | lorikeet.rag.count",
        "lorikeet: {\"rag\":{\"require\":1}} | lorikeet.rag.require",
        "lorikeet: {\"rag\":{\"requires\":true}} | lorikeet.rag.requires",
        "lorikeet: {\"rag\":{\"template\":\"{% for %}\"}} | lorikeet.rag.template",
        "documents: [{\"title\":\"x\"}] | documents[0].text",
        "documents: [{\"text\":\" \"}] | documents[0].text"})
    void wrongFieldsAreNamed(String field, String param) {
        int colon = field.indexOf(':');
        Response response = post("/v1/chat/completions", "demo", "\"" + field.substring(0, colon) + "\":" + field.substring(colon + 1));
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(400);
        assertThat(Json.parse(response.asString()).orElseThrow().at("/error/param").textValue()).isEqualTo(param);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\\u0000\\u200b", " \\n "})
    void aQuestionOfNothingSearchesForNothing(String question) {
        Response response = given().contentType("application/json").body("{\"model\":\"demo\"," + SEARCH + ",\"messages\":[{\"role\":\"user\",\"content\":\"" + question + "\"}]}")
                .post("/v1/chat/completions");
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        assertThat(searches.naver().asked()).isZero();
    }

    private static void assertError(Response response, int status, String type, String code) {
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(status);
        JsonNode error = Json.parse(response.asString()).orElseThrow().get("error");
        assertThat(error.get("type").textValue()).isEqualTo(type);
        assertThat(error.get("code").textValue()).isEqualTo(code);
    }
}
