package dev.lorikeet.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(ApiProfile.class)
class TokensTest {
    @Inject
    FakeCatalog catalog;

    @BeforeEach
    void reset() {
        catalog.reset();
    }

    @AfterEach
    void everyLeaseIsReturned() {
        assertThat(catalog.leases()).isZero();
    }

    private static String post(String path, String body) {
        Response response = given().contentType("application/json").body(body).post(path);
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(200);
        return response.asString();
    }

    @Test
    void vllmsPromptGetsSpecialTokens() {
        assertThat(post("/tokenize", "{\"model\":\"demo\",\"prompt\":\"a</s>\"}"))
                .isEqualTo("{\"count\":3,\"max_model_len\":512,\"tokens\":[1,107,2],\"token_strs\":null}");
        assertThat(post("/tokenize", "{\"prompt\":\"<bos>a\",\"return_token_strs\":true}"))
                .isEqualTo("{\"count\":2,\"max_model_len\":512,\"tokens\":[1,107],\"token_strs\":[\"<bos>\",\"<0x61>\"]}");
        assertThat(post("/tokenize", "{\"prompt\":\"a\",\"add_special_tokens\":false}")).contains("\"tokens\":[107]");
    }

    @Test
    void llamaCppsContentGetsNoneUnlessAskedFor() {
        assertThat(post("/tokenize", "{\"content\":\"a\"}")).contains("\"count\":1").contains("\"tokens\":[107]");
        assertThat(post("/tokenize", "{\"content\":\"</s>\",\"add_special\":true,\"parse_special\":false}")).contains("\"count\":5").contains("[1,70,57,125,72]");
        assertThat(post("/tokenize", "{\"content\":\"a\",\"with_pieces\":true}")).contains("\"tokens\":[{\"id\":107,\"piece\":\"a\"}]");
        assertThat(post("/tokenize", "{\"content\":\"만\",\"with_pieces\":true}")).contains("{\"id\":245,\"piece\":[235]}");
    }

    @Test
    void messagesAreRenderedFirst() {
        assertThat(post("/tokenize", "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]}")).contains("\"count\":19");
        assertThat(post("/tokenize", "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"add_generation_prompt\":false}")).contains("\"count\":9");
    }

    @Test
    void detokenizeAnswersBothShapes() {
        assertThat(post("/detokenize", "{\"model\":\"demo\",\"tokens\":[1,245,177,150]}")).isEqualTo("{\"prompt\":\"<bos>만\",\"content\":\"<bos>만\"}");
        assertThat(post("/detokenize", "{\"tokens\":[]}")).isEqualTo("{\"prompt\":\"\",\"content\":\"\"}");
    }

    @Test
    void applyTemplateRendersWithoutGenerating() {
        catalog.model().writesDocuments();
        assertThat(post("/apply-template", "{\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\"}}],"
                + "\"documents\":[{\"text\":\"d\"}],\"chat_template_kwargs\":{\"a\":1}}")).isEqualTo("{\"prompt\":\"<bos>user:hi\\ndocument:{text=d}\\nassistant:\"}");
        assertThat(catalog.model().lastChat().kwargs().toString()).isEqualTo("{a=1}");
        assertThat(catalog.model().requests()).isEmpty();
    }
}
