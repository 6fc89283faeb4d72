package dev.lorikeet.chat.jinja;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Every case of the shared reference renderings, character for character.
///
/// Needs the shared folder: `-Dtest=SharedTemplatesCheck -Dshared=<folder>`.
class SharedTemplatesCheck {
    private static final Map<String, String> CONVERSATIONS = Map.of(
            "user_only", "[{'role':'user','content':'What is 2+2?'}]",
            "system_user",
                    "[{'role':'system','content':'You are helpful.'},{'role':'user','content':'안녕하세요?  '}]",
            "multi_turn",
                    "[{'role':'user','content':'Hi'},{'role':'assistant','content':'Hello!'},"
                            + "{'role':'user','content':'Bye'}]",
            "ends_with_assistant",
                    "[{'role':'user','content':'Hi'},{'role':'assistant','content':' Hello! '}]",
            "bad_alternation", "[{'role':'user','content':'a'},{'role':'user','content':'b'}]");
    private static final String TOOLS =
            "[{'type':'function','function':{'name':'get_weather','description':'Weather','parameters':{'type':'object',"
                    + "'properties':{'city':{'type':'string'}},'required':['city']}}}]";

    private final ObjectMapper json = new ObjectMapper();
    private final List<String> failures = new ArrayList<>();
    private int cases;

    @Test
    void everyReferenceRenderingIsReproduced() throws IOException {
        Path folder = Path.of(System.getProperty("shared", "")).resolve("templates");
        assertThat(folder.resolve("reference_renders.json")).exists();
        references(folder);
        more(folder);
        System.Logger log = System.getLogger(SharedTemplatesCheck.class.getName());
        log.log(System.Logger.Level.INFO, "{0} of {1} shared renderings are equal", cases - failures.size(), cases);
        assertThat(cases).isGreaterThan(1_000);
        assertThat(failures).isEmpty();
    }

    private void references(Path folder) throws IOException {
        JsonNode references = json.readTree(folder.resolve("reference_renders.json").toFile());
        for (Map.Entry<String, JsonNode> reference : references.properties()) {
            String source = Files.readString(folder.resolve(reference.getKey() + ".jinja"));
            for (Map.Entry<String, JsonNode> one : reference.getValue().properties()) {
                String[] key = one.getKey().split("\\|");
                if (key.length == 1) {
                    continue;
                }
                Map<String, Object> context = new HashMap<>();
                context.put("messages", value(CONVERSATIONS.get(key[0])));
                context.put("add_generation_prompt", key[1].equals("gen=True"));
                context.put("tools", key.length == 3 ? value(TOOLS) : null);
                context.put("documents", null);
                context.put("bos_token", reference.getValue().get("bos_token").asText());
                context.put("eos_token", reference.getValue().get("eos_token").asText());
                check(reference.getKey() + " " + one.getKey(), source, context, one.getValue());
            }
        }
    }

    private Object value(String singleQuoted) throws IOException {
        return json.readValue(singleQuoted.replace('\'', '"'), Object.class);
    }

    private void more(Path folder) throws IOException {
        JsonNode more = json.readTree(folder.resolve("more_renders.json").toFile());
        for (JsonNode one : more.get("cases")) {
            String name = one.get("tpl").asText();
            @SuppressWarnings("unchecked")
            Map<String, Object> context = json.convertValue(one.get("ctx"), Map.class);
            check(name + " " + one.get("id").asText(), more.get("templates").get(name).asText(), context, one);
        }
    }

    private void check(String name, String source, Map<String, Object> context, JsonNode expected) {
        cases++;
        Outcome outcome = Outcome.of(source, context);
        String text = expected.has("ok") ? expected.get("ok").asText() : null;
        String error = expected.has("error") ? expected.get("error").asText() : null;
        if (!outcome.matches(text, error)) {
            failures.add(name + "\n  expected " + text + " / " + error + "\n  was " + outcome);
        }
    }
}
