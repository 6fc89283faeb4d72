package dev.lorikeet.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lorikeet.training.data.MessagesOfRows;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is learned must be what is served: a request and a training row make the same of the same messages, and refuse the same.
class MessagesTest {
    private static final String ANSWER = ",{'role':'assistant','content':'네'}]";
    private static final String CALL = "[{'role':'user','content':'hi'},{'role':'assistant',";

    private static JsonNode json(String text) {
        return Json.parse(text.replace('\'', '"')).orElseThrow();
    }

    private static Optional<List<Map<String, Object>>> ofRequest(JsonNode messages) {
        try {
            return Optional.of(Messages.read(new Fields(JsonNodeFactory.instance.objectNode().set("messages", messages), "")));
        } catch (ApiException _) {
            return Optional.empty();
        }
    }

    /// As a template sees them: whole numbers are of one kind there.
    private static String shown(Optional<List<Map<String, Object>>> messages) {
        return messages.map(list -> new String(Json.bytes(list), StandardCharsets.UTF_8)).orElse("refused");
    }

    private static void requireSame(JsonNode messages) {
        assertThat(shown(MessagesOfRows.read(messages))).isEqualTo(shown(ofRequest(messages)));
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "[{'role':'user','content':'안녕'}" + ANSWER,
        "[{'role':'developer','content':'be brief'},{'content':'hi','role':'user','name':'kim'}" + ANSWER,
        "[{'role':'user','content':[{'type':'text','text':'a'},{'type':'text','text':'b'}]}" + ANSWER,
        CALL + "'content':[{'type':'refusal','refusal':'no'}]}]",
        CALL + "'content':'yes','refusal':null,'tool_calls':null}]",
        CALL + "'content':null,'tool_calls':[{'id':'1','type':'function','function':{'name':'f','arguments':'{\\'x\\': [1, 2.5, true, null]}'}}]}]",
        CALL + "'tool_calls':[{'id':'1','type':'function','function':{'name':'f','arguments':{'x':'y'}}}]},{'role':'tool','tool_call_id':'1','content':'3'}]",
        CALL + "'tool_calls':[{'type':'function','function':{'name':'f','arguments':''}}]}]",
        CALL + "'function_call':{'name':'f','arguments':'{}'}},{'role':'function','name':'f','content':'3'}]",
        CALL + "'content':null,'refusal':'I may not'}]",
        CALL + "'content':'x','reasoning_content':'because'}]"})
    void bothMakeTheSameOf(String messages) {
        var read = json(messages);
        assertThat(ofRequest(read)).isPresent();
        requireSame(read);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "[]", "{}", "'x'", "[1]", "[{'content':'hi'}" + ANSWER, "[{'role':1,'content':'hi'}" + ANSWER, "[{'role':'bot','content':'hi'}" + ANSWER,
        "[{'role':'user'}" + ANSWER, "[{'role':'user','content':null}" + ANSWER, "[{'role':'user','content':1}" + ANSWER,
        "[{'role':'user','content':[{'type':'image_url','image_url':{'url':'x'}}]}" + ANSWER,
        "[{'role':'user','content':[{'type':'text'}]}" + ANSWER, "[{'role':'user','content':['a']}" + ANSWER,
        "[{'role':'user','content':[{'type':'refusal','refusal':'no'}]}" + ANSWER,
        "[{'role':'user','content':'hi','name':1}" + ANSWER, "[{'role':'tool','content':'hi','tool_call_id':1}" + ANSWER,
        "[{'role':'user','content':'\\ud800'}" + ANSWER, "[{'role':'user','content':[{'type':'text','text':'\\udc00'}]}" + ANSWER,
        CALL + "'content':null}]", CALL + "'tool_calls':'x'}]", CALL + "'tool_calls':[1]}]", CALL + "'tool_calls':[{'id':'1'}]}]",
        CALL + "'tool_calls':[{'function':'f'}]}]", CALL + "'tool_calls':[{'function':{'name':1}}]}]",
        CALL + "'tool_calls':[{'function':{'name':'f','arguments':'{'}}]}]", CALL + "'tool_calls':[{'function':{'name':'f','arguments':'{} {}'}}]}]",
        CALL + "'tool_calls':[{'function':{'name':'\\ud800'}}]}]", CALL + "'tool_calls':[{'function':{'name':'f','arguments':'{\\'a\\':\\'\\\\ud800\\'}'}}]}]",
        CALL + "'content':1,'tool_calls':[{'function':{'name':'f','arguments':'{}'}}]}]", CALL + "'function_call':'f'}]", CALL + "'function_call':{}}]"})
    void bothRefuse(String messages) {
        var read = json(messages);
        assertThat(ofRequest(read)).isEmpty();
        requireSame(read);
    }
}
