package dev.lorikeet.api;

import dev.lorikeet.config.LorikeetConfig;
import io.quarkus.vertx.http.runtime.CurrentVertxRequest;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.Provider;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveResourceInfo;
import org.jboss.resteasy.reactive.server.spi.ServerMessageBodyReader;
import org.jboss.resteasy.reactive.server.spi.ServerRequestContext;

/// Reads a request body into [Fields], up to `--max-body` bytes and within the [BodyBudget].
@Provider
public final class FieldsReader implements ServerMessageBodyReader<Fields> {
    private final LorikeetConfig config;
    private final BodyBudget budget;
    private final CurrentVertxRequest request;

    FieldsReader(LorikeetConfig config, BodyBudget budget, CurrentVertxRequest request) {
        this.config = config;
        this.budget = budget;
        this.request = request;
    }

    @Override
    public boolean isReadable(Class<?> type, Type genericType, ResteasyReactiveResourceInfo target, MediaType mediaType) {
        return type == Fields.class;
    }

    @Override
    public boolean isReadable(Class<?> type, Type genericType, Annotation[] annotations, MediaType mediaType) {
        return type == Fields.class;
    }

    @Override
    public Fields readFrom(Class<Fields> type, Type genericType, MediaType mediaType, ServerRequestContext context) {
        return read(context.getInputStream());
    }

    @Override
    public Fields readFrom(Class<Fields> type, Type genericType, Annotation[] annotations, MediaType mediaType,
                           MultivaluedMap<String, String> headers, InputStream in) {
        return read(in);
    }

    private Fields read(InputStream in) {
        var hold = budget.open();
        RequestEnd.of(request.getCurrent()).always(hold::close);
        try {
            return new BodyReader(hold, config.maxBody(), config.clientPatience()).read(in);
        } catch (ApiException e) {
            if (!request.getCurrent().request().isEnded()) {
                // What is left of the body is not read.
                request.getCurrent().response().putHeader("Connection", "close");
            }
            throw e;
        }
    }
}
