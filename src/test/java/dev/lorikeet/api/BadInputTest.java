package dev.lorikeet.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.URI;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@QuarkusTest
@TestProfile(ApiProfile.class)
class BadInputTest {
    @Inject
    FakeCatalog catalog;

    @TestHTTPResource
    URI server;

    @BeforeEach
    void reset() {
        catalog.reset();
    }

    @AfterEach
    void nothingWasStartedAndNothingIsHeld() {
        assertThat(catalog.model().requests()).isEmpty();
        assertThat(catalog.leases()).isZero();
    }

    private static void refused(String path, String body, String param, String code) {
        Response response = given().contentType("application/json").body(body).post(path);
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(400);
        JsonNode error = Json.parse(response.asString()).orElseThrow().get("error");
        assertThat(error.propertyStream().map(java.util.Map.Entry::getKey)).containsExactly("message", "type", "param", "code");
        assertThat(error.get("type").textValue()).isEqualTo("invalid_request_error");
        assertThat(error.get("message").textValue()).isNotBlank();
        assertThat(error.get("param").asText()).as(error.toString()).isEqualTo(param);
        assertThat(error.get("code").asText()).as(error.toString()).isEqualTo(code);
    }

    static Stream<Arguments> chatFields() {
        return table("""
            temperature: NaN | temperature | null
            temperature: Infinity | temperature | null
            temperature: 1e999 | temperature | null
            temperature: -0.1 | temperature | null
            temperature: 2.1 | temperature | null
            temperature: "warm" | temperature | invalid_type
            top_p: 1.5 | top_p | null
            top_p: true | top_p | invalid_type
            top_k: -2 | top_k | null
            top_k: 1.5 | top_k | invalid_type
            min_p: 2 | min_p | null
            typical_p: 0 | typical_p | null
            repetition_penalty: 0 | repetition_penalty | null
            presence_penalty: 3 | presence_penalty | null
            frequency_penalty: -2.5 | frequency_penalty | null
            logit_bias: [] | logit_bias | invalid_type
            logit_bias: {"x":1} | logit_bias.x | null
            logit_bias: {"-1":1} | logit_bias.-1 | null
            logit_bias: {"5":101} | logit_bias.5 | null
            logit_bias: {"5":"1"} | logit_bias.5 | invalid_type
            logit_bias: {"272":1} | logit_bias.272 | null
            seed: 1.5 | seed | invalid_type
            seed: 99999999999999999999 | seed | null
            n: 0 | n | null
            n: 129 | n | null
            n: 33 | n | null
            n: "2" | n | invalid_type
            max_tokens: 0 | max_tokens | null
            max_tokens: -1 | max_tokens | null
            max_tokens: 1e30 | max_tokens | null
            max_tokens: 3000000000 | max_tokens | null
            max_tokens: "many" | max_tokens | invalid_type
            max_completion_tokens: 0 | max_completion_tokens | null
            max_tokens: 500 | messages | context_length_exceeded
            min_tokens: -1 | min_tokens | null
            min_tokens: 5, "max_tokens": 4 | min_tokens | null
            min_tokens: 5000 | min_tokens | null
            logprobs: 1 | logprobs | invalid_type
            top_logprobs: 2 | top_logprobs | null
            top_logprobs: 2, "logprobs": false | top_logprobs | null
            top_logprobs: 21, "logprobs": true | top_logprobs | null
            prompt_logprobs: -1 | prompt_logprobs | null
            prompt_logprobs: 1, "stream": true | prompt_logprobs | unsupported_value
            stop: "" | stop | null
            stop: ["a", ""] | stop[1] | null
            stop: [1] | stop[0] | invalid_type
            stop: {} | stop | invalid_type
            stop: ["1","2","3","4","5","6","7","8","9","a","b","c","d","e","f","g","h"] | stop | null
            stop_token_ids: [272] | stop_token_ids[0] | null
            stop_token_ids: [1, -1] | stop_token_ids[1] | null
            stop_token_ids: 5 | stop_token_ids | invalid_type
            max_time: 0 | max_time | null
            repetition_detection: {} | repetition_detection.max_period | missing_required_parameter
            repetition_detection: {"max_period":4} | repetition_detection.min_repeats | missing_required_parameter
            repetition_detection: {"max_period":300,"min_repeats":2} | repetition_detection.max_period | null
            repetition_detection: {"max_period":4,"min_repeats":1} | repetition_detection.min_repeats | null
            ignore_eos: "yes" | ignore_eos | invalid_type
            skip_special_tokens: 1 | skip_special_tokens | invalid_type
            spaces_between_special_tokens: false | spaces_between_special_tokens | unsupported_value
            stream: "true" | stream | invalid_type
            stream_options: {"include_usage":true} | stream_options | null
            stream: true, "stream_options": {"include_usage":1} | stream_options.include_usage | invalid_type
            stream: true, "stream_options": 1 | stream_options | invalid_type
            truncate_prompt_tokens: 0 | truncate_prompt_tokens | null
            truncate_prompt_tokens: -2 | truncate_prompt_tokens | null
            cache_salt: "" | cache_salt | null
            response_format: {"type":"json_object"} | response_format | unsupported_value
            response_format: {"type":"json_schema","json_schema":{"name":"x"}} | response_format | unsupported_value
            tool_choice: "required" | tool_choice | unsupported_value
            tool_choice: {"type":"function","function":{"name":"f"}} | tool_choice | unsupported_value
            tools: {} | tools | invalid_type
            tools: [{"type":"custom"}] | tools[0].type | unsupported_value
            tools: [{"type":"function","function":{}}] | tools[0].function.name | missing_required_parameter
            use_beam_search: true | use_beam_search | unsupported_value
            structured_outputs: {"regex":"a"} | structured_outputs | unsupported_value
            guided_json: {} | guided_json | unsupported_value
            guided_regex: "a" | guided_regex | unsupported_value
            priority: 1 | priority | unsupported_value
            prompt_embeds: "x" | prompt_embeds | unsupported_value
            modalities: ["text","audio"] | modalities | unsupported_value
            audio: {"voice":"x"} | audio | unsupported_value
            allowed_token_ids: [1] | allowed_token_ids | unsupported_value
            bad_words: ["x"] | bad_words | unsupported_value
            web_search_options: {} | web_search_options | unsupported_value
            lora: [{"id":0}] | lora[0].name | missing_required_parameter
            echo: true | echo | unsupported_value
            best_of: 2 | best_of | unsupported_value
            chat_template: "{{ 1 }}" | chat_template | unsupported_value
            chat_template_kwargs: {"chat_template":"x"} | chat_template_kwargs.chat_template | unsupported_value
            chat_template_kwargs: [] | chat_template_kwargs | invalid_type
            documents: ["x"] | documents[0] | invalid_type
            add_generation_prompt: true, "continue_final_message": true | continue_final_message | null
            model: 5 | model | invalid_type
            """);
    }

    static Stream<Arguments> messages() {
        return table("""
            [] | messages | null
            {} | messages | invalid_type
            "hi" | messages | invalid_type
            null | messages | missing_required_parameter
            ["hi"] | messages[0] | invalid_type
            [{}] | messages[0].role | missing_required_parameter
            [{"role":5,"content":"x"}] | messages[0].role | invalid_type
            [{"role":"robot","content":"x"}] | messages[0].role | unsupported_value
            [{"role":"user"}] | messages[0].content | missing_required_parameter
            [{"role":"user","content":null}] | messages[0].content | missing_required_parameter
            [{"role":"assistant","content":null}] | messages[0].content | missing_required_parameter
            [{"role":"user","content":5}] | messages[0].content | invalid_type
            [{"role":"user","content":"a"},{"role":"user","content":{}}] | messages[1].content | invalid_type
            [{"role":"user","content":["x"]}] | messages[0].content[0] | invalid_type
            [{"role":"user","content":[{"type":"text"}]}] | messages[0].content[0].text | missing_required_parameter
            [{"role":"user","content":[{"type":"image_url","image_url":{"url":"x"}}]}] | messages[0].content[0].type | unsupported_value
            [{"role":"user","content":[{"type":"input_audio"}]}] | messages[0].content[0].type | unsupported_value
            [{"role":"user","content":"x","name":5}] | messages[0].name | invalid_type
            [{"role":"user","content":"\\ud800"}] | messages[0].content | null
            [{"role":"user","content":"x","extra":["\\udc00"]}] | messages[0].extra[0] | null
            [{"role":"user","content":"x","extra":NaN}] | messages[0].extra | null
            [{"role":"assistant","tool_calls":{}}] | messages[0].tool_calls | invalid_type
            [{"role":"assistant","tool_calls":[{}]}] | messages[0].tool_calls[0].function | missing_required_parameter
            [{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":"{"}}]}] | messages[0].tool_calls[0].function.arguments | null
            [{"role":"user","content":"refuse"}] | messages | null
            """);
    }

    static Stream<Arguments> completionFields() {
        return table("""
            "x":1 | prompt | missing_required_parameter
            "prompt":5 | prompt | invalid_type
            "prompt":[] | prompt | null
            "prompt":[[]] | prompt[0] | null
            "prompt":["a",1] | prompt[1] | invalid_type
            "prompt":[1,"a"] | prompt[1] | invalid_type
            "prompt":[1.5] | prompt[0] | invalid_type
            "prompt":[-1] | prompt[0] | null
            "prompt":[[1],[272]] | prompt[1][0] | null
            "prompt":"", "add_special_tokens":false | prompt | null
            "prompt":"a","suffix":"b" | suffix | unsupported_value
            "prompt":"a","logprobs":6 | logprobs | null
            "prompt":"a","logprobs":true | logprobs | invalid_type
            "prompt":"a","best_of":21 | best_of | null
            "prompt":"a","best_of":2,"n":3 | best_of | null
            "prompt":"a","best_of":2,"stream":true | best_of | unsupported_value
            "prompt":"a","echo":1 | echo | invalid_type
            "prompt":["a","b"],"n":17 | prompt | null
            "prompt":"a","max_tokens":0 | max_tokens | null
            "prompt":"a","max_tokens":511 | prompt | context_length_exceeded
            """);
    }

    static Stream<Arguments> bodies() {
        return table("""
            /v1/chat/completions | {} | model | missing_required_parameter
            /v1/chat/completions | {"model":"demo"} | messages | missing_required_parameter
            /v1/chat/completions | [] | null | null
            /v1/chat/completions | "x" | null | null
            /v1/chat/completions | {"model":"demo", | null | null
            /v1/chat/completions | {"model":"demo"} x | null | null
            /v1/chat/completions |  | null | null
            /v1/completions | nope | null | null
            /tokenize | {} | prompt | missing_required_parameter
            /tokenize | {"prompt":5} | prompt | invalid_type
            /tokenize | {"content":5} | content | invalid_type
            /tokenize | {"messages":[]} | messages | null
            /detokenize | {} | tokens | missing_required_parameter
            /detokenize | {"tokens":["a"]} | tokens[0] | invalid_type
            /detokenize | {"tokens":[1,266]} | tokens[1] | null
            /models/load | {} | model | missing_required_parameter
            /models/unload | {"model":1} | model | invalid_type
            """);
    }

    /// A case a line, its columns between bars.
    private static Stream<Arguments> table(String lines) {
        return lines.lines().map(line -> Arguments.of((Object[]) line.split(" *\\| ", -1)));
    }

    @ParameterizedTest
    @MethodSource("chatFields")
    void badChatFieldIsNamed(String field, String param, String code) {
        String json = "\"" + field.replaceFirst(":", "\":");
        String model = json.startsWith("\"model\"") ? "" : "\"model\":\"demo\",";
        refused("/v1/chat/completions", "{" + model + "\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}]," + json + "}", param, code);
    }

    @ParameterizedTest
    @CsvSource({"max_tokens, 1000000000000, 1 and 2147483647", "max_tokens, 0, 1 and 2147483647",
        "seed, 1180591620717411303424, -9223372036854775808 and 9223372036854775807", "n, 129, 1 and 128"})
    void anIntegerOutOfRangeIsToldBothBounds(String field, String value, String bounds) {
        String body = "{\"model\":\"demo\",\"messages\":[{\"role\":\"user\",\"content\":\"hi\"}],\"" + field + "\":" + value + "}";
        assertThat(given().contentType("application/json").body(body).post("/v1/chat/completions").asString())
                .contains(value + " is out of range; expected an integer between " + bounds + ".");
    }

    @ParameterizedTest
    @MethodSource("messages")
    void badMessageIsNamedByItsPath(String messages, String param, String code) {
        refused("/v1/chat/completions", "{\"model\":\"demo\",\"messages\":" + messages + "}", param, code);
        refused("/apply-template", "{\"messages\":" + messages + "}", param, code);
    }

    @ParameterizedTest
    @MethodSource("completionFields")
    void badCompletionFieldIsNamed(String fields, String param, String code) {
        refused("/v1/completions", "{\"model\":\"demo\"," + fields + "}", param, code);
    }

    @ParameterizedTest
    @MethodSource("bodies")
    void badBodyIsRefused(String path, String body, String param, String code) {
        refused(path, body, param, code);
    }

    @ParameterizedTest
    @ValueSource(ints = {900, 30_000})
    void deepNestingIsRefusedOrIgnoredButNeverFatal(int depth) throws Exception {
        String body = "{\"model\":\"demo\",\"messages\":5,\"x\":" + "[".repeat(depth) + "]".repeat(depth) + "}";
        // Not with RestAssured: it prints what it sends, indented.
        try (Http http = Http.post(server, "/v1/chat/completions", body)) {
            assertThat(http.readUntil("error")).startsWith("HTTP/1.1 400");
        }
    }
}
