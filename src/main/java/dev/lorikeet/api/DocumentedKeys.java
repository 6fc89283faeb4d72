package dev.lorikeet.api;

import io.quarkus.smallrye.openapi.OpenApiFilter;
import java.util.List;
import org.eclipse.microprofile.openapi.OASFactory;
import org.eclipse.microprofile.openapi.OASFilter;
import org.eclipse.microprofile.openapi.models.OpenAPI;
import org.eclipse.microprofile.openapi.models.security.SecurityScheme;

/// Says in the OpenAPI document how a key is sent, and which routes need none, so that generated clients and Swagger's page ask for one.
@OpenApiFilter(OpenApiFilter.RunStage.BUILD)
public final class DocumentedKeys implements OASFilter {
    private static final String KEY = "key";

    @Override
    public void filterOpenAPI(OpenAPI api) {
        if (api.getComponents() == null) {
            api.setComponents(OASFactory.createComponents());
        }
        api.getComponents().addSecurityScheme(KEY, OASFactory.createSecurityScheme().type(SecurityScheme.Type.HTTP).scheme("bearer")
                .description("A key of this server, or a token of its OpenID provider. A server without keys asks for none."));
        api.addSecurityRequirement(OASFactory.createSecurityRequirement().addScheme(KEY));
        api.getPaths().getPathItems().forEach((path, item) -> {
            if (AccessFilter.needsNoKey(path)) {
                item.getOperations().values().forEach(operation -> operation.setSecurity(List.of()));
            }
        });
    }
}
