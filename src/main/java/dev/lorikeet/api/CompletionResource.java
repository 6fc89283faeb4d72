package dev.lorikeet.api;

import io.smallrye.common.annotation.RunOnVirtualThread;
import io.vertx.ext.web.RoutingContext;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.enums.SchemaType;
import org.eclipse.microprofile.openapi.annotations.media.Content;
import org.eclipse.microprofile.openapi.annotations.media.Schema;
import org.eclipse.microprofile.openapi.annotations.parameters.RequestBody;
import org.eclipse.microprofile.openapi.annotations.responses.APIResponse;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// `POST /v1/completions`.
@Path("/v1/completions")
@Tag(name = "OpenAI")
public final class CompletionResource {
    private final TextStarter starter;
    private final TextResponses responses;

    CompletionResource(TextStarter starter, TextResponses responses) {
        this.starter = starter;
        this.responses = responses;
    }

    @POST
    @Consumes(MediaType.APPLICATION_JSON)
    @RunOnVirtualThread
    @Operation(summary = "Continues raw prompts", description = "`prompt` is a text, an array of texts, an array of token ids or an array of such "
            + "arrays.")
    @RequestBody(required = true, content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(type = SchemaType.OBJECT,
            requiredProperties = {"model", "prompt"}, examples = "{\"model\": \"demo\", \"prompt\": \"Once upon a time\", \"max_tokens\": 32}")))
    @APIResponse(responseCode = "200", content = {
            @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = TextCompletion.class)),
            @Content(mediaType = MediaType.SERVER_SENT_EVENTS, schema = @Schema(implementation = TextCompletion.class))})
    @APIResponse(responseCode = "400", content = @Content(mediaType = MediaType.APPLICATION_JSON, schema = @Schema(implementation = ErrorBody.class)))
    public Response complete(Fields fields, @Context RoutingContext context) {
        CompletionRequest request = CompletionRequest.read(fields);
        RunningText running = starter.start(request);
        CompletionAnswers answers = new CompletionAnswers(request, running);
        return request.output().stream() ? responses.streamed(running, answers, request.output(), context)
                : responses.whole(running, answers::whole, context);
    }
}
