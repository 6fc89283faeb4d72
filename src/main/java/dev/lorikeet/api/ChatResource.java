package dev.lorikeet.api;

import dev.lorikeet.api.Grounder.Grounding;
import dev.lorikeet.config.LorikeetConfig;
import dev.lorikeet.registry.ServedModel;
import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Optional;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// `POST /v1/chat/completions`.
@Path("/v1/chat/completions")
@Tag(name = "OpenAI")
public final class ChatResource {
    private final TextStarter starter;
    private final Grounder grounder;
    private final TextResponses responses;
    private final LorikeetConfig config;

    ChatResource(TextStarter starter, Grounder grounder, TextResponses responses, LorikeetConfig config) {
        this.starter = starter;
        this.grounder = grounder;
        this.responses = responses;
        this.config = config;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(summary = "Continues a conversation", description = "OpenAI's fields, vLLM's extensions, `max_time` (seconds), "
            + "`repetition_detection` ({max_period, min_repeats}), and `lorikeet.rag` ({search, require, types, count, template}) beside `web_search_options`. With `stream` the answer is server-sent events.")
    @RequestBody(required = true, content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(type = SchemaType.OBJECT,
            requiredProperties = {"model", "messages"},
            examples = "{\"model\": \"demo\", \"messages\": [{\"role\": \"user\", \"content\": \"안녕하세요?\"}], \"max_tokens\": 64}")))
    @APIResponse(responseCode = "200", content = {
            @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = ChatCompletion.class)),
            @Content(mediaType = MediaType.SERVER_SENT_EVENTS, schema = @Schema(implementation = ChatChunk.class))})
    @APIResponse(responseCode = "400", content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = ErrorBody.class)))
    public Response complete(Fields fields, @Context RoutingContext context) {
        ChatRequest request = ChatRequest.read(fields, config.trustRequestChatTemplate());
        Grounding grounding = ground(request);
        RunningText running = starter.start(request.with(grounding.chat()));
        ChatAnswers answers = new ChatAnswers(request, running, grounding.sources());
        return request.output().stream() ? responses.streamed(running, answers, request.output(), context)
                : responses.whole(running, answers::whole, context);
    }

    private Grounding ground(ChatRequest request) {
        try (ServedModel served = starter.lease(Optional.of(request.model()))) {
            return grounder.ground(request.chat(), request.rag(), served, request.stop().maxTokens());
        }
    }
}
