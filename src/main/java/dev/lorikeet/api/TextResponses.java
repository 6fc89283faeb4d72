package dev.lorikeet.api;

import dev.lorikeet.config.LorikeetConfig;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.function.Supplier;

/// Answers a request whose texts are running, whole or streamed; in both cases they are cancelled when the client goes away.
@ApplicationScoped
public class TextResponses {
    private final LorikeetConfig config;

    TextResponses(LorikeetConfig config) {
        this.config = config;
    }

    Response whole(RunningText running, Supplier<Object> answer, RoutingContext request) {
        try (running) {
            RequestEnd.of(request).ifGone(running.events()::close);
            return Response.ok(answer.get(), MediaType.APPLICATION_JSON_TYPE).build();
        }
    }

    Response streamed(RunningText running, ChunkFormat format, OutputFields output, RoutingContext request) {
        var out = new SseWriter(request, config.keepAlive(), config.clientPatience(), running.events()::close);
        return Response.ok(new StreamedText(running, format, output, out), SseWriter.MEDIA_TYPE).build();
    }
}
