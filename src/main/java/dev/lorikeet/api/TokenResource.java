package dev.lorikeet.api;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.lorikeet.chat.TextModel;
import dev.lorikeet.config.LorikeetConfig;
import dev.lorikeet.registry.ServedModel;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// `/tokenize`, `/detokenize` and `/apply-template`: what a model would see, without generating. `model` may be left out.
@Path("/")
@Consumes(MediaType.APPLICATION_JSON)
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
@Tag(name = "Text")
public final class TokenResource {
    private final TextStarter starter;
    private final Grounder grounder;
    private final LorikeetConfig config;

    TokenResource(TextStarter starter, Grounder grounder, LorikeetConfig config) {
        this.starter = starter;
        this.grounder = grounder;
        this.config = config;
    }

    /// vLLM's keys; `tokens` are ids, or with llama.cpp's `with_pieces` objects of id and piece.
    public record Tokens(int count, @JsonProperty("max_model_len") int maxModelLen, List<?> tokens,
                         @JsonProperty("token_strs") List<String> tokenStrs) {}

    /// vLLM's key and llama.cpp's.
    public record Text(String prompt, String content) {}

    /// The rendered conversation.
    public record Rendered(String prompt) {}

    @POST
    @Path("tokenize")
    @Operation(summary = "Text to token ids", description = "With `prompt` or `messages` as vLLM, with `content` as llama.cpp. Special tokens in "
            + "`prompt` are recognised, in `messages` never; `messages` become the prompt that a chat would have, `documents` and the results of "
            + "`web_search_options` included.")
    @RequestBody(required = true, content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(type = SchemaType.OBJECT,
            examples = "{\"prompt\": \"안녕\", \"add_special_tokens\": true, \"return_token_strs\": false}")))
    public Tokens tokenize(Fields fields) {
        try (ServedModel lease = starter.lease(fields.text("model"))) {
            return TokenizeRequest.read(fields, config.trustRequestChatTemplate()).answer(lease, grounder);
        }
    }

    @POST
    @Path("detokenize")
    @Operation(summary = "Token ids to text")
    @RequestBody(required = true, content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(type = SchemaType.OBJECT,
            requiredProperties = "tokens", examples = "{\"tokens\": [2, 10]}")))
    public Text detokenize(Fields fields) {
        fields.require("tokens");
        List<Integer> ids = fields.list("tokens", (node, path) -> (int) Fields.integer(node, path, 0, Integer.MAX_VALUE));
        try (ServedModel lease = starter.lease(fields.text("model"))) {
            FieldPolicy.finish(fields);
            TextModel model = lease.model();
            int[] tokens = Vocabulary.ids(ids);
            Vocabulary.checkAll(tokens, model.tokenizer().vocabularySize(), "tokens");
            String text = model.tokenizer().decode(tokens, false);
            return new Text(text, text);
        }
    }

    @POST
    @Path("apply-template")
    @Operation(summary = "Renders a conversation with the model's chat template", description = "The prompt that a chat would have, `documents` and "
            + "the results of `web_search_options` included.")
    @RequestBody(required = true, content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(type = SchemaType.OBJECT,
            requiredProperties = "messages", examples = "{\"messages\": [{\"role\": \"user\", \"content\": \"안녕하세요?\"}]}")))
    public Rendered applyTemplate(Fields fields) {
        var request = PromptRequest.read(fields, config.trustRequestChatTemplate());
        try (ServedModel lease = starter.lease(fields.text("model"))) {
            FieldPolicy.finish(fields);
            return new Rendered(request.prompt(lease, grounder).text());
        }
    }
}
