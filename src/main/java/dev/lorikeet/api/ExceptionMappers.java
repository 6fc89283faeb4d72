package dev.lorikeet.api;

import dev.lorikeet.access.LimitException;
import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.chat.TemplateRefusal;
import dev.lorikeet.config.LorikeetConfig;
import dev.lorikeet.engine.ContextLengthException;
import dev.lorikeet.engine.QueueFullException;
import dev.lorikeet.hub.HubError;
import dev.lorikeet.hub.HubException;
import dev.lorikeet.job.BadRowsException;
import dev.lorikeet.job.JobException;
import dev.lorikeet.registry.AdapterException;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.vertx.core.http.HttpServerRequest;
import jakarta.ws.rs.WebApplicationException;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jboss.resteasy.reactive.server.ServerExceptionMapper;

/// Every failure becomes a status and OpenAI's error envelope here.
public final class ExceptionMappers {
    private static final int CLIENT_GONE = 499;

    private final LorikeetConfig config;

    ExceptionMappers(LorikeetConfig config) {
        this.config = config;
    }

    @ServerExceptionMapper
    public Response api(ApiException e) {
        return response(e.error());
    }

    @ServerExceptionMapper
    public Response catalog(CatalogException e) {
        return response(error(e));
    }

    @ServerExceptionMapper
    public Response hub(HubException e) {
        return response(error(e.error()));
    }

    static ApiError error(HubError e) {
        return switch (e) {
            case HubError.RateLimited _, HubError.ServerFault _, HubError.NoNetwork _, HubError.Truncated _ ->
                    new ApiError.Unavailable(e.message(), e.retryAfter());
            case HubError.Missing _, HubError.WrongRevision _, HubError.MissingFile _ ->
                    new ApiError.Missing(e.message(), Optional.empty(), Optional.of("hub_not_found"));
            case HubError.Gated _, HubError.BadToken _, HubError.Disabled _, HubError.NotAllowed _ ->
                    new ApiError.Invalid(e.message(), Optional.empty(), Optional.of("hub_not_allowed"));
            case HubError.WrongHash _, HubError.NotCached _, HubError.DiskFull _, HubError.NotAHub _, HubError.Unsuitable _, HubError.UnsafeName _,
                 HubError.Rejected _, HubError.LocalFile _ -> new ApiError.Invalid(e.message(), Optional.empty(), Optional.of("hub_error"));
        };
    }

    @ServerExceptionMapper
    public Response job(JobException e) {
        return response(switch (e) {
            case JobException.NotFound _ -> new ApiError.Missing(e.getMessage(), Optional.of("fine_tuning_job_id"), Optional.of("fine_tune_not_found"));
            case JobException.NoSuchFile file -> new ApiError.Missing(e.getMessage(), Optional.of(file.param()), Optional.empty());
            case JobException.Invalid invalid -> new ApiError.Invalid(e.getMessage(), invalid.param(), Optional.empty());
        });
    }

    /// Of a dry run; a job that is made says it in its own error.
    @ServerExceptionMapper
    public Response rows(BadRowsException e) {
        return response(ApiError.Invalid.of(e.param(), "invalid_" + e.param(), e.getMessage()));
    }

    @ServerExceptionMapper
    public Response adapter(AdapterException e) {
        return response(error(e));
    }

    @ServerExceptionMapper
    public Response queue(QueueFullException e) {
        return response(new ApiError.TooMany(e.getMessage()));
    }

    @ServerExceptionMapper
    public Response limit(LimitException e) {
        return response(ApiError.Limited.of(e.exceeded()));
    }

    @ServerExceptionMapper
    public Response context(ContextLengthException e) {
        return response(new ApiError.Invalid(e.getMessage(), Optional.of("messages"), Optional.of("context_length_exceeded")));
    }

    @ServerExceptionMapper
    public Response template(TemplateRefusal e) {
        return response(ApiError.Invalid.of("messages", e.getMessage()));
    }

    /// The client closed the connection: nobody reads this.
    @ServerExceptionMapper
    public Response gone(ChoiceEvents.ClientGone e) {
        return Response.status(CLIENT_GONE).build();
    }

    @ServerExceptionMapper
    public Response http(WebApplicationException e, HttpServerRequest request) {
        ApiError error = switch (e.getResponse().getStatus()) {
            case 400 -> new ApiError.Invalid("The request could not be read.", Optional.empty(), Optional.empty());
            case 404 -> unknownUrl(request);
            case 405 -> new ApiError.Protocol(405, "Not allowed to " + request.method() + " on " + request.path() + ".");
            case 406 -> new ApiError.Protocol(406, "This server answers with application/json or text/event-stream.");
            case 413 -> EdgeFilter.tooLarge(config.maxBody());
            case 415 -> new ApiError.Protocol(415, "Unsupported content type: send 'Content-Type: application/json'.");
            default -> UnexpectedErrors.INTERNAL;
        };
        if (error.status() >= 500) {
            UnexpectedErrors.log(e, request.response().headers().get(EdgeFilter.REQUEST_ID));
        }
        Response.ResponseBuilder response = Response.fromResponse(response(error));
        Optional.ofNullable(e.getResponse().getHeaderString(HttpHeaders.ALLOW)).ifPresent(allow -> response.header(HttpHeaders.ALLOW, allow));
        return response.build();
    }

    @ServerExceptionMapper
    public Response unexpected(Throwable e, HttpServerRequest request) {
        if (e instanceof IOException && request.response().closed()) {
            // The client left while its answer was written.
            return Response.status(CLIENT_GONE).build();
        }
        UnexpectedErrors.log(e, request.response().headers().get(EdgeFilter.REQUEST_ID));
        return response(DiskTrouble.in(e).orElse(UnexpectedErrors.INTERNAL));
    }

    static ApiError error(CatalogException e) {
        return switch (e) {
            case CatalogException.NotFound notFound ->
                    new ApiError.Missing(notFound.getMessage(), Optional.of("model"), Optional.of("model_not_found"));
            case CatalogException.Busy busy -> new ApiError.Unavailable(busy.getMessage());
            case CatalogException.Unreachable unreachable -> new ApiError.Unavailable(unreachable.getMessage(), unreachable.retryAfter());
            case CatalogException.NotLoaded notLoaded -> ApiError.Invalid.of("model", "model_not_loaded", notLoaded.getMessage());
            case CatalogException.AlreadyRunning running -> ApiError.Invalid.of("model", running.getMessage());
            case CatalogException.Refused refused -> ApiError.Invalid.of("model", refused.getMessage());
        };
    }

    static ApiError error(AdapterException e) {
        return switch (e) {
            case AdapterException.NotFound notFound ->
                    new ApiError.Missing(notFound.getMessage(), Optional.of("lora"), Optional.of("model_not_found"));
            case AdapterException.Invalid invalid -> ApiError.Invalid.of("lora", invalid.getMessage());
            case AdapterException.Refused refused -> ApiError.Invalid.of("model", "adapter_unusable", refused.getMessage());
            case AdapterException.Full full -> new ApiError.Unavailable(full.getMessage());
        };
    }

    static ApiError unknownUrl(HttpServerRequest request) {
        return new ApiError.Missing("Unknown request URL: " + request.method() + " " + request.path()
                + ". Please check the URL for typos, or see /q/swagger-ui.", Optional.empty(), Optional.of("unknown_url"));
    }

    private static Response response(ApiError error) {
        Response.ResponseBuilder response = Response.status(error.status()).type(MediaType.APPLICATION_JSON_TYPE).entity(ErrorBody.of(error));
        error.retryAfter().map(Duration::toSeconds).ifPresent(seconds -> response.header(HttpHeaders.RETRY_AFTER, seconds));
        if (error.status() == 413) {
            // What is left of the body is not read.
            response.header(HttpHeaderNames.CONNECTION.toString(), "close");
        }
        if (error.status() == 500 || error instanceof ApiError.SearchFailed && error.retryAfter().isEmpty()) {
            // The official clients try a 429 and a 5xx again, and a bug, a wrong key or a spent quota does not mend itself meanwhile.
            response.header("X-Should-Retry", "false");
        }
        return response.build();
    }
}
