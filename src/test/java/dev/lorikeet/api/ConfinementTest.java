package dev.lorikeet.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lorikeet.config.LorikeetConfig;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// No name in a request leads out of the folders that are the server's.
@QuarkusTest
@TestProfile(ApiProfile.class)
class ConfinementTest {
    private static final String SECRET = "the-secret-outside";
    private static final List<String> ROOTS = List.of("adapters", "models", "files", "jobs");

    @Inject
    FakeCatalog catalog;

    @Inject
    LorikeetConfig config;

    @TestHTTPResource
    URI server;

    private static Path outside;

    /// A folder that looks like an adapter and like a model, beside the data folder, and a link to it from inside.
    @BeforeEach
    void place() throws IOException {
        catalog.reset();
        var data = Path.of(config.data());
        outside = Files.createDirectories(data.resolveSibling(data.getFileName() + "-outside"));
        for (String file : List.of("adapter_config.json", "config.json", "adapter_model.safetensors")) {
            Files.writeString(outside.resolve(file), SECRET);
        }
        for (String root : ROOTS) {
            var link = Files.createDirectories(data.resolve(root)).resolve("link");
            if (!Files.isSymbolicLink(link)) {
                Files.createSymbolicLink(link, outside);
            }
        }
    }

    /// Other tests use the same folder, and count what is in it.
    @AfterEach
    void takeAway() throws IOException {
        for (String root : ROOTS) {
            Files.deleteIfExists(Path.of(config.data(), root, "link"));
        }
    }

    static Stream<String> names() {
        return Stream.of("../%s", "adapters/../../%s", "../../../../../../../../etc", "/etc", "/%a", "link", "./adapters/link", "./files/link", "./jobs/link", ".", "..", "",
                "./", "a\u0000b", "link\u0000", "..\\\\%s", "%%2e%%2e/%s", "\uFF0E\uFF0E\uFF0F%s", "\u2024\u2024/%s", "file:///etc", "~", "~root", "$HOME", "con", "a".repeat(5000),
                "\u202Egnp", "-rf", "C:\\\\", "./link/adapter_config.json");
    }

    private static String filled(String pattern) {
        return pattern.replace("%a", outside.toString().substring(1)).replace("%s", outside.getFileName().toString()).replace("%%", "%");
    }

    @ParameterizedTest
    @MethodSource("names")
    void noNameInABodyLeadsOut(String pattern) throws IOException {
        String name = filled(pattern);
        refused("/v1/load_lora_adapter", "lora_name", "x", "lora_path", name);
        refused("/v1/load_lora_adapter", "lora_name", "../" + name, "lora_path", "link");
        refused("/v1/adapters/merge", "lora_path", name, "out", "made");
        refused("/v1/adapters/merge", "lora_path", "link", "out", name);
        refused("/v1/hub/push", "folder", name, "repo", "acme/x");
        refused("/v1/unload_lora_adapter", "lora_name", name);
        refused("/v1/adapters/rollback", "lora_name", name);
        refused("/v1/fine_tuning/jobs", "model", "demo", "training_file", name);
        refused("/v1/fine_tuning/jobs", "model", name, "training_file", "file-x");
        refused("/v1/chat/completions", "model", name);
    }

    private static void refused(String path, String... fields) throws IOException {
        var body = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < fields.length; i += 2) {
            body.put(fields[i], fields[i + 1]);
        }
        var response = given().contentType("application/json").body(new ObjectMapper().writeValueAsBytes(body)).post(path);
        assertThat(response.statusCode()).as("%s %s: %s", path, body, response.asString()).isBetween(400, 404);
        assertThat(response.asString()).doesNotContain(SECRET).contains("\"error\"");
    }

    @ParameterizedTest
    @MethodSource("names")
    void noNameInAnAddressLeadsOut(String pattern) throws IOException {
        String name = URLEncoder.encode(filled(pattern), StandardCharsets.UTF_8).replace("+", "%20");
        for (String route : List.of("/v1/files/NAME", "/v1/files/NAME/content", "/v1/fine_tuning/jobs/NAME", "/v1/fine_tuning/jobs/NAME/events", "/v1/adapters/merge/NAME", "/page/NAME",
                "/NAME")) {
            try (var http = new Http(server)) {
                http.send("GET " + route.replace("NAME", name) + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
                assertThat(http.readAll()).as(route + " of " + name).doesNotContain(SECRET).doesNotContain("root:x:").doesNotContain("HTTP/1.1 5");
            }
        }
    }

    @Test
    void whatAnUploadIsCalledDecidesNothing() throws IOException {
        for (String name : List.of("../../x.jsonl", "/etc/x.jsonl", "..\\\\x.jsonl", "a\u0000.jsonl", "link/x.jsonl")) {
            var response = given().multiPart("file", name, "{}\n".getBytes(StandardCharsets.UTF_8)).multiPart("purpose", "fine-tune").post("/v1/files");
            assertThat(response.statusCode()).as(response.asString()).isIn(200, 400);
        }
        assertThat(Files.list(outside).map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("adapter_config.json", "config.json", "adapter_model.safetensors");
        try (var tree = Files.walk(Path.of(config.data()))) {
            assertThat(tree.map(file -> file.getFileName().toString())).doesNotContain("x.jsonl");
        }
    }
}
