package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Real adapters through a running server: each kind answers as in `peft`, and what cannot be served is refused while the others go on.
/// Needs `-Dshared=<folder>` and the packaged server.
class SharedServedAdaptersCheck {
    private static final Path SHARED = Path.of(System.getProperty("shared")).toAbsolutePath().normalize();
    private static final Path ADAPTERS = SHARED.resolve("adapters");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static PackagedServer server;

    @BeforeAll
    static void start() throws Exception {
        server = PackagedServer.start(SHARED.resolve("models/stories260K-hf"), "--dtype", "float32", "--adapter-root", ADAPTERS.toString(),
                "--adapter", "safe=" + ADAPTERS.resolve("peft-on-stories260K/r8_qv"));
    }

    @AfterAll
    static void stop() throws Exception {
        server.close();
    }

    private static String load(String name, String path) throws Exception {
        return server.postText("/v1/load_lora_adapter", "{\"lora_name\": \"" + name + "\", \"lora_path\": \"" + path + "\"}");
    }

    private static void answersAsInPeft(String model, Path folder) throws Exception {
        for (var reference : JSON.readTree(folder.resolve("REFERENCE.json").toFile()).get("reference")) {
            var request = JSON.createObjectNode().put("model", model).put("temperature", 0).put("ignore_eos", true).put("return_token_ids", true)
                    .put("max_tokens", reference.get("greedy_ids").size());
            request.set("prompt", reference.get("input_ids"));
            var answer = server.post("/v1/completions", request.toString());
            assertThat(answer.body().at("/choices/0/token_ids")).as(model).isEqualTo(reference.get("greedy_ids"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"r16_mlp_regex", "r4_alllinear_rslora", "r8_embed_tokens", "r8_layers_1_3", "r8_lora_bias", "r8_qkvo_dora", "r8_qv",
        "r8_qv_bf16", "r8_rank_alpha_pattern", "r8_save_lm_head", "r8_save_norm", "r8_token_indices"})
    void everyKindAnswersAsInPeft(String name) throws Exception {
        assertThat(load(name, "peft-on-stories260K/" + name)).startsWith("Success");
        answersAsInPeft(name, ADAPTERS.resolve("peft-on-stories260K").resolve(name));
    }

    @ParameterizedTest
    @CsvSource({"peft-on-stories260K/r8_qv_bin, pickle", "peft-on-stories260K/unsupported_ia3, IA3", "peft-on-stories260K/unsupported_prompt_tuning, PROMPT_TUNING",
        "gpt2-r8-cattn, belong to no module", "opt125m-r16-qv-bf16, belong to no module", "gemma3-270m-it-r8-qv, belong to no module"})
    void whatDoesNotFitIsRefusedByNameAndTheOthersGoOn(String path, String message) throws Exception {
        assertThat(load("refused", path)).contains("\"type\":\"BadRequestError\"", "\"code\":400", message);
        var names = new ArrayList<String>();
        server.get("/v1/adapters").body().get("data").forEach(adapter -> names.add(adapter.get("name").textValue()));
        assertThat(names).contains("safe").doesNotContain("refused");
        answersAsInPeft("safe", ADAPTERS.resolve("peft-on-stories260K/r8_qv"));
    }
}
