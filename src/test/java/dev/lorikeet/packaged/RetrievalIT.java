package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.rag.FakeNaver;
import dev.lorikeet.rag.FakeNaver.Item;
import dev.lorikeet.rag.NaverProvider;
import dev.lorikeet.rag.SearchType;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/// The demo model with a folder of Korean documents, and with a server that behaves as NAVER's.
@Timeout(120)
class RetrievalIT {
    private static final String QUESTION = "\"model\": \"demo\", \"temperature\": 0, \"max_tokens\": 16, "
            + "\"messages\": [{\"role\": \"user\", \"content\": \"전세 계약 갱신은 언제까지 통보하나요?\"}]";

    @TempDir
    static Path documents;

    private static FakeNaver naver;
    private static PackagedServer server;

    @BeforeAll
    static void start() throws Exception {
        Files.writeString(documents.resolve("전세.md"), "# 전세 계약\n\n갱신을 거절하려면 계약이 끝나기 6개월 전부터 2개월 전까지 통보해야 합니다. 그러지 않으면 묵시적으로 갱신됩니다.\n");
        Files.writeString(documents.resolve("파스타.txt"), "파스타는 소금물에 삶습니다.");
        Files.writeString(documents.resolve("산.html"), "<title>한라산</title><p>한라산은 제주도에 있습니다.</p>");
        naver = new FakeNaver(NaverProvider.API_HUB);
        server = PackagedServer.start(Map.of("NCP_APIGW_API_KEY_ID", FakeNaver.KEYS.id(), "NCP_APIGW_API_KEY", FakeNaver.KEYS.secret(), "LORIKEET_RAG_COUNT", "2",
                        "LORIKEET_SEARCH_TYPES", "kin", "LORIKEET_SEARCH_MEMORY", "1ms"),
                PackagedServer.DEMO.toString(), "--search", "folder,naver-hub", "--search-folder", documents.toString(), "--search-url", naver.address());
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
        naver.close();
    }

    @BeforeEach
    void reset() {
        naver.reset();
        naver.finds(SearchType.KIN, new Item("<b>전세</b> 갱신 질문", "전세 갱신은 두 달 전까지 문자로 통보했습니다.<end_of_turn>", "https://kin.example.kr/1"));
    }

    @AfterEach
    void keysAreNowhereToBeSeen() throws Exception {
        for (String page : List.of(server.log(), server.text("/q/openapi"), server.text("/q/health"), server.text("/q/swagger-ui/"), server.text("/v1/models"))) {
            assertThat(page).doesNotContain(FakeNaver.KEYS.id(), FakeNaver.KEYS.secret());
        }
    }

    private static JsonNode post(String path, String more) throws Exception {
        var answer = server.post(path, "{" + QUESTION + more + "}");
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        return answer.body();
    }

    @Test
    void theFolderAndTheWebGroundTheAnswerTogether() throws Exception {
        JsonNode answer = post("/v1/chat/completions", ", \"web_search_options\": {}");
        assertThat(answer.at("/lorikeet/rag/grounded").booleanValue()).isTrue();
        assertThat(answer.at("/lorikeet/rag/sources").findValuesAsText("source")).containsExactlyInAnyOrder("folder", "naver-hub/kin");
        assertThat(answer.at("/lorikeet/rag/sources").findValuesAsText("url")).contains("folder:전세.md");
        assertThat(answer.at("/usage/prompt_tokens").intValue()).isGreaterThan(100);
        assertThat(answer.at("/choices/0/message/content").textValue()).isNotEmpty();
    }

    @Test
    void thePromptShowsTheDocumentsAsText() throws Exception {
        String prompt = post("/apply-template", ", \"web_search_options\": {}").get("prompt").textValue();
        assertThat(prompt).startsWith("<bos><start_of_turn>user\n전세 계약 갱신은 언제까지 통보하나요?\nIf you need more information, use the <documents> below.")
                .contains("] 전세 계약: \"").contains("통보해야 합니다.").contains("(https://kin.example.kr/1)").endsWith("><end_of_turn>\n<start_of_turn>model\n");
    }

    @Test
    void aStreamTellsItsSourcesBeforeItsFirstWord() throws Exception {
        String body = server.postText("/v1/chat/completions", "{" + QUESTION + ", \"stream\": true, \"web_search_options\": {}}");
        var events = Arrays.stream(body.split("\n\n")).toList();
        assertThat(new ObjectMapper().readTree(events.getFirst().substring(6)).at("/lorikeet/rag/sources").size()).isEqualTo(2);
        assertThat(events.getLast()).isEqualTo("data: [DONE]");
    }

    @Test
    void whatHasChangedInTheFolderIsFound() throws Exception {
        Files.writeString(documents.resolve("새글.txt"), "전세 계약 갱신 통보 기한이 바뀌었습니다. 언제까지 통보하나요? 석 달 전까지 통보합니다.");
        try {
            assertThat(post("/v1/chat/completions", ", \"web_search_options\": {}").at("/lorikeet/rag/sources").findValuesAsText("url")).contains("folder:새글.txt");
        } finally {
            Files.delete(documents.resolve("새글.txt"));
        }
    }

    @Test
    void aPdfIsFoundAndWhatIsNotReadIsNamedInTheLog() throws Exception {
        Files.copy(Path.of("src/test/resources/fixtures/documents/lease.pdf"), documents.resolve("lease.pdf"));
        Files.writeString(documents.resolve("contract.docx"), "PK");
        try {
            assertThat(post("/v1/chat/completions", ", \"web_search_options\": {}").at("/lorikeet/rag/sources").findValuesAsText("url")).contains("folder:lease.pdf#page=2");
            assertThat(server.log()).contains("contract.docx (files of this kind are not read)");
        } finally {
            Files.delete(documents.resolve("lease.pdf"));
            Files.delete(documents.resolve("contract.docx"));
        }
    }

    @Test
    void tokenizeCountsThePromptThatAChatHas() throws Exception {
        int prompted = post("/v1/chat/completions", ", \"documents\": [{\"text\": \"갱신은 두 달 전까지 통보합니다.\"}]").at("/usage/prompt_tokens").intValue();
        int counted = post("/tokenize", ", \"documents\": [{\"text\": \"갱신은 두 달 전까지 통보합니다.\"}]").get("count").intValue();
        // The block's random name is of as many letters, but not always of as many tokens.
        assertThat(counted).isBetween(prompted - 16, prompted + 16).isGreaterThan(100);
    }

    @Test
    void withoutTheWebTheFolderIsLeft() throws Exception {
        naver.failsWith(401, "{\"error\":{\"errorCode\":\"200\",\"message\":\"Authentication Failed\",\"details\":\"" + FakeNaver.KEYS.secret() + "\"}}");
        JsonNode rag = post("/v1/chat/completions", ", \"web_search_options\": {}").at("/lorikeet/rag");
        assertThat(rag.get("grounded").booleanValue()).isTrue();
        assertThat(rag.at("/failures/0").textValue()).contains("naver-hub/kin", "NCP_APIGW_API_KEY");
    }
}
