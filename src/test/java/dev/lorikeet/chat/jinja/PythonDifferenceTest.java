package dev.lorikeet.chat.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Templates whose text `src/test/python/jinja_cases.py` took from Python's jinja2.
class PythonDifferenceTest {
    @Test
    void everyCaseIsWhatPythonMakesOfIt() throws IOException {
        ObjectMapper json = new ObjectMapper();
        List<String> failures = new ArrayList<>();
        try (InputStream in = getClass().getResourceAsStream("/chat/jinja/cases.json")) {
            JsonNode file = json.readTree(in);
            @SuppressWarnings("unchecked")
            Map<String, Object> context = json.convertValue(file.get("context"), Map.class);
            for (JsonNode one : file.get("cases")) {
                String text = one.has("ok") ? one.get("ok").asText() : null;
                String error = one.has("error") ? one.get("error").asText() : null;
                Outcome outcome = Outcome.of(one.get("template").asText(), context);
                if (!outcome.matches(text, error)) {
                    failures.add(one.get("template") + "\n  python " + text + " / " + error + "\n  was    " + outcome);
                }
            }
        }
        assertThat(failures).isEmpty();
    }
}
