package dev.lorikeet.api;

import static io.restassured.RestAssured.given;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.config.LorikeetConfig;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.TestProfile;
import io.restassured.response.Response;
import jakarta.inject.Inject;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

@QuarkusTest
@TestProfile(ApiProfile.class)
class FilesTest {
    private static final String ROWS = "{\"text\": \"가나다\"}\n";

    @Inject
    LorikeetConfig config;

    @TestHTTPResource
    URI server;

    @BeforeEach
    void deleteAll() throws Exception {
        for (JsonNode file : json(given().get("/v1/files")).get("data")) {
            given().delete("/v1/files/" + file.get("id").textValue());
        }
    }

    private static Response upload(String name, String purpose, byte[] content) {
        return given().multiPart("file", name, content).multiPart("purpose", purpose).post("/v1/files");
    }

    private static JsonNode json(Response response) throws Exception {
        return new ObjectMapper().readTree(response.asString());
    }

    private static String error(Response response, int status) throws Exception {
        assertThat(response.statusCode()).as(response.asString()).isEqualTo(status);
        assertThat(json(response).at("/error/type").textValue()).isEqualTo("invalid_request_error");
        return json(response).at("/error/message").textValue();
    }

    private static List<String> ids(JsonNode page) {
        var ids = new ArrayList<String>();
        page.get("data").forEach(file -> ids.add(file.get("id").textValue()));
        return ids;
    }

    @Test
    void anUploadedFileIsDescribedListedReadAndDeleted() throws Exception {
        byte[] content = ROWS.getBytes(StandardCharsets.UTF_8);
        JsonNode file = json(upload("train.jsonl", "fine-tune", content));
        String id = file.get("id").textValue();
        assertThat(id).startsWith("file-");
        assertThat(file.fieldNames()).toIterable().containsExactly("id", "object", "bytes", "created_at", "expires_at", "filename", "purpose", "status",
                "status_details");
        assertThat(file.get("bytes").intValue()).isEqualTo(content.length);
        assertThat(file.get("status").textValue()).isEqualTo("processed");
        assertThat(json(given().get("/v1/files/" + id))).isEqualTo(file);
        assertThat(given().get("/v1/files/" + id + "/content").asByteArray()).isEqualTo(content);
        assertThat(ids(json(given().get("/v1/files?purpose=fine-tune")))).containsExactly(id);
        assertThat(ids(json(given().get("/v1/files?purpose=batch")))).isEmpty();
        assertThat(json(given().delete("/v1/files/" + id)).toString()).isEqualTo("{\"id\":\"" + id + "\",\"object\":\"file\",\"deleted\":true}");
        JsonNode gone = json(given().get("/v1/files/" + id)).get("error");
        assertThat(gone.toString()).isEqualTo("{\"message\":\"No such File object: " + id
                + "\",\"type\":\"invalid_request_error\",\"param\":\"id\",\"code\":null}");
    }

    @Test
    void aLargeFileArrivesByteForByte() throws Exception {
        byte[] content = new byte[ApiProfile.MAX_UPLOAD];
        new java.util.Random(7).nextBytes(content);
        String id = json(upload("weights.bin", "user_data", content)).get("id").textValue();
        assertThat(given().get("/v1/files/" + id + "/content").asByteArray()).isEqualTo(content);
    }

    @Test
    void pagesFollowEachOtherWithoutGapsInBothOrders() throws Exception {
        var uploaded = new ArrayList<String>();
        for (int i = 0; i < 5; i++) {
            uploaded.add(json(upload(i + ".jsonl", "fine-tune", ROWS.getBytes(StandardCharsets.UTF_8))).get("id").textValue());
        }
        var seen = new ArrayList<String>();
        JsonNode page = json(given().get("/v1/files?limit=2"));
        seen.addAll(ids(page));
        while (page.get("has_more").booleanValue()) {
            assertThat(page.get("last_id").textValue()).isEqualTo(seen.getLast());
            page = json(given().get("/v1/files?limit=2&after=" + page.get("last_id").textValue()));
            seen.addAll(ids(page));
        }
        assertThat(seen).containsExactlyInAnyOrderElementsOf(uploaded);
        assertThat(ids(json(given().get("/v1/files?order=asc")))).isEqualTo(seen.reversed());
        assertThat(error(given().get("/v1/files?after=file-x"), 400)).contains("file-x");
        assertThat(error(given().get("/v1/files?limit=0"), 400)).contains("limit");
        assertThat(error(given().get("/v1/files?order=up"), 400)).contains("up");
    }

    @Test
    void whatCannotBeKeptIsRefusedByName() throws Exception {
        byte[] rows = ROWS.getBytes(StandardCharsets.UTF_8);
        assertThat(error(given().multiPart("purpose", "fine-tune").post("/v1/files"), 400)).contains("'file'");
        assertThat(error(given().multiPart("file", "a.jsonl", rows).post("/v1/files"), 400)).contains("'purpose'");
        assertThat(error(upload("a.jsonl", "holiday", rows), 400)).contains("holiday", "fine-tune");
        assertThat(error(upload("a.docx", "fine-tune", rows), 400)).contains("a.docx", ".jsonl");
        assertThat(error(upload("a.jsonl", "fine-tune", new byte[0]), 400)).contains("a.jsonl", "empty");
        assertThat(error(given().multiPart("file", "a.jsonl", rows).multiPart("purpose", "fine-tune").multiPart("colour", "red").post("/v1/files"), 400))
                .contains("colour");
        assertThat(error(given().multiPart("file", "a.jsonl", rows).multiPart("purpose", "fine-tune").multiPart("expires_after[anchor]", "created_at")
                .multiPart("expires_after[seconds]", "5").post("/v1/files"), 400)).contains("5", "3600");
        try (var http = new Http(server)) {
            http.send("POST /v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\nContent-Length: 8\r\n\r\nnonsense");
            assertThat(http.readUntil("}}")).startsWith("HTTP/1.1 400").contains("form");
        }
        assertThat(json(given().get("/v1/files")).get("data")).isEmpty();
    }

    @Test
    void aFileAboveTheLimitIsRefusedWhetherItsSizeIsAnnouncedOrNot() throws Exception {
        assertThat(error(upload("a.jsonl", "fine-tune", new byte[ApiProfile.MAX_UPLOAD + 100_000]), 413)).contains("--max-upload");
        try (var http = new Http(server)) {
            http.send("POST /v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nTransfer-Encoding: chunked\r\n\r\n");
            sendChunk(http, "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n");
            for (int i = 0; i < 4; i++) {
                sendChunk(http, "x".repeat(100_000));
            }
            assertThat(http.readUntil("\r\n\r\n")).startsWith("HTTP/1.1 413");
        }
        assertThat(json(given().get("/v1/files")).get("data")).isEmpty();
    }

    private static void sendChunk(Http http, String text) throws Exception {
        http.send(Integer.toHexString(text.length()) + "\r\n" + text + "\r\n");
    }

    @Test
    void anUploadThatIsCutOffIsNeverVisibleAndLeavesNothing() throws Exception {
        Path folder = Path.of(config.data(), "files");
        try (var http = new Http(server)) {
            http.send("POST /v1/files HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 250000\r\n\r\n"
                    + "--b\r\nContent-Disposition: form-data; name=\"purpose\"\r\n\r\nfine-tune\r\n"
                    + "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.jsonl\"\r\n\r\n" + "x".repeat(150_000));
            while (entries(folder) == 0) {
                Thread.onSpinWait();
            }
            assertThat(json(given().get("/v1/files")).get("data")).isEmpty();
        }
        while (entries(folder) > 0) {
            Thread.onSpinWait();
        }
        assertThat(json(given().get("/v1/files")).get("data")).isEmpty();
    }

    private static long entries(Path folder) throws Exception {
        try (var files = Files.list(folder)) {
            return files.count();
        }
    }
}
