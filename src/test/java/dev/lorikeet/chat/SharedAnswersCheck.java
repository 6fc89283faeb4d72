package dev.lorikeet.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.chat.jinja.JinjaTemplate;
import dev.lorikeet.chat.jinja.Rendered;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// The assistant's tokens under real templates and tokenizers: `-Dtest=SharedAnswersCheck -Dshared=<folder>`.
class SharedAnswersCheck {
    private static final Path SHARED = Path.of(System.getProperty("shared", ""));
    private static final List<Map<String, Object>> MESSAGES = List.of(Map.of("role", "user", "content", "first question"),
            Map.of("role", "assistant", "content", " Answer one! "), Map.of("role", "user", "content", "질문 둘"),
            Map.of("role", "assistant", "content", "답 둘 👍\nand more"));

    private int turns;
    private int ended;
    private int begunAsServed;
    private int blocks;
    private final List<String> otherwise = new ArrayList<>();
    private final List<String> merged = new ArrayList<>();

    @Test
    void underEveryTemplateAnswersAndNothingElseAreLearned() throws IOException {
        List<String> refused = new ArrayList<>();
        for (String tokenizer : List.of("qwen3", "llama3", "gemma", "llama2-meta")) {
            ModelText text = ModelText.load(SHARED.resolve("tokenizers").resolve(tokenizer));
            try (LoadedTextModel model = text.with(null, 1 << 20); Stream<Path> templates = Files.list(SHARED.resolve("templates"))) {
                for (Path template : templates.filter(file -> file.toString().endsWith(".jinja")).sorted().toList()) {
                    try {
                        check(tokenizer + " " + template.getFileName(), model, text, Files.readString(template));
                    } catch (TemplateRefusal e) {
                        refused.add(tokenizer + " " + template.getFileName() + ": " + e.getMessage());
                    }
                }
            }
        }
        System.getLogger(SharedAnswersCheck.class.getName()).log(System.Logger.Level.INFO,
                "{0} turns, {1} ended, {2} begun as served, {3} chats as their generation blocks; do not begin with the prompt: {4}; "
                + "one token across the border: {5}; refused: {6}", turns, ended, begunAsServed, blocks, otherwise, merged, refused);
        assertThat(turns).isGreaterThan(220);
        assertThat(begunAsServed).isGreaterThan(180);
        assertThat(blocks).isPositive();
    }

    private void check(String name, LoadedTextModel model, ModelText text, String template) {
        AnnotatedChat chat = text.annotate(prompt(4, false, template));
        assertThat(chat.ids()).as(name).containsExactly(model.prompt(prompt(4, false, template)).ids());
        assertThat(chat.turns()).as(name).hasSize(2);
        StringBuilder learned = new StringBuilder();
        for (int i = 0; i < 2; i++) {
            AnnotatedChat.Turn turn = chat.turns().get(i);
            String answer = text.tokenizer().decode(Arrays.copyOfRange(chat.ids(), turn.from(), turn.to()), false);
            learned.append(answer);
            turns++;
            ended += turn.ended() ? 1 : 0;
            assertThat(answer).as(name).contains(i == 0 ? "nswer one!" : "둘 👍\nand more").doesNotContain("question", "질문", i == 0 ? "답" : "nswer one");
            Prompt before = model.prompt(prompt(turn.message(), true, template));
            if (!chat.text().startsWith(before.text())) {
                otherwise.add(name + " " + turn.message());
            } else if (turn.borderMerged()) {
                merged.add(name + " " + turn.message());
            } else {
                begunAsServed++;
                assertThat(Arrays.copyOf(chat.ids(), turn.from())).as(name).containsExactly(before.ids());
            }
        }
        generation(name, template, learned.toString(), chat.turns().stream().allMatch(AnnotatedChat.Turn::ended));
    }

    // Where a template says itself what is to be learned, that is what is learned, line breaks behind a turn aside.
    private void generation(String name, String template, String learned, boolean ended) {
        if (!template.contains("generation %}") && !template.contains("generation -%}") || !ended) {
            return;
        }
        Map<String, Object> variables = new HashMap<>(Map.of("messages", MESSAGES, "add_generation_prompt", false));
        Rendered rendered = JinjaTemplate.compile(template).render(Map.of(), variables);
        String generated = rendered.generated().stream().map(range -> rendered.text().substring(range.start(), range.end()).stripTrailing()).collect(Collectors.joining());
        if (!generated.isEmpty()) {
            assertThat(learned).as(name).isEqualTo(generated);
            blocks++;
        }
    }

    private static ChatPrompt prompt(int messages, boolean generation, String template) {
        return new ChatPrompt(MESSAGES.subList(0, messages), List.of(), List.of(), generation, false, Map.of(), Optional.of(template));
    }
}
