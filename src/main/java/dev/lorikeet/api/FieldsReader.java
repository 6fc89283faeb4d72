package dev.lorikeet.api;

import dev.lorikeet.config.LorikeetConfig;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.Provider;
import java.io.IOException;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveResourceInfo;
import org.jboss.resteasy.reactive.server.spi.ServerMessageBodyReader;
import org.jboss.resteasy.reactive.server.spi.ServerRequestContext;

/// Reads a request body into [Fields], up to `--max-body` bytes.
@Provider
public final class FieldsReader implements ServerMessageBodyReader<Fields> {
    private final LorikeetConfig config;

    FieldsReader(LorikeetConfig config) {
        this.config = config;
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
        try {
            byte[] body = in.readNBytes(Math.toIntExact(config.maxBody()) + 1);
            if (body.length > config.maxBody()) {
                throw new ApiException(EdgeFilter.tooLarge(config.maxBody()));
            }
            return Json.body(body);
        } catch (IOException _) {
            throw new ApiException(new ApiError.Invalid("The body of the request ended before it was complete.", Optional.empty(), Optional.empty()));
        }
    }
}
