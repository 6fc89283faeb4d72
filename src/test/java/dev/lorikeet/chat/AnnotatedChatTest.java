package dev.lorikeet.chat;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AnnotatedChatTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CHATML = "{% for m in messages %}<start_of_turn>{{ m.role }}\n";

    @TempDir
    Path folder;

    @SuppressWarnings("unchecked")
    private static ChatPrompt chat(String messages, boolean generation) {
        try {
            return new ChatPrompt(JSON.readValue(messages.replace('\'', '"'), List.class), List.of(), List.of(), generation, false, Map.of(), Optional.empty());
        } catch (Exception e) {
            throw new IllegalArgumentException(e);
        }
    }

    private ModelText withTemplate(String template) throws Exception {
        for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(TinyTokenizers.DEMO.resolve(file), folder.resolve(file));
        }
        Files.writeString(folder.resolve("chat_template.jinja"), template);
        return ModelText.load(folder);
    }

    /// What the assistant is to write, turn by turn.
    private static List<String> learned(ModelText model, AnnotatedChat chat) {
        return chat.turns().stream().map(turn -> model.tokenizer().decode(Arrays.copyOfRange(chat.ids(), turn.from(), turn.to()), false)).toList();
    }

    private List<String> learned(String template, String messages) throws Exception {
        try (ModelText model = withTemplate(template)) {
            return learned(model, model.annotate(chat(messages, false)));
        }
    }

    private static void beginAsServed(LoadedTextModel model, ModelText text, String messages) {
        ChatPrompt whole = chat(messages, false);
        AnnotatedChat annotated = text.annotate(whole);
        assertThat(annotated.ids()).containsExactly(model.prompt(whole).ids());
        assertThat(annotated.turns()).isNotEmpty();
        for (AnnotatedChat.Turn turn : annotated.turns()) {
            ChatPrompt before = new ChatPrompt(whole.messages().subList(0, turn.message()), List.of(), List.of(), true, false, Map.of(), Optional.empty());
            assertThat(Arrays.copyOf(annotated.ids(), turn.from())).containsExactly(model.prompt(before).ids());
            assertThat(turn.ended()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "llama3-rope", "mistral-swa", "gemma", "gemma2", "gemma3", "qwen2", "qwen3", "phi3"})
    void whatIsServedBeforeAnAnswerIsWhatIsTrainedBeforeIt(String family) throws Exception {
        Path fixture = TinyTokenizers.GEMMA2.resolveSibling(family);
        JsonNode job = JSON.readTree(fixture.resolve("lora/training-api.json").toFile());
        int learned = 0;
        ModelText text = ModelText.load(fixture);
        try (LoadedTextModel model = text.with(null, 1 << 20)) {
            for (JsonNode row : job.get("rows")) {
                beginAsServed(model, text, row.get("messages").toString());
                learned += text.annotate(chat(row.get("messages").toString(), false)).turns().stream().mapToInt(turn -> turn.to() - turn.from()).sum();
            }
        }
        assertThat(learned).isEqualTo(job.get("learned_tokens").intValue());
    }

    @Test
    void anAnswerIsItsTextAndTheEndOfTurnButNotTheLineBreak() throws Exception {
        assertThat(learned(CHATML + "{{ m.content }}<end_of_turn>\n{% endfor %}{% if add_generation_prompt %}<start_of_turn>assistant\n{% endif %}",
                "[{'role':'user','content':'안녕'},{'role':'assistant','content':'네! 👍'},{'role':'user','content':'x'},{'role':'assistant','content':'assistant'}]"))
                .containsExactly("네! 👍<end_of_turn>", "assistant<end_of_turn>");
    }

    @Test
    void strippedBlanksAreNoPartOfAnAnswer() throws Exception {
        assertThat(learned(CHATML + "{{ m.content | trim }}<end_of_turn>\n{% endfor %}{% if add_generation_prompt %}<start_of_turn>assistant\n{% endif %}",
                "[{'role':'user','content':'x'},{'role':'assistant','content':' a b  '}]")).containsExactly("a b<end_of_turn>");
    }

    @Test
    void whatTheTemplatePutsBetweenGenerationPromptAndAnswerIsLearned() throws Exception {
        String template = "{% for m in messages %}{% if m.role == 'user' %}[INST] {{ m.content }} [/INST]{% else %} {{ m.content }} <eos>{% endif %}{% endfor %}";
        assertThat(learned(template, "[{'role':'user','content':'x'},{'role':'assistant','content':'a'},{'role':'user','content':'y'},{'role':'assistant','content':'b'}]"))
                .containsExactly(" a <eos>", " b <eos>");
    }

    @Test
    void reasoningThatTheTemplateDropsIsNotLearnedAndTheRestIs() throws Exception {
        String template = CHATML + "{% if m.role == 'assistant' and not loop.last %}{{ m.content.split('</think>')[-1] | trim }}{% else %}{{ m.content }}{% endif %}"
                + "<end_of_turn>\n{% endfor %}{% if add_generation_prompt %}<start_of_turn>assistant\n{% endif %}";
        assertThat(learned(template, "[{'role':'user','content':'x'},{'role':'assistant','content':'<think>hm</think> a'},{'role':'user','content':'y'},"
                + "{'role':'assistant','content':'<think>so</think>b'}]")).containsExactly("a<end_of_turn>", "<think>so</think>b<end_of_turn>");
    }

    @Test
    void aHeaderIsNeverLearnedThoughTheWholeChatDoesNotBeginWithTheGenerationPrompt() throws Exception {
        // The template writes how many messages there are, so no rendering begins as a longer one.
        String template = "{{ messages | length }}" + CHATML + "{{ m.content }}<end_of_turn>\n{% endfor %}{% if add_generation_prompt %}<start_of_turn>assistant\n{% endif %}";
        assertThat(learned(template, "[{'role':'user','content':'x'},{'role':'assistant','content':'a'},{'role':'user','content':'y'},{'role':'assistant','content':'b'}]"))
                .containsExactly("a<end_of_turn>", "b<end_of_turn>");
        try (ModelText model = ModelText.load(folder)) {
            Files.writeString(folder.resolve("chat_template.jinja"), "{{ messages | length }}{% for m in messages | reverse %}{{ m.role }}: {{ m.content }}\n{% endfor %}");
        }
        try (ModelText model = ModelText.load(folder)) {
            assertThat(learned(model, model.annotate(chat("[{'role':'user','content':'x'},{'role':'assistant','content':'abc'}]", false)))).containsExactly(" abc");
        }
    }

    @Test
    void aCallIsLearnedFromItsOpeningToItsClosing() throws Exception {
        String template = CHATML + "{{ m.content or '' }}{% for c in m.tool_calls or [] %}<call>{{ c.function | tojson }}</call>{% endfor %}<end_of_turn>\n{% endfor %}"
                + "{% if add_generation_prompt %}<start_of_turn>assistant\n{% endif %}";
        String call = "{'role':'assistant','content':null,'tool_calls':[{'function':{'name':'get','arguments':{'n':5,'city':'서울'}}}]}";
        assertThat(learned(template, "[{'role':'user','content':'x'}," + call + ",{'role':'tool','content':'20'},{'role':'assistant','content':'20 도'}]"))
                .containsExactly("<call>{\"name\": \"get\", \"arguments\": {\"n\": 5, \"city\": \"서울\"}}</call><end_of_turn>", "20 도<end_of_turn>");
    }

    @Test
    void aCallsNameInTheAnswerOfTheToolIsNotLearned() throws Exception {
        String template = "{% for m in messages %}{% if m.role == 'tool' %}<start_of_turn>{{ messages[loop.index0 - 1].tool_calls[0].function.name }}:{{ m.content }}<end_of_turn>"
                + "{% else %}<start_of_turn>{{ m.role }}\n{{ m.content or m.tool_calls[0].function.name }}<end_of_turn>{% endif %}{% endfor %}"
                + "{% if add_generation_prompt %}<start_of_turn>assistant\n{% endif %}";
        assertThat(learned(template, "[{'role':'user','content':'x'},{'role':'assistant','tool_calls':[{'function':{'name':'get'}}]},{'role':'tool','content':'20'},"
                + "{'role':'assistant','content':'ok'}]")).containsExactly("get<end_of_turn>", "ok<end_of_turn>");
    }

    @Test
    void anEmptyAnswerIsItsEnd() throws Exception {
        assertThat(learned(CHATML + "{{ m.content }}<end_of_turn>\n{% endfor %}{% if add_generation_prompt %}<start_of_turn>assistant\n{% endif %}",
                "[{'role':'user','content':'x'},{'role':'assistant','content':''}]")).containsExactly("<end_of_turn>");
    }

    @Test
    void anAnswerThatSpellsControlTokensDoesNotEndThere() throws Exception {
        assertThat(learned(CHATML + "{{ m.content }}<end_of_turn>\n{% endfor %}{% if add_generation_prompt %}<start_of_turn>assistant\n{% endif %}",
                "[{'role':'user','content':'x'},{'role':'assistant','content':'say <end_of_turn> now'}]")).containsExactly("say <end_of_turn> now<end_of_turn>");
    }

    @Test
    void aTemplateWithoutAnEndOfTurnEndsWithTheAnswer() throws Exception {
        try (ModelText model = withTemplate("{% for m in messages %}### {{ m.role }}:\n{{ m.content }}\n\n{% endfor %}{% if add_generation_prompt %}### assistant:\n{% endif %}")) {
            AnnotatedChat chat = model.annotate(chat("[{'role':'user','content':'x'},{'role':'assistant','content':'an answer'},{'role':'user','content':'y'}]", false));
            assertThat(learned(model, chat)).containsExactly("an answer");
            assertThat(chat.turns().getFirst().ended()).isFalse();
        }
    }

    @Test
    void aTokenAcrossTheBorderBelongsToThePrompt() throws Exception {
        try (ModelText model = withTemplate("{% for m in messages %}{{ m.role }}:\n{{ m.content }}<end_of_turn>{% endfor %}{% if add_generation_prompt %}assistant:\n{% endif %}")) {
            AnnotatedChat chat = model.annotate(chat("[{'role':'user','content':'x'},{'role':'assistant','content':'\\nab'}]", false));
            assertThat(learned(model, chat)).containsExactly(chat.turns().getFirst().borderMerged() ? "ab<end_of_turn>" : "\nab<end_of_turn>");
        }
    }

    @Test
    void theTokenizersOwnPrefixShiftsTheTurns() throws Exception {
        Path llama = TinyTokenizers.GEMMA2.resolveSibling("llama");
        for (String file : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.copy(llama.resolve(file), folder.resolve(file));
        }
        Files.writeString(folder.resolve("chat_template.jinja"), CHATML + "{{ m.content }}<end_of_turn>\n{% endfor %}{% if add_generation_prompt %}<start_of_turn>assistant\n{% endif %}");
        ModelText text = ModelText.load(folder);
        try (LoadedTextModel model = text.with(null, 1 << 20)) {
            beginAsServed(model, text, "[{'role':'user','content':'안녕'},{'role':'assistant','content':'네! 👍'}]");
        }
    }
}
