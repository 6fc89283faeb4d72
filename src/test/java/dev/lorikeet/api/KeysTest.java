package dev.lorikeet.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.access.Keyring;
import dev.lorikeet.access.KeysFile;
import dev.lorikeet.access.Limits;
import dev.lorikeet.access.Role;
import dev.lorikeet.config.LorikeetConfig;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import io.restassured.specification.RequestSpecification;
import jakarta.inject.Inject;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who may do what on a server with keys.
@QuarkusTest
@TestProfile(KeysProfile.class)
class KeysTest {
    private static final String JOBS = "/v1/fine_tuning/jobs";
    private static final String HI = "{\"model\": \"demo\", \"messages\": [{\"role\": \"user\", \"content\": \"hi\"}]}";

    @Inject
    FakeCatalog catalog;

    @Inject
    FakeTraining training;

    @Inject
    Keyring keyring;

    @Inject
    LorikeetConfig config;

    @TestHTTPResource
    URI server;

    @BeforeEach
    void reset() {
        catalog.reset();
        training.reset();
    }

    private static RequestSpecification with(String key) {
        return given().header("Authorization", "Bearer " + key);
    }

    private static JsonNode json(Response response) throws IOException {
        return new ObjectMapper().readTree(response.asString());
    }

    private static String code(Response response, int status) throws IOException {
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(status);
        assertThat(json(response).at("/error").fieldNames()).toIterable().containsExactly("message", "type", "param", "code");
        return json(response).at("/error/code").asText();
    }

    private static Response chat(String key) {
        return with(key).contentType("application/json").body(HI).post("/v1/chat/completions");
    }

    private static String upload(String key) throws IOException {
        return json(with(key).multiPart("file", "train.jsonl", "{\"text\": \"a\"}\n".getBytes(StandardCharsets.UTF_8)).multiPart("purpose", "fine-tune").post("/v1/files"))
                .get("id").textValue();
    }

    private static Response create(String key, String file, String more) {
        return with(key).contentType("application/json").body("{\"model\": \"demo\", \"training_file\": \"" + file + "\"" + more + "}").post(JOBS);
    }

    /// The table of `docs/security.md`: `GET /v1/models` and the like, and who may.
    private static Map<String, String> table() throws IOException {
        var routes = new TreeMap<String, String>();
        var row = Pattern.compile("\\| `(GET|POST|DELETE) (/[^`]*)` \\| (anyone|user|owner|admin) \\|.*");
        Files.readAllLines(Path.of("docs/security.md")).stream().map(row::matcher).filter(java.util.regex.Matcher::matches)
                .forEach(match -> routes.put(match.group(1) + " " + match.group(2), match.group(3)));
        return routes;
    }

    @Test
    void everyRouteStandsInTheDocumentAndAsksForTheKeyThatItSays() throws Exception {
        var routes = new ArrayList<String>();
        JsonNode paths = json(with(KeysProfile.ALICE).get("/q/openapi?format=json")).get("paths");
        paths.fieldNames().forEachRemaining(path -> paths.get(path).fieldNames().forEachRemaining(method -> routes.add(method.toUpperCase() + " " + path)));
        assertThat(table().keySet()).containsAll(routes);
        for (var route : table().entrySet()) {
            String method = route.getKey().substring(0, route.getKey().indexOf(' '));
            String path = route.getKey().substring(method.length() + 1).replaceAll("\\{[^}]*}", "x");
            boolean open = route.getValue().equals("anyone");
            assertThat(status(method, path, null)).as("%s without a key", route).isNotIn(open ? List.of(401, 403) : List.of()).matches(status -> open || status == 401);
            assertThat(status(method, path, "x".repeat(20))).as("%s with a wrong key", route).matches(status -> open || status == 401);
            assertThat(status(method, path, KeysProfile.ALICE)).as("%s with a user's key", route)
                    .matches(status -> route.getValue().equals("admin") ? status == 403 : status != 403 && status != 401);
            assertThat(status(method, path, KeysProfile.ROOT)).as("%s with an admin's key", route).isNotIn(401, 403);
        }
    }

    private int status(String method, String path, String key) throws Exception {
        try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
            var request = HttpRequest.newBuilder(server.resolve(path)).header("Content-Type", "application/json")
                    .method(method, method.equals("POST") ? HttpRequest.BodyPublishers.ofString("{}") : HttpRequest.BodyPublishers.noBody());
            if (key != null) {
                request.header("Authorization", "Bearer " + key);
            }
            var response = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
            // A stream of events goes on for ever.
            response.body().close();
            client.shutdownNow();
            return response.statusCode();
        }
    }

    @Test
    void aMissingAndAWrongKeyAre401InOpenAisEnvelope() throws Exception {
        Response missing = given().get("/v1/models");
        assertThat(code(missing, 401)).isEqualTo("invalid_api_key");
        assertThat(missing.header("WWW-Authenticate")).isEqualTo("Bearer realm=\"lorikeet\"");
        assertThat(missing.header("x-request-id")).isNotEmpty();
        assertThat(json(missing).at("/error/message").textValue()).startsWith("You didn't provide an API key");
        Response wrong = with("sk-wrong-0123456789").get("/v1/models");
        assertThat(code(wrong, 401)).isEqualTo("invalid_api_key");
        assertThat(wrong.asString()).doesNotContain("sk-wrong");
    }

    /// Browsers, `curl` and most clients speak it to a server with TLS; it has no header `Connection`, and whoever sends one breaks the protocol.
    @Test
    void whatIsRefusedBeforeItsBodyIsReadIsToldOverHttp2Too() throws Exception {
        try (var client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build()) {
            client.send(HttpRequest.newBuilder(server.resolve("/health")).build(), HttpResponse.BodyHandlers.discarding());
            var missing = HttpRequest.newBuilder(server.resolve("/tokenize")).POST(HttpRequest.BodyPublishers.ofString("{}"));
            assertThat(refused(client, missing, 401)).contains("invalid_api_key");
            var wishes = HttpRequest.newBuilder(server.resolve("/tokenize")).header("Authorization", "Bearer " + KeysProfile.ALICE).header("Content-Type", "application/json");
            var large = wishes.copy().POST(HttpRequest.BodyPublishers.ofByteArray(new byte[ApiProfile.MAX_BODY + 1]));
            assertThat(refused(client, large, 413)).contains("larger than");
            var growing = wishes.copy().POST(HttpRequest.BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(new byte[ApiProfile.MAX_BODY * 4])));
            assertThat(refused(client, growing, 413)).contains("larger than");
            var packed = wishes.copy().header("Content-Encoding", "gzip").POST(HttpRequest.BodyPublishers.ofByteArray(new byte[100]));
            assertThat(refused(client, packed, 415)).contains("Content-Encoding");
        }
    }

    private static String refused(HttpClient client, HttpRequest.Builder request, int status) throws Exception {
        var response = client.send(request.build(), HttpResponse.BodyHandlers.ofString());
        assertThat(response.version()).isEqualTo(HttpClient.Version.HTTP_2);
        assertThat(response.headers().firstValue("connection")).isEmpty();
        assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
        return response.body();
    }

    @Test
    void theOpenApiDocumentSaysHowAKeyIsSentAndWhatNeedsNone() throws Exception {
        JsonNode document = json(with(KeysProfile.ALICE).get("/q/openapi?format=json"));
        assertThat(document.at("/components/securitySchemes/key/type").textValue()).isEqualTo("http");
        assertThat(document.at("/components/securitySchemes/key/scheme").textValue()).isEqualTo("bearer");
        assertThat(document.at("/security/0/key").isArray()).isTrue();
        JsonNode paths = document.get("paths");
        for (var route : table().entrySet()) {
            String method = route.getKey().substring(0, route.getKey().indexOf(' '));
            JsonNode operation = paths.path(route.getKey().substring(method.length() + 1)).path(method.toLowerCase());
            if (!operation.isMissingNode()) {
                assertThat(operation.path("security").isArray()).as(route.toString()).isEqualTo(route.getValue().equals("anyone"));
                assertThat(operation.path("security")).as(route.toString()).isEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"Basic YWxpY2U6YQ==", "Bearer", "Bearer ", "alice-key-0123456789", "Bearer alice-key-0123456789 x", "Bearer alice", "Token alice-key-0123456789",
        "Bearer bearer alice-key-0123456789"})
    void whatIsNoBearerTokenIsNoKey(String header) throws Exception {
        assertThat(code(given().header("Authorization", header).get("/v1/models"), 401)).isEqualTo("invalid_api_key");
    }

    @Test
    void theSchemesNameMayBeWrittenInAnyCase() {
        assertThat(given().header("Authorization", "bearer " + KeysProfile.ALICE).get("/v1/models").statusCode()).isEqualTo(200);
    }

    /// Whatever the path is made of, it leads nowhere without a key, and to no admin's route with a user's.
    @ParameterizedTest
    @ValueSource(strings = {"/page/../v1/models", "/page/%2e%2e/v1/models", "/page/..%2fv1/models", "/health/../v1/models", "/health;/../v1/models", "//v1/models", "/v1/models/",
        "/v1//models", "/v1;a=b/models", "/%76%31/models", "/metrics/../v1/models", "/metrics%00/../v1/models", "/q/health/../openapi", "/q/health/live/../../openapi",
        "/page/app.js/../../v1/models", "/index.html/../v1/models", "/V1/models", "/q/health/live%3f/../../../v1/models"})
    void noSpellingOfAPathGoesRoundTheKey(String path) throws Exception {
        assertThat(raw("GET", path, "")).doesNotContain("\"object\":\"list\"").doesNotContain("openapi: ").doesNotStartWith("HTTP/1.1 200");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/models/load", "//models/load", "/models//load", "/models/load/", "/models;x=y/load", "/models/%6coad", "/models/load;x", "/page/../models/load"})
    void noSpellingOfAPathGoesRoundTheRole(String path) throws Exception {
        raw("POST", path, "Authorization: Bearer " + KeysProfile.ALICE + "\r\n");
        assertThat(json(with(KeysProfile.ALICE).get("/models")).toString()).contains("{\"id\":\"cold\"").doesNotContain("\"loading\",\"progress\"");
        assertThat(catalog.entries()).filteredOn(entry -> entry.id().equals("cold")).allMatch(entry -> entry.state() instanceof dev.lorikeet.catalog.ModelState.Unloaded);
    }

    private String raw(String method, String path, String header) throws IOException {
        try (var http = new Http(server)) {
            String body = method.equals("POST") ? "{\"model\": \"cold\"}" : "";
            http.send(method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                    + "\r\n" + header + "\r\n" + body);
            return http.readAll();
        }
    }

    @Test
    void anotherKeysFileDoesNotExist() throws Exception {
        String id = upload(KeysProfile.ALICE);
        for (String path : List.of("", "/content")) {
            assertThat(with(KeysProfile.BOB).get("/v1/files/" + id + path).statusCode()).isEqualTo(404);
            assertThat(with(KeysProfile.ALICE).get("/v1/files/" + id + path).statusCode()).isEqualTo(200);
            assertThat(with(KeysProfile.ROOT).get("/v1/files/" + id + path).statusCode()).isEqualTo(200);
        }
        assertThat(with(KeysProfile.BOB).delete("/v1/files/" + id).asString())
                .isEqualTo(with(KeysProfile.BOB).delete("/v1/files/file-nowhere").asString().replace("file-nowhere", id));
        assertThat(with(KeysProfile.BOB).get("/v1/files").asString()).doesNotContain(id);
        assertThat(with(KeysProfile.ALICE).get("/v1/files").asString()).contains(id);
        assertThat(code(create(KeysProfile.BOB, id, ""), 404)).isEqualTo("null");
        assertThat(with(KeysProfile.ALICE).delete("/v1/files/" + id).statusCode()).isEqualTo(200);
    }

    @Test
    void anotherKeysJobDoesNotExist() throws Exception {
        String id = json(create(KeysProfile.ALICE, upload(KeysProfile.ALICE), "")).get("id").textValue();
        String job = JOBS + "/" + id;
        for (String path : List.of("", "/events", "/checkpoints", "/events?stream=true")) {
            assertThat(code(with(KeysProfile.BOB).get(job + path), 404)).isEqualTo("fine_tune_not_found");
        }
        for (String path : List.of("/cancel", "/pause", "/resume")) {
            assertThat(code(with(KeysProfile.BOB).post(job + path), 404)).isEqualTo("fine_tune_not_found");
        }
        assertThat(with(KeysProfile.BOB).get(JOBS).asString()).doesNotContain(id);
        assertThat(with(KeysProfile.ALICE).get(JOBS).asString()).contains(id);
        assertThat(with(KeysProfile.ROOT).get(JOBS).asString()).contains(id);
        assertThat(with(KeysProfile.ROOT).post(job + "/cancel").statusCode()).isEqualTo(200);
    }

    @Test
    void theServersOwnStandingOnTheHubIsTheAdmins() throws Exception {
        assertThat(code(create(KeysProfile.ALICE, "acme/private-rows", ""), 403)).isEqualTo("insufficient_permissions");
        assertThat(code(create(KeysProfile.ALICE, upload(KeysProfile.ALICE), ", \"lorikeet\": {\"push_to_hub\": true, \"hub_model_id\": \"acme/x\"}"), 403))
                .isEqualTo("insufficient_permissions");
    }

    /// It would fill the memory that all share.
    @Test
    void aUsersJobLoadsNoBaseInFewerBits() throws Exception {
        String options = ", \"lorikeet\": {\"load_in_4bit\": true, \"bnb_4bit_quant_type\": \"nf4\"}";
        Response refused = create(KeysProfile.ALICE, upload(KeysProfile.ALICE), options);
        assertThat(code(refused, 403)).isEqualTo("insufficient_permissions");
        assertThat(json(refused).at("/error/message").textValue()).startsWith("`demo:nf4");
        assertThat(catalog.entries()).noneMatch(entry -> entry.id().startsWith("demo:"));
        String load = "{\"model\": \"demo\", \"load_in_4bit\": true, \"bnb_4bit_quant_type\": \"nf4\"}";
        assertThat(with(KeysProfile.ROOT).contentType("application/json").body(load).post("/models/load").statusCode()).isEqualTo(200);
        assertThat(create(KeysProfile.ALICE, upload(KeysProfile.ALICE), options).statusCode()).isEqualTo(200);
    }

    @Test
    void whatAJobMakesIsItsOwnersUntilAnAdminMakesItPublic() throws Exception {
        String id = json(create(KeysProfile.ALICE, upload(KeysProfile.ALICE), "")).get("id").textValue();
        training.allow(FakeTraining.STEPS);
        try (var http = new Http(server)) {
            http.send("GET " + JOBS + "/" + id + "/events?stream=true HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + KeysProfile.ALICE + "\r\n\r\n");
            http.readUntil("[DONE]");
        }
        JsonNode job = json(with(KeysProfile.ALICE).get(JOBS + "/" + id));
        assertThat(job.get("status").textValue()).isEqualTo("succeeded");
        String result = job.at("/result_files/0").textValue();
        assertThat(with(KeysProfile.ALICE).get("/v1/files/" + result).statusCode()).isEqualTo(200);
        assertThat(with(KeysProfile.BOB).get("/v1/files/" + result).statusCode()).isEqualTo(404);
        String body = "{\"lora_name\": \"" + job.get("fine_tuned_model").textValue() + "\", \"public\": true}";
        assertThat(with(KeysProfile.ALICE).contentType("application/json").body(body).post("/v1/adapters/visibility").statusCode()).isEqualTo(403);
        assertThat(with(KeysProfile.ROOT).contentType("application/json").body(body).post("/v1/adapters/visibility").statusCode()).isEqualTo(200);
        assertThat(training.assigned(job.get("fine_tuned_model").textValue())).contains(java.util.Optional.empty());
        with(KeysProfile.ROOT).contentType("application/json").body(body.replace("true", "false")).post("/v1/adapters/visibility");
        assertThat(training.assigned(job.get("fine_tuned_model").textValue())).contains(java.util.Optional.of("alice"));
        assertThat(with(KeysProfile.ROOT).contentType("application/json").body(body.replace("ft:", "no:")).post("/v1/adapters/visibility").statusCode()).isEqualTo(404);
    }

    @Test
    void aKeySaysWhoseItIs() {
        assertThat(with(KeysProfile.ALICE).get("/v1/me").asString()).isEqualTo("{\"object\":\"key\",\"name\":\"alice\",\"role\":\"user\"}");
        assertThat(with(KeysProfile.ROOT).get("/v1/me").asString()).isEqualTo("{\"object\":\"key\",\"name\":\"root\",\"role\":\"admin\"}");
    }

    @Test
    void requestsBeyondAKeysLimitAreToldWhenToComeAgain() throws Exception {
        Response first = chat(KeysProfile.FEW_REQUESTS);
        assertThat(first.header("x-ratelimit-limit-requests")).isEqualTo("2");
        assertThat(first.header("x-ratelimit-remaining-requests")).isEqualTo("1");
        assertThat(first.header("x-ratelimit-reset-requests")).matches("[1-9][0-9]?s");
        assertThat(chat(KeysProfile.FEW_REQUESTS).statusCode()).isEqualTo(200);
        Response third = chat(KeysProfile.FEW_REQUESTS);
        assertThat(code(third, 429)).isEqualTo("rate_limit_exceeded");
        assertThat(json(third).at("/error/type").textValue()).isEqualTo("requests");
        assertThat(Integer.parseInt(third.header("Retry-After"))).isBetween(1, 30);
        // Reading goes on, and others do.
        assertThat(with(KeysProfile.FEW_REQUESTS).get("/v1/models").statusCode()).isEqualTo(200);
        assertThat(chat(KeysProfile.ALICE).headers().asList()).noneMatch(header -> header.getName().startsWith("x-ratelimit"));
    }

    @Test
    void tokensReadAndGeneratedAreCounted() throws Exception {
        Response first = chat(KeysProfile.FEW_TOKENS);
        int used = json(first).at("/usage/total_tokens").intValue();
        assertThat(used).isGreaterThan(8);
        assertThat(first.header("x-ratelimit-limit-tokens")).isEqualTo("8");
        Response second = chat(KeysProfile.FEW_TOKENS);
        assertThat(code(second, 429)).isEqualTo("rate_limit_exceeded");
        assertThat(json(second).at("/error/type").textValue()).isEqualTo("tokens");
        // Eight come a minute, and one more than is owed is needed.
        int owed = used - 8 + 1;
        assertThat(Integer.parseInt(second.header("Retry-After"))).isBetween(owed * 60 / 8 - 5, owed * 60 / 8 + 1);
    }

    @Test
    void aKeyHasAsManyTextsAtATimeAsItMay() throws Exception {
        var gate = new CountDownLatch(1);
        catalog.model().script(request -> Stream.concat(Stream.of(gate), FakeModel.saying(request, "late").stream()).iterator());
        String stream = HI.replace("}]}", "}], \"stream\": true}");
        try (var http = new Http(server)) {
            http.send("POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAuthorization: Bearer " + KeysProfile.ONE_AT_A_TIME
                    + "\r\nContent-Length: " + stream.length() + "\r\n\r\n" + stream);
            http.readUntil("\"role\"");
            Response second = chat(KeysProfile.ONE_AT_A_TIME);
            assertThat(code(second, 429)).isEqualTo("rate_limit_exceeded");
            assertThat(second.header("Retry-After")).isEqualTo("1");
            gate.countDown();
            http.readUntil("[DONE]");
        }
        assertThat(chat(KeysProfile.ONE_AT_A_TIME).statusCode()).isEqualTo(200);
    }

    @Test
    void aKeyThatIsAddedToTheFileWhileTheServerRunsCounts() throws IOException {
        var file = new KeysFile(Path.of(config.keysFile().orElseThrow()));
        String key = "late-key-0123456789a";
        assertThat(with(key).get("/v1/models").statusCode()).isEqualTo(401);
        file.add("late", Role.USER, key, Limits.NONE);
        keyring.refresh();
        assertThat(with(key).get("/v1/models").statusCode()).isEqualTo(200);
        file.remove("late");
        keyring.refresh();
        assertThat(with(key).get("/v1/models").statusCode()).isEqualTo(401);
    }
}
