package dev.lorikeet.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.engine.GenerationRequest;
import dev.lorikeet.engine.Generator;
import dev.lorikeet.engine.LoadedAdapter;
import dev.lorikeet.engine.TokenStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AdaptedTextTest {
    private static final Path BASE = Path.of("src/test/resources/fixtures/llama");

    @TempDir
    Path folder;

    private final LoadedTextModel base = ModelText.load(BASE).with(new Generator() {
        @Override
        public TokenStream submit(GenerationRequest request) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void release(LoadedAdapter adapter) {}

        @Override
        public int maxContext() {
            return 64;
        }
    }, 100_000);

    @AfterEach
    void close() {
        base.close();
    }

    private static ChatPrompt chat() {
        return new ChatPrompt(List.of(Map.of("role", "user", "content", "hello")), List.of(), List.of(), true, false, Map.of(), Optional.empty());
    }

    @Test
    void aFolderWithoutTextFilesOrWithTheBasesIsServedWithTheBasesText() throws Exception {
        try (var adapted = base.adapted(folder, Set.of())) {
            assertThat(adapted.model()).isSameAs(base);
        }
        Files.copy(BASE.resolve("tokenizer.json"), folder.resolve("tokenizer.json"));
        Files.copy(BASE.resolve("chat_template.jinja"), folder.resolve("chat_template.jinja"));
        try (var adapted = base.adapted(folder, Set.of())) {
            assertThat(adapted.model()).isSameAs(base);
            assertThat(adapted.own()).isEmpty();
        }
    }

    @Test
    void aTemplateOfItsOwnIsUsed() throws Exception {
        Files.writeString(folder.resolve("chat_template.jinja"), "Q: {{ messages[0].content }}\nA:");
        try (var adapted = base.adapted(folder, Set.of())) {
            assertThat(adapted.ownTemplate()).isTrue();
            assertThat(adapted.ownTokenizer()).isFalse();
            assertThat(adapted.model().prompt(chat()).text()).isEqualTo("Q: hello\nA:");
            assertThat(base.prompt(chat()).text()).isNotEqualTo("Q: hello\nA:");
            assertThat(adapted.model().templateSha256()).hasSize(64).isNotEqualTo(base.templateSha256());
        }
    }

    @Test
    void aTokenizerOfItsOwnIsUsed() throws Exception {
        Files.copy(Path.of("src/test/resources/fixtures/gemma/tokenizer.json"), folder.resolve("tokenizer.json"));
        Files.writeString(folder.resolve("tokenizer.json"), Files.readString(folder.resolve("tokenizer.json")) + "\n");
        try (var adapted = base.adapted(folder, Set.of()); var own = ModelText.load(folder)) {
            assertThat(adapted.ownTokenizer()).isTrue();
            assertThat(adapted.model().prompt("hello there", false).ids()).isEqualTo(own.tokenizer().encode("hello there", false));
        }
    }

    @Test
    void itsEndTokensEndTextsBesidesTheBases() {
        try (var adapted = base.adapted(folder, Set.of(77))) {
            assertThat(adapted.model().defaults().endTokenIds()).contains(77).containsAll(base.defaults().endTokenIds());
            assertThat(base.defaults().endTokenIds()).doesNotContain(77);
        }
    }
}
