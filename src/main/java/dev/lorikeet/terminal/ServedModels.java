package dev.lorikeet.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// The models and adapters that answer at a server now.
public record ServedModels(Server server) {
    /// @param base of an adapter its base model, else empty
    record Served(String id, String base) {
        boolean isAdapter() {
            return !base.isEmpty();
        }

        private static Served of(JsonNode model) {
            return new Served(model.path("id").asText(), model.path("parent").asText(""));
        }
    }

    List<Served> list() throws IOException {
        var models = new ArrayList<Served>();
        server.get("/v1/models").path("data").forEach(model -> models.add(Served.of(model)));
        return models;
    }

    /// @param id also a version of an adapter: `law@1` @throws WrongRequest if nothing answers to that name
    Served get(String id) throws IOException {
        return Served.of(server.get("/v1/models/" + URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20").replace("%2F", "/")));
    }

    /// The model to talk to when none is named: the first base.
    public String first() throws IOException {
        return list().stream().filter(model -> !model.isAdapter()).map(Served::id).findFirst()
                .orElseThrow(() -> new IOException("no model answers at " + server.address() + " now; `./lorikeet ps` shows what it does"));
    }

    /// @throws WrongRequest if nothing answers to that name
    public String named(String id) throws IOException {
        return get(id).id();
    }
}
