package dev.lorikeet.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.chat.ModelText;
import dev.lorikeet.model.Fixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreferenceReaderTest {
    private static final String ASKED = "<bos><start_of_turn>user\n안녕<end_of_turn>\n<start_of_turn>model\n";
    private static final String YES = "{'role':'assistant','content':'네'}";
    private static final String NO = "{'role':'assistant','content':'뭐'}";
    private static final String HELLO = "{'role':'user','content':'안녕'}";
    private static ModelText demo;

    @TempDir
    Path folder;

    @BeforeAll
    static void open() {
        demo = ModelText.load(Path.of("models/demo"));
    }

    @AfterAll
    static void close() {
        demo.close();
    }

    private Dataset<PreferencePair> read(DataOptions options, PreferenceLengths lengths, ModelText model, List<String> rows) {
        try {
            return PreferenceReader.read(Files.write(folder.resolve("rows.jsonl"), rows), "rows.jsonl", options, lengths, model);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Dataset<PreferencePair> read(String... rows) {
        return read(DataOptions.upTo(512), PreferenceLengths.DEFAULT, demo, Arrays.stream(rows).map(row -> row.replace('\'', '"')).toList());
    }

    private static String text(Example example) {
        return demo.tokenizer().decode(example.inputIds(), false);
    }

    private static String learned(Example example) {
        return demo.tokenizer().decode(Arrays.stream(example.labels()).filter(label -> label != Example.IGNORED).toArray(), false);
    }

    private static void teaches(Dataset<PreferencePair> data, String prompt, String chosen, String rejected, String behind) {
        assertThat(data.report().badRows()).isEmpty();
        assertThat(data.examples()).hasSize(1);
        var pair = data.examples().getFirst();
        assertThat(text(pair.chosen())).isEqualTo(prompt + chosen + behind);
        assertThat(text(pair.rejected())).isEqualTo(prompt + rejected + behind);
        assertThat(learned(pair.chosen())).isEqualTo(chosen);
        assertThat(learned(pair.rejected())).isEqualTo(rejected);
    }

    static List<String> chats() {
        String conversations = "'chosen':[" + HELLO + "," + YES + "],'rejected':[" + HELLO + "," + NO + "]";
        return List.of("{'input':{'messages':[" + HELLO + "],'tools':[],'parallel_tool_calls':true},'preferred_output':[" + YES + "],'non_preferred_output':[" + NO + "]}",
                "{'input':{'messages':[" + HELLO + "]},'preferred_completion':[" + YES + "],'non_preferred_completion':[" + NO + "]}",
                "{'prompt':[" + HELLO + "],'chosen':[" + YES + "],'rejected':[" + NO + "]}",
                "{'prompt':[" + HELLO + "],'chosen':'네','rejected':'뭐'}",
                "{'prompt':[" + HELLO + "],'chosen':" + YES + ",'rejected':" + NO + "}",
                "{" + conversations + "}",
                "{'prompt':'안녕'," + conversations + "}",
                "{'prompt':'안녕','chosen':[" + YES + "],'rejected':[" + NO + "]}",
                "{'question':'안녕','chosen':'네','rejected':'뭐'}",
                "{'system':'','question':'안녕','chosen':'네','rejected':'뭐'}",
                "{'instruction':'안녕','input':'','chosen':'네','rejected':'뭐'}",
                "{'conversations':[{'from':'human','value':'안녕'}],'chosen':{'from':'gpt','value':'네'},'rejected':{'from':'gpt','value':'뭐'}}",
                "{'conversations':[{'from':'human','value':'안녕'}],'chosen':'네','rejected':'뭐'}");
    }

    @ParameterizedTest
    @MethodSource("chats")
    void whateverItsKeysAQuestionAndTwoAnswersAreTwoChats(String row) {
        teaches(read(row), ASKED, "네<end_of_turn>", "뭐<end_of_turn>", "\n");
    }

    @Test
    void columnsWithoutNestingHoldTheirMessagesAsJson() throws IOException {
        var messages = new ArrayList<String>();
        for (String one : List.of(HELLO, YES, NO)) {
            messages.add("\"[" + one.replace("'", "\"\"") + "]\"");
        }
        var file = Files.writeString(folder.resolve("rows.csv"), "prompt,chosen,rejected\n" + String.join(",", messages) + "\n");
        teaches(PreferenceReader.read(file, "rows.csv", DataOptions.upTo(64), PreferenceLengths.DEFAULT, demo), ASKED, "네<end_of_turn>", "뭐<end_of_turn>", "\n");
    }

    @Test
    void theSystemMessageAndEarlierTurnsArePartOfThePrompt() {
        var data = read("{'system':'짧게','conversations':[{'from':'human','value':'a'},{'from':'gpt','value':'b'},{'from':'human','value':'c'}],"
                + "'chosen':{'from':'gpt','value':'d'},'rejected':{'from':'gpt','value':'e'}}", "{'system':'짧게','question':'c','chosen':'d','rejected':'e'}");
        assertThat(data.report().badRows()).isEmpty();
        assertThat(data.examples()).hasSize(2).allSatisfy(pair -> {
            assertThat(text(pair.chosen())).contains("짧게");
            assertThat(learned(pair.chosen())).isEqualTo("d<end_of_turn>");
            assertThat(learned(pair.rejected())).isEqualTo("e<end_of_turn>");
        });
    }

    @Test
    void textsStandAsTheyAre() {
        teaches(read("{'prompt':'1 + 1 =','chosen':' 2','rejected':' 3'}"), "1 + 1 =", " 2<eos>", " 3<eos>", "");
        teaches(read("{'chosen':'Human: a Assistant: yes','rejected':'Human: a Assistant: no'}"), "Human: a Assistant:", " yes<eos>", " no<eos>", "");
    }

    static List<String> families() {
        return Fixtures.families();
    }

    /// As TRL encodes the same rows (`src/test/python/dpo_reference.py`).
    @ParameterizedTest
    @MethodSource("families")
    void promptsAndAnswersHaveTheIdsThatTrlGivesThem(String family) {
        JsonNode reference = Fixtures.json(Path.of("src/test/resources/training/dpo.json"));
        var rows = new ArrayList<String>();
        reference.get("rows").forEach(row -> rows.add(row.toString()));
        try (var text = ModelText.load(Fixtures.folder(family))) {
            var pairs = read(DataOptions.upTo(512), PreferenceLengths.DEFAULT, text, rows).examples();
            var expected = reference.at("/families/" + family + "/pairs");
            assertThat(pairs).hasSameSizeAs(expected);
            for (int i = 0; i < pairs.size(); i++) {
                var trl = expected.get(i);
                assertThat(pairs.get(i).chosen().inputIds()).as("chosen of pair %d", i + 1).isEqualTo(joined(trl.get("prompt_ids"), trl.get("chosen_ids")));
                assertThat(pairs.get(i).rejected().inputIds()).as("rejected of pair %d", i + 1).isEqualTo(joined(trl.get("prompt_ids"), trl.get("rejected_ids")));
                assertThat(pairs.get(i).chosen().learnedTokens()).isEqualTo(trl.get("chosen_ids").size());
                assertThat(pairs.get(i).rejected().learnedTokens()).isEqualTo(trl.get("rejected_ids").size());
            }
        }
    }

    private static int[] joined(JsonNode prompt, JsonNode answer) {
        int[] ids = Arrays.copyOf(Fixtures.ints(prompt), prompt.size() + answer.size());
        System.arraycopy(Fixtures.ints(answer), 0, ids, prompt.size(), answer.size());
        return ids;
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {"{'prompt':'a','chosen':'b'}; no known kind of pair", "{'prompt':'a','completion':'b'}; no known kind of pair",
        "{'prompt':'a','chosen':'','rejected':'b'}; missing_content", "{'question':'a','chosen':' ','rejected':'b'}; missing_content: 'chosen' is empty",
        "{'prompt':[],'chosen':[],'rejected':[]}; missing_messages_list",
        "{'prompt':[{'role':'user','content':'a'}],'chosen':[{'role':'user','content':'b'}],'rejected':'c'}; of different kinds",
        "{'prompt':[{'role':'user','content':'a'}],'chosen':[{'role':'user','content':'b'}],'rejected':[{'role':'assistant','content':'c'}]}; unrecognized_role: 'chosen'",
        "{'input':{'messages':[]},'preferred_output':[],'non_preferred_output':[]}; missing_messages_list",
        "{'input':{'messages':[{'role':'user'}]},'preferred_output':'b','non_preferred_output':'c'}; missing_content",
        "{'input':{'messages':[{'role':'user','content':'a'}]},'preferred_output':[{'role':'assistant','content':'b'}]}; no known kind of pair",
        "{'chosen':'yes','rejected':'no'}; do not begin alike", "{'chosen':7,'rejected':[]}; ",
        "{'chosen':[{'role':'user','content':'a'}],'rejected':[{'role':'user','content':'b'}]}; do not begin with the same messages"})
    void whatIsNoPairIsABadRow(String row, String reason) {
        var data = read(row, "{'question':'안녕','chosen':'네','rejected':'뭐'}");
        assertThat(data.examples()).hasSize(1);
        assertThat(data.report().badRows()).hasSize(1);
        assertThat(data.report().badRows().getFirst().line()).isEqualTo(1);
        assertThat(data.report().badRows().getFirst().reason()).contains(reason == null ? "" : reason);
        assertThatThrownBy(() -> data.requireUsable(DataOptions.upTo(512))).isInstanceOf(DataRefusal.class).hasMessageContaining("1 of 2 rows");
    }

    private Dataset<PreferencePair> cut(int most, OptionalInt prompt, boolean keepEnd) {
        return read(DataOptions.upTo(most), new PreferenceLengths(prompt, keepEnd), demo,
                List.of("{\"prompt\":\"a b c d e f\",\"chosen\":\" g h i\",\"rejected\":\" j\"}"));
    }

    /// As TRL: `prompt_ids[-max_prompt_length:]`, then `[:max_length]` or `[-max_length:]`.
    @Test
    void whatIsTooLongIsCutAsTrlDoesItAndReported() {
        var whole = cut(64, OptionalInt.empty(), false).examples().getFirst();
        int prompt = whole.chosen().length() - whole.chosen().learnedTokens();
        var start = cut(prompt + 1, OptionalInt.empty(), false);
        assertThat(start.examples().getFirst().chosen().inputIds()).isEqualTo(Arrays.copyOf(whole.chosen().inputIds(), prompt + 1));
        assertThat(start.report().truncated().lines()).containsExactly(1);
        var end = cut(prompt, OptionalInt.empty(), true);
        int length = whole.chosen().length();
        assertThat(end.examples().getFirst().chosen().inputIds()).isEqualTo(Arrays.copyOfRange(whole.chosen().inputIds(), length - prompt, length));
        var shortPrompt = cut(64, OptionalInt.of(2), false);
        assertThat(shortPrompt.examples().getFirst().chosen().inputIds()).isEqualTo(Arrays.copyOfRange(whole.chosen().inputIds(), prompt - 2, length));
        assertThat(shortPrompt.report().truncated().count()).isZero();
        assertThat(shortPrompt.report().pairs().orElseThrow().promptTruncated().lines()).containsExactly(1);
        assertThat(shortPrompt.report().toJson()).containsEntry("prompt_truncated", 1).containsEntry("pairs", 1);
        var nothing = cut(prompt, OptionalInt.empty(), false);
        assertThat(nothing.examples()).isEmpty();
        assertThat(nothing.report().nothingToLearn().lines()).containsExactly(1);
    }

    @Test
    void theReportCountsPairs() {
        var data = read("{'question':'안녕','chosen':'네','rejected':'뭐'}", "{'question':'안녕','chosen':'네','rejected':'뭐'}",
                "{'question':'안녕','chosen':'네','rejected':'네'}", "[1]");
        var json = new ObjectMapper().<JsonNode>valueToTree(data.report().toJson());
        assertThat(json.get("rows").intValue()).isEqualTo(4);
        assertThat(json.get("pairs").intValue()).isEqualTo(3);
        assertThat(json.get("examples").intValue()).isEqualTo(3);
        assertThat(json.get("duplicates").intValue()).isEqualTo(1);
        assertThat(json.get("same_answers").intValue()).isEqualTo(1);
        assertThat(json.at("/lines/same_answers/0").intValue()).isEqualTo(3);
        assertThat(json.get("tokens").longValue()).isEqualTo(data.examples().stream().mapToInt(pair -> pair.chosen().length() + pair.rejected().length()).sum());
        assertThat(json.at("/bad_rows/0/line").intValue()).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"max_prompt_length\": 0}", "{\"max_prompt_length\": \"long\"}", "{\"truncation_mode\": \"middle\"}"})
    void lengthsThatAreNoneAreRefusedByName(String options) throws IOException {
        var json = new ObjectMapper().readTree(options);
        assertThatThrownBy(() -> PreferenceLengths.read(json)).isInstanceOf(DataRefusal.class).hasMessageStartingWith(json.fieldNames().next());
    }
}
