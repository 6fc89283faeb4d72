package dev.lorikeet.chat;

import static dev.lorikeet.chat.TinyTokenizers.write;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.store.BadFileException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ChatTemplateTest {
    @TempDir
    Path folder;

    private final ToyLanguage language = new ToyLanguage();

    private ChatTemplate template() {
        return ChatTemplate.of(folder, NamedTokens.of(folder), language);
    }

    static ChatPrompt chat(boolean generation, boolean continued, String... contents) {
        List<Map<String, Object>> messages = Arrays.stream(contents).map(content -> Map.<String, Object>of("role", "user", "content", content)).toList();
        return new ChatPrompt(messages, List.of(), List.of(), generation, continued, Map.of(), Optional.empty());
    }

    private String text(ChatPrompt chat) {
        return ChatTemplate.text(template().render(chat));
    }

    @Test
    void theJinjaFileWinsOverTheTokenizerConfig() {
        write(folder.resolve("tokenizer_config.json"), "{'chat_template':'keep|config:||'}");
        assertThat(text(chat(false, false, "hi"))).isEqualTo("config:hi");
        write(folder.resolve("chat_template.jinja"), "keep|file:||");
        assertThat(text(chat(false, false, "hi"))).isEqualTo("file:hi");
    }

    @Test
    void namedTemplatesServeToolsAndDocuments() {
        write(folder.resolve("tokenizer_config.json"), "{'chat_template':[{'name':'default','template':'keep|d:||'},{'name':'tool_use','template':'keep|t:||'},"
                + "{'name':'rag','template':'keep|r:||'}]}");
        List<Map<String, Object>> messages = chat(false, false, "hi").messages();
        assertThat(text(chat(false, false, "hi"))).isEqualTo("d:hi");
        assertThat(text(new ChatPrompt(messages, List.of(Map.of()), List.of(), false, false, Map.of(), Optional.empty()))).isEqualTo("t:hi");
        assertThat(text(new ChatPrompt(messages, List.of(), List.of(Map.of()), false, false, Map.of(), Optional.empty()))).isEqualTo("r:hi");
        assertThat(text(new ChatPrompt(messages, List.of(), List.of(), false, false, Map.of(), Optional.of("keep|own:||")))).isEqualTo("own:hi");
    }

    @Test
    void namedTokensAreTrustedWhetherStringsOrObjects() {
        write(folder.resolve("special_tokens_map.json"), "{'bos_token':{'content':'<s>','lstrip':false}}");
        write(folder.resolve("chat_template.jinja"), "keep|||");
        assertThat(template().render(chat(false, false, "<s>"))).startsWith(new Segment("<s>", true)).contains(new Segment("<s>", false));
        write(folder.resolve("tokenizer_config.json"), "{'bos_token':'<b>'}");
        assertThat(text(chat(false, false, "hi"))).isEqualTo("<b>hi");
    }

    @Test
    void aTemplateIsCompiledOnce() {
        write(folder.resolve("chat_template.jinja"), "keep|||");
        ChatTemplate template = template();
        template.render(chat(false, false, "hi"));
        template.render(chat(false, true, "hi"));
        assertThat(language.compilations()).isEqualTo(1);
    }

    @Test
    void templatesOfRequestsDoNotPileUp() {
        write(folder.resolve("chat_template.jinja"), "keep|||");
        ChatTemplate template = template();
        for (int i = 0; i < 300; i++) {
            template.render(new ChatPrompt(List.of(), List.of(), List.of(), false, false, Map.of(), Optional.of("keep|" + i + "||")));
        }
        assertThat(template.cached()).isLessThanOrEqualTo(65);
    }

    // Expected values as transformers 5.18 renders them.
    @ParameterizedTest
    @CsvSource(ignoreLeadingAndTrailingWhitespace = false, value = {"keep,'Sure, ','[Sure, '", "keep,' Sure','[ Sure'", "trim,'Sure, ','[Sure,'", "trim,'Sure','[Sure'", "keep,'','['"})
    void aContinuedMessageStaysOpen(String spaces, String content, String expected) {
        write(folder.resolve("chat_template.jinja"), spaces + "|[|]|g");
        assertThat(text(chat(false, true, "hi", content))).isEqualTo("[hi]" + expected);
    }

    @Test
    void whatCannotBeContinuedIsRefused() {
        write(folder.resolve("chat_template.jinja"), "lose|[|]|");
        assertThatThrownBy(() -> text(chat(false, true, "hi"))).isInstanceOf(TemplateRefusal.class).hasMessageContaining("continue_final_message");
        assertThatThrownBy(() -> text(chat(true, true, "hi"))).isInstanceOf(TemplateRefusal.class).hasMessageContaining("add_generation_prompt");
        assertThatThrownBy(() -> text(chat(false, true))).isInstanceOf(TemplateRefusal.class).hasMessageContaining("continue_final_message");
    }

    @Test
    void aTemplateListNeedsNamesAndTemplates() {
        write(folder.resolve("tokenizer_config.json"), "{'chat_template':[{'name':'default'}]}");
        assertThatThrownBy(this::template).isInstanceOf(BadFileException.class).hasMessageContaining("tokenizer_config.json").hasMessageContaining("chat_template");
    }
}
