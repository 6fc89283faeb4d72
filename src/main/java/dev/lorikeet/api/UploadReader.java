package dev.lorikeet.api;

import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.MultivaluedMap;
import jakarta.ws.rs.ext.Provider;
import java.io.InputStream;
import java.lang.annotation.Annotation;
import java.lang.reflect.Type;
import org.jboss.resteasy.reactive.server.spi.ResteasyReactiveResourceInfo;
import org.jboss.resteasy.reactive.server.spi.ServerMessageBodyReader;
import org.jboss.resteasy.reactive.server.spi.ServerRequestContext;

/// Hands the body of a form on as a stream. Quarkus' own reader of forms writes to a place of its own and answers in words of its own.
@Provider
public final class UploadReader implements ServerMessageBodyReader<Upload> {
    @Override
    public boolean isReadable(Class<?> type, Type genericType, ResteasyReactiveResourceInfo target, MediaType mediaType) {
        return type == Upload.class;
    }

    @Override
    public boolean isReadable(Class<?> type, Type genericType, Annotation[] annotations, MediaType mediaType) {
        return type == Upload.class;
    }

    @Override
    public Upload readFrom(Class<Upload> type, Type genericType, MediaType mediaType, ServerRequestContext context) {
        return new Upload(context.getInputStream(), context.getRequestHeaders().getHeaderString("Content-Type"));
    }

    @Override
    public Upload readFrom(Class<Upload> type, Type genericType, Annotation[] annotations, MediaType mediaType, MultivaluedMap<String, String> headers,
                           InputStream in) {
        return new Upload(in, headers.getFirst("Content-Type"));
    }
}
