package dev.lorikeet.training.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.chat.ModelText;
import dev.lorikeet.store.BadFileException;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DatasetReaderTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Path DEMO = Path.of("models/demo");
    private static final String ASKED = "<bos><start_of_turn>user\n안녕<end_of_turn>\n<start_of_turn>model\n";
    private static ModelText demo;

    @TempDir
    Path folder;

    @BeforeAll
    static void open() {
        demo = ModelText.load(DEMO);
    }

    @AfterAll
    static void close() {
        demo.close();
    }

    private Path file(String name, String text) {
        try {
            return Files.writeString(folder.resolve(name), text);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private Dataset<Example> jsonl(DataOptions options, String... rows) {
        return DatasetReader.read(file("rows.jsonl", String.join("\n", rows).replace('\'', '"')), options, demo);
    }

    private Dataset<Example> jsonl(String... rows) {
        return jsonl(DataOptions.upTo(512), rows);
    }

    private static DataOptions options(String json) {
        try {
            return DataOptions.read(JSON.readTree(json.replace('\'', '"')));
        } catch (IOException e) {
            throw new IllegalArgumentException(e);
        }
    }

    private static String text(Example example) {
        return demo.tokenizer().decode(example.inputIds(), false);
    }

    private static String learned(Example example) {
        return demo.tokenizer().decode(Arrays.stream(example.labels()).filter(label -> label != Example.IGNORED).toArray(), false);
    }

    private void teaches(Dataset<Example> data, String whole, String learned) {
        assertThat(data.report().badRows()).isEmpty();
        assertThat(data.examples()).hasSize(1);
        assertThat(text(data.examples().getFirst())).isEqualTo(whole);
        assertThat(learned(data.examples().getFirst())).isEqualTo(learned);
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "{'messages':[{'role':'user','content':'안녕'},{'role':'assistant','content':'네'}]}",
        "{'messages':[{'role':'user','content':[{'type':'text','text':'안녕'}]},{'role':'assistant','content':'네','weight':1,'tool_calls':null}]}",
        "{'instruction':'안녕','input':'','output':'네'}",
        "{'instruction':'안녕','output':'네'}",
        "{'question':'안녕','answer':'네'}",
        "{'Q':'안녕','A':'네','label':0}",
        "{'conversations':[{'from':'human','value':'안녕'},{'from':'gpt','value':'네'}]}",
        "{'conversations':[{'role':'user','content':'안녕'},{'role':'assistant','content':'네'}]}",
        "{'prompt':[{'role':'user','content':'안녕'}],'completion':[{'role':'assistant','content':'네'}]}"})
    void whateverItsKeysAQuestionAndItsAnswerAreOneChat(String row) {
        teaches(jsonl(row), ASKED + "네<end_of_turn>\n", "네<end_of_turn>");
    }

    @Test
    void instructionAndInputAreJoinedByABlankLine() {
        teaches(jsonl("{'instruction':'번역','input':'안녕','output':'hi'}"),
                "<bos><start_of_turn>user\n번역\n\n안녕<end_of_turn>\n<start_of_turn>model\nhi<end_of_turn>\n", "hi<end_of_turn>");
    }

    @Test
    void aTextIsLearnedWithOneBosAndOneEos() {
        teaches(jsonl("{'text':'안녕'}"), "<bos>안녕<eos>", "<bos>안녕<eos>");
        teaches(jsonl("{'text':'<bos>안녕<eos>'}"), "<bos>안녕<eos>", "<bos>안녕<eos>");
    }

    @Test
    void aCompletionIsLearnedAndItsPromptIsAsItWouldBeServed() {
        teaches(jsonl("{'prompt':'1 + 1 =','completion':' 2'}"), "1 + 1 = 2<eos>", " 2<eos>");
        teaches(jsonl("{'prompt':'1 + 1 = ','completion':'2'}"), "1 + 1 = 2<eos>", demo.tokenizer().encode(" 2", false).length == 1 ? " 2<eos>" : "2<eos>");
    }

    @Test
    void theLastColumnOfATemplateIsLearned() {
        DataOptions options = options("{'prompt_template':'Document: {document}\\n{{Title}}:\\n{title}'}");
        teaches(jsonl(options, "{'document':'비가 <eos> 온다','title':'비','year':2020}"), "Document: 비가 <eos> 온다\n{Title}:\n비<eos>", "비<eos>");
        int eos = demo.tokenizer().eosId().getAsInt();
        assertThat(jsonl(options, "{'document':'비가 <eos> 온다','title':'비'}").examples().getFirst().inputIds()).containsOnlyOnce(eos);
        assertThat(jsonl(options, "{'document':'x'}").report().badRows()).containsExactly(new BadRow(1, "has no 'title', which prompt_template names"));
    }

    @Test
    void aTemplateWithoutColumnsOrWithALoneBraceIsRefused() {
        assertThatThrownBy(() -> options("{'prompt_template':'no column'}")).isInstanceOf(DataRefusal.class).hasMessageContaining("names no column");
        assertThatThrownBy(() -> options("{'prompt_template':'{a} }'}")).isInstanceOf(DataRefusal.class).hasMessageContaining("a lone } at character 5");
    }

    @Test
    void idsAndLabelsAreTakenAsTheyAre() {
        Example example = jsonl("{'input_ids':[2,5,6],'labels':[-100,-100,6]}").examples().getFirst();
        assertThat(example).isEqualTo(new Example(new int[] {2, 5, 6}, new int[] {-100, -100, 6}, 1));
        assertThat(jsonl("{'input_ids':[2,5],'labels':[5,5]}", "{'input_ids':[2,-1],'labels':[2,-1]}", "{'input_ids':[2,5],'labels':[2]}").report().badRows())
                .extracting(BadRow::line).containsExactly(1, 2, 3);
    }

    private static final String TWO = "{'messages':[{'role':'user','content':'a'},{'role':'assistant','content':'B'%s},{'role':'user','content':'c'},{'role':'assistant','content':'D'}]}";

    @Test
    void allAnswersOrTheLastOrEverythingIsLearned() {
        assertThat(learned(jsonl(TWO.formatted("")).examples().getFirst())).isEqualTo("B<end_of_turn>D<end_of_turn>");
        assertThat(learned(jsonl(options("{'mask_history':true}"), TWO.formatted("")).examples().getFirst())).isEqualTo("D<end_of_turn>");
        Example everything = jsonl(options("{'train_on_inputs':true}"), TWO.formatted("")).examples().getFirst();
        assertThat(everything.labels()).containsExactly(everything.inputIds());
    }

    @Test
    void aMessageWithWeightZeroIsNotLearned() {
        assertThat(learned(jsonl(TWO.formatted(",'weight':0")).examples().getFirst())).isEqualTo("D<end_of_turn>");
        assertThat(jsonl(TWO.formatted(",'weight':0.5")).report().badRows().getFirst().reason()).isEqualTo("messages[1].weight is 0.5; it must be 0 or 1");
    }

    @Test
    void badRowsAreNamedByLineAndReason() {
        Dataset<Example> data = jsonl("{'messages':[{'role':'user','content':'a'},{'role':'assistant','content':'B'}]}", "[1]", "{'messages':[]}", "",
                "{'messages':[{'content':'a'}]}", "{'messages':[{'role':'boss','content':'a'}]}", "{'messages':[{'role':'user'}]}",
                "{'messages':[{'role':'user','content':'a'}]}", "{'messages':[{'role':'user','content':'a','x':1}]}", "{'messages':", "{'foo':'a'}",
                "{'prompt':'a','chosen':'b','rejected':'c'}", "{'messages':[{'role':'assistant','content':'a'},{'role':'tool','content':'b'}]}", "", "");
        assertThat(data.examples()).extracting(Example::line).containsExactly(1);
        assertThat(data.report().rows()).isEqualTo(13);
        assertThat(data.report().badRowCount()).isEqualTo(12);
        assertThat(data.report().badRows()).extracting(BadRow::line).containsExactly(2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13);
        assertThat(data.report().badRows()).extracting(row -> row.reason().split("[:; ]")[0]).startsWith("data_type", "missing_messages_list", "is",
                "message_missing_key", "unrecognized_role", "missing_content", "example_missing_assistant_message", "message_unrecognized_key");
        assertThat(data.report().badRows().getLast().reason()).isEqualTo("Only system, user and assistant roles are supported.");
    }

    @Test
    void badRowsAreRefusedOrSkippedByChoice() {
        Dataset<Example> data = jsonl("{'text':'a'}", "{'foo':1}");
        assertThatThrownBy(() -> data.requireUsable(options("{}"))).isInstanceOf(DataRefusal.class).hasMessageStartingWith("1 of 2 rows cannot be used, the first in line 2: ");
        assertThat(data.requireUsable(options("{'bad_rows':'skip'}"))).isSameAs(data);
        assertThatThrownBy(() -> options("{'bad_rows':'ignore'}")).hasMessage("bad_rows is 'ignore'; it must be refuse or skip");
        assertThatThrownBy(() -> jsonl("{'foo':1}").requireUsable(options("{'bad_rows':'skip'}"))).hasMessageContaining("none of the 1 rows");
    }

    @Test
    void longRowsLoseTheirEndAndAreReported() {
        Dataset<Example> data = jsonl(DataOptions.upTo(12), "{'text':'a b c d e f g h i j k l m n o p q r s t u v w x y z'}", "{'text':'a'}",
                "{'prompt':'a b c d e f g h i j k l m n o p q r s t u v w x y z','completion':'x'}");
        assertThat(data.examples()).extracting(Example::length).first().isEqualTo(12);
        assertThat(data.report().truncated()).isEqualTo(new Findings(2, List.of(1, 3)));
        assertThat(data.report().nothingToLearn()).isEqualTo(new Findings(1, List.of(3)));
        assertThat(data.examples()).hasSize(2);
        assertThat(data.report().longest()).isGreaterThan(12);
        assertThatThrownBy(() -> options("{'max_seq_length':10,'cutoff_len':20}")).hasMessageContaining("they are the same option");
        assertThat(options("{'cutoff_len':20}").maxSeqLength()).isEqualTo(20);
    }

    @Test
    void theReportCountsWhatOneWouldRegret() {
        Dataset<Example> data = jsonl("{'text':'a'}", "{'text':'a'}", "{'text':'<bos><bos>b'}", "{'input_ids':[2,5,6],'labels':[-100,-100,6]}",
                "{'input_ids':[2,5],'labels':[-100,-100]}");
        DataReport report = data.report();
        assertThat(report.duplicates()).isEqualTo(new Findings(1, List.of(2)));
        assertThat(report.doubleBos()).isEqualTo(new Findings(1, List.of(3)));
        assertThat(report.missingEnd()).isEqualTo(new Findings(1, List.of(4)));
        assertThat(report.nothingToLearn()).isEqualTo(new Findings(1, List.of(5)));
        assertThat(report.examples()).isEqualTo(4);
        assertThat(report.tokens()).isEqualTo(data.examples().stream().mapToInt(Example::length).sum());
        assertThat(report.learnedTokens()).isEqualTo(data.examples().stream().mapToInt(Example::learnedTokens).sum());
        assertThat(report.histogram()).containsExactly(new Bin(16, 5));
        JsonNode json = JSON.valueToTree(report.toJson());
        assertThat(json.path("duplicates").intValue()).isEqualTo(1);
        assertThat(json.at("/lines/double_bos/0").intValue()).isEqualTo(3);
    }

    @Test
    void theKindOfAFileIsItsExtension() {
        assertThatThrownBy(() -> DatasetReader.read(file("rows.txt", "x"), DataOptions.upTo(8), demo)).isInstanceOf(BadFileException.class)
                .hasMessageContaining("training files end in .jsonl, .json, .csv or .parquet");
        assertThat(DatasetReader.read(file("blob", "{\"text\":\"a\"}"), "rows.JSONL", DataOptions.upTo(8), demo).examples()).hasSize(1);
    }

    @Test
    void aByteOrderMarkAndAMissingLastLineEndAreAccepted() {
        assertThat(jsonl("\uFEFF{'text':'a'}\r", "{'text':'b'}").examples()).hasSize(2);
    }

    @Test
    void jsonArraysAreReadRowByRow() {
        Dataset<Example> data = DatasetReader.read(file("rows.json", "\uFEFF[{\"text\": \"a\"},\n 3, {\"text\": \"b\"}]"), DataOptions.upTo(8), demo);
        assertThat(data.examples()).extracting(Example::line).containsExactly(1, 3);
        assertThat(data.report().badRows()).containsExactly(new BadRow(2, "data_type: is not a JSON object"));
        assertThatThrownBy(() -> DatasetReader.read(file("rows.json", "{\"text\": \"a\"}"), DataOptions.upTo(8), demo)).hasMessageContaining(".jsonl");
        assertThatThrownBy(() -> DatasetReader.read(file("rows.json", "[{\"text\": \"a\"},\n{]"), DataOptions.upTo(8), demo)).hasMessageContaining("line 2");
    }

    @Test
    void csvKeepsQuotedLineBreaksAndCountsLines() {
        Dataset<Example> data = DatasetReader.read(file("rows.csv", "\uFEFFquestion,answer\r\n\"안녕,\n하세요\",\"\"\"네\"\"\"\r\nx\r\na,b\r\n"), DataOptions.upTo(64), demo);
        assertThat(data.report().badRows()).containsExactly(new BadRow(4, "has 1 fields, but there are 2 columns"));
        assertThat(data.examples()).extracting(Example::line).containsExactly(2, 5);
        assertThat(text(data.examples().getFirst())).contains("user\n안녕,\n하세요<end_of_turn>").contains("model\n\"네\"<end_of_turn>");
    }

    @Test
    void csvInAnotherEncodingIsRefusedWithTheRemedy() throws IOException {
        Path csv = folder.resolve("old.csv");
        Files.write(csv, "question,answer\n안녕,네\n".getBytes(Charset.forName("EUC-KR")));
        assertThatThrownBy(() -> DatasetReader.read(csv, DataOptions.upTo(64), demo)).isInstanceOf(BadFileException.class).hasMessageContaining("iconv -f cp949");
    }

    @Test
    void noFileHasMoreOrLongerRowsThanAllowed() {
        var few = new DataOptions(64, LearnedPart.ANSWERS, Optional.empty(), Optional.empty(), false, new DataLimits(2, 20));
        assertThatThrownBy(() -> jsonl(few, "{'text':'a'}", "{'text':'b'}", "{'text':'c'}")).isInstanceOf(DataRefusal.class).hasMessageContaining("more than 2 rows");
        assertThat(jsonl(few, "{'text':'a longer text than that'}", "{'text':'b'}").report().badRows()).containsExactly(new BadRow(1, "is longer than 20 bytes"));
    }

    @Test
    void parquetIsReadWithItsNestedColumns() {
        for (String name : List.of("messages-snappy.parquet", "messages-zstd.parquet")) {
            Dataset<Example> data = DatasetReader.read(Path.of("src/test/resources/data").resolve(name), DataOptions.upTo(64), demo);
            assertThat(data.report().badRows()).isEmpty();
            assertThat(data.examples()).extracting(Example::line).containsExactly(1, 2, 3);
            assertThat(text(data.examples().getFirst())).isEqualTo(ASKED + "네<end_of_turn>\n");
            assertThat(learned(data.examples().get(1))).isEqualTo("D<end_of_turn>");
        }
        Dataset<Example> flat = DatasetReader.read(Path.of("src/test/resources/data/alpaca.parquet"), DataOptions.upTo(64), demo);
        assertThat(learned(flat.examples().getFirst())).isEqualTo("hi<end_of_turn>");
        assertThat(flat.report().badRows()).extracting(BadRow::line).containsExactly(2);
    }

    @Test
    void whatIsNoParquetIsRefused() {
        assertThatThrownBy(() -> DatasetReader.read(file("x.parquet", "PAR1 no"), DataOptions.upTo(64), demo)).isInstanceOf(BadFileException.class)
                .hasMessageContaining("cannot be read as Parquet");
    }

    @Test
    void whatIsHeldOutDependsOnTheSeedAlone() {
        String[] rows = new String[20];
        Arrays.setAll(rows, i -> "{'text':'row " + (i == 19 ? 0 : i) + "'}");
        Dataset<Example> data = jsonl(rows);
        Dataset.Split<Example> split = data.split(0.2, 7);
        assertThat(split.validation()).hasSize(4).isEqualTo(data.split(4, 7).validation()).isNotEqualTo(data.split(4, 8).validation());
        assertThat(split.train().examples()).hasSize(16).doesNotContainAnyElementsOf(split.validation());
        assertThat(split.train().examples()).isSortedAccordingTo((a, b) -> Integer.compare(a.line(), b.line()));
        assertThat(Dataset.overlap(data.examples().subList(0, 19), data.examples().subList(19, 20))).isEqualTo(1);
        assertThatThrownBy(() -> data.split(20, 7)).hasMessageContaining("leave none to learn from");
        assertThatThrownBy(() -> data.split(1.5, 7)).hasMessageContaining("val_set_size is 1.5");
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama3-rope", "mistral-swa", "gemma", "gemma2", "gemma3", "qwen2", "qwen3", "phi3"})
    void aJobsRowsHaveAsManyLearnedTokensAsTheReferencesLossIsOver(String family) throws IOException {
        Path fixture = Path.of("src/test/resources/fixtures").resolve(family);
        JsonNode job = JSON.readTree(fixture.resolve("lora/training-api.json").toFile());
        StringBuilder rows = new StringBuilder();
        job.get("rows").forEach(row -> rows.append(row).append('\n'));
        try (ModelText model = ModelText.load(fixture)) {
            DataReport report = DatasetReader.read(file("job.jsonl", rows.toString()), DataOptions.upTo(512), model).report();
            assertThat(report.learnedTokens()).isEqualTo(job.get("learned_tokens").longValue());
            assertThat(report.missingEnd().count()).isZero();
        }
    }

    @Test
    void callsAndToolsReachTheTemplate() {
        var template = "{{ bos_token }}{% for t in tools or [] %}{{ t.function.name }};{% endfor %}{% for m in messages %}<start_of_turn>{{ m.role }}\n{{ m.content or '' }}"
                + "{% for c in m.tool_calls or [] %}[{{ c.function.name }} {{ c.function.arguments | tojson }}]{% endfor %}<end_of_turn>\n{% endfor %}"
                + "{% if add_generation_prompt %}<start_of_turn>assistant\n{% endif %}";
        var options = new DataOptions(200, LearnedPart.ANSWERS, Optional.empty(), Optional.of(template), false, DataLimits.DEFAULT);
        String call = "{'role':'assistant','content':null,'tool_calls':[{'id':'1','type':'function','function':{'name':'get','arguments':'{}'}}]}";
        String learned = "[get {}]<end_of_turn>20<end_of_turn>";
        Dataset<Example> openai = jsonl(options, "{'messages':[{'role':'user','content':'x'}," + call + ",{'role':'tool','tool_call_id':'1','content':'20'},{'role':'assistant','content':'20'}],"
                + "'tools':[{'type':'function','function':{'name':'get','parameters':{}}}],'parallel_tool_calls':false}");
        Dataset<Example> shareGpt = DatasetReader.read(file("s.jsonl", "{\"conversations\":[{\"from\":\"human\",\"value\":\"x\"},{\"from\":\"function_call\",\"value\":"
                + "\"{\\\"name\\\": \\\"get\\\", \\\"arguments\\\": {}}\"},{\"from\":\"observation\",\"value\":\"20\"},{\"from\":\"gpt\",\"value\":\"20\"}],"
                + "\"tools\":\"[{\\\"name\\\": \\\"get\\\", \\\"parameters\\\": {}}]\"}"), options, demo);
        teaches(openai, text(shareGpt.examples().getFirst()), learned);
        teaches(shareGpt, "<bos>get;<start_of_turn>user\nx<end_of_turn>\n<start_of_turn>assistant\n[get {}]<end_of_turn>\n<start_of_turn>tool\n20<end_of_turn>\n"
                + "<start_of_turn>assistant\n20<end_of_turn>\n", learned);
    }
}
