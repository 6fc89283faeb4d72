package dev.lorikeet.api;

import dev.lorikeet.access.Caller;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.eclipse.microprofile.openapi.annotations.tags.Tag;

/// `GET /v1/me`: whose key a request has, so that a page need not offer what it may not do.
@Path("/v1/me")
@Produces(MediaType.APPLICATION_JSON)
@Tag(name = "Keys")
public final class MeResource {
    private final Callers callers;

    MeResource(Callers callers) {
        this.callers = callers;
    }

    /// @param name null where the server has no keys @param role `user`, `admin` or, without keys, `anyone`
    public record Me(String object, String name, String role) {}

    @GET
    @Operation(summary = "Whose key the request has")
    public Me me() {
        return switch (callers.caller()) {
            case Caller.Anyone _ -> new Me("key", null, "anyone");
            case Caller.User(String name) -> new Me("key", name, "user");
            case Caller.Admin(String name) -> new Me("key", name, "admin");
        };
    }
}
