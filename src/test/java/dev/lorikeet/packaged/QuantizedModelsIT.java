package dev.lorikeet.packaged;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/// Models with matrices in fewer bits, as a user loads them.
@Timeout(120)
class QuantizedModelsIT {
    @Test
    void severalVariantsOfAModelAreResidentAtOnceAndEachIsNamedByItsScheme() throws Exception {
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            load(server, "demo:int8", "\"quantization\": \"int8\"");
            load(server, "demo:nf4-dq-bfloat16", "\"load_in_4bit\": true, \"bnb_4bit_quant_type\": \"nf4\", \"bnb_4bit_use_double_quant\": true, "
                    + "\"bnb_4bit_compute_dtype\": \"bfloat16\"");
            String plain = server.chat("demo");
            assertThat(server.chat("demo:int8")).isEqualTo(plain);
            assertThat(server.chat("demo:nf4-dq-bfloat16")).isNotBlank();
            assertThat(model(server, "demo:int8").at("/status/info/quantization").textValue()).isEqualTo("int8");
            assertThat(model(server, "demo").at("/status/info/quantization").isMissingNode()).isTrue();
            assertThat(model(server, "demo:int8").at("/status/info/weight_bytes").longValue()).isLessThan(model(server, "demo").at("/status/info/weight_bytes").longValue());
            assertThat(server.get("/v1/models/demo:int8").body().get("quantization").textValue()).isEqualTo("int8");
            try (var kept = Files.list(server.data().resolve("quantized"))) {
                assertThat(kept).hasSize(2);
            }
            assertThat(server.post("/models/unload", "{\"model\": \"demo:int8\"}").body().get("bytes_freed").longValue()).isPositive();
            assertThat(server.chat("demo")).isEqualTo(plain);
        }
    }

    @Test
    void anUnknownSchemeIsRefusedByItsField() throws Exception {
        try (var server = PackagedServer.start(PackagedServer.DEMO)) {
            var unknown = server.post("/models/load", "{\"model\": \"demo\", \"quantization\": \"int3\"}");
            assertThat(unknown.status()).isEqualTo(400);
            assertThat(unknown.body().at("/error/param").textValue()).isEqualTo("quantization");
            assertThat(unknown.body().at("/error/message").textValue()).contains("int3").contains("nf4");
            var both = server.post("/models/load", "{\"model\": \"demo\", \"load_in_4bit\": true, \"load_in_8bit\": true}");
            assertThat(both.status()).isEqualTo(400);
            assertThat(both.body().at("/error/param").textValue()).isEqualTo("load_in_8bit");
        }
    }

    @Test
    void theStartModelKeepsItsNameAndIsListedWithItsScheme() throws Exception {
        try (var server = PackagedServer.start(PackagedServer.DEMO, "--quantization", "int4")) {
            assertThat(server.chat("demo")).isNotBlank();
            assertThat(model(server, "demo").at("/status/info/quantization").textValue()).isEqualTo("int4");
        }
    }

    /// Loads the demo model with these options, and returns when it is resident under this id.
    private static void load(PackagedServer server, String id, String options) throws Exception {
        var connection = server.uri("/models/sse").toURL().openConnection();
        connection.setReadTimeout(60_000);
        try (var lines = new BufferedReader(new InputStreamReader(connection.getInputStream(), StandardCharsets.UTF_8))) {
            assertThat(lines.readLine()).startsWith(":");
            assertThat(server.post("/models/load", "{\"model\": \"demo\", " + options + "}").status()).isEqualTo(200);
            String line = "";
            while (!line.contains("\"model\":\"" + id + "\"") || !line.contains("\"status\":\"loaded\"")) {
                line = lines.readLine();
                assertThat(line).isNotNull().doesNotContain("\"failed\"");
            }
        }
    }

    private static JsonNode model(PackagedServer server, String id) throws Exception {
        return StreamSupport.stream(server.get("/models").body().get("data").spliterator(), false).filter(entry -> entry.get("id").textValue().equals(id))
                .findFirst().orElseThrow();
    }
}
