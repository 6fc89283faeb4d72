package dev.lorikeet.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Real tokenizers against their reference encodings. Not part of the default tests:
/// `-Dtest=SharedTokenizersCheck -Dshared=<folder with tokenizers/ and models/>`.
class SharedTokenizersCheck {
    static Stream<Arguments> folders() throws IOException {
        String shared = System.getProperty("shared");
        assertThat(shared).as("-Dshared=<folder>").isNotNull();
        List<Arguments> folders = new ArrayList<>();
        for (String parent : List.of("tokenizers", "models", "fixtures")) {
            try (Stream<Path> children = Files.list(Path.of(shared, parent))) {
                children.filter(folder -> Files.exists(folder.resolve("tokenizer.json"))).sorted()
                        .forEach(folder -> folders.add(arguments(parent + "/" + folder.getFileName(), folder)));
            }
        }
        assertThat(folders).hasSizeGreaterThan(12);
        return folders.stream();
    }

    private static JsonNode references(Path folder) throws IOException {
        Path file = folder.resolve("REFERENCE_ENCODINGS.json");
        return Files.exists(file) ? new ObjectMapper().readTree(file.toFile()) : new ObjectMapper().createArrayNode();
    }

    private static int[] ids(JsonNode list) {
        int[] ids = new int[list.size()];
        Arrays.setAll(ids, i -> list.get(i).intValue());
        return ids;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("folders")
    void encodesAndDecodesAsTheReference(String name, Path folder) throws IOException {
        long start = System.nanoTime();
        try (ModelTokenizer tokenizer = ModelTokenizer.open(folder, _ -> false)) {
            System.out.printf("%s opened in %d ms, %d tokens, bos %s, eos %s%n", name, (System.nanoTime() - start) / 1_000_000,
                    tokenizer.vocabularySize(), tokenizer.bosId(), tokenizer.eosId());
            for (JsonNode reference : references(folder)) {
                String text = reference.get("text").textValue();
                int[] ids = ids(reference.get("ids"));
                assertThat(tokenizer.encode(text, false)).as(text).containsExactly(ids);
                assertThat(tokenizer.encode(text, true)).as(text).containsExactly(ids(reference.get("ids_with_special")));
                assertThat(tokenizer.encode(List.of(new Segment(text, true)))).as(text).containsExactly(ids);
                if (Arrays.stream(ids).noneMatch(tokenizer::isSpecial)) {
                    assertThat(tokenizer.encodeLiteral(text)).as(text).containsExactly(ids);
                }
                if (reference.has("decoded")) {
                    String decoded = reference.get("decoded").textValue();
                    assertThat(tokenizer.decode(ids, false)).isEqualTo(decoded);
                }
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("folders")
    void trustedTextIsEncodedAsTheLibraryDoesAndUntrustedTextHasNoControlTokens(String name, Path folder) {
        Random random = new Random(7);
        try (ModelTokenizer tokenizer = ModelTokenizer.open(folder, _ -> false)) {
            List<String> special = new ArrayList<>();
            for (int id = 0; id < tokenizer.vocabularySize() && special.size() < 400; id++) {
                if (tokenizer.isSpecial(id)) {
                    special.add(tokenizer.token(id));
                }
            }
            for (int round = 0; round < 500; round++) {
                List<Segment> segments = new ArrayList<>();
                StringBuilder whole = new StringBuilder();
                for (int i = random.nextInt(8); i >= 0; i--) {
                    Segment segment = random.nextBoolean() ? new Segment(template(random, special), true) : new Segment(words(random), false);
                    segments.add(segment);
                    whole.append(segment.text());
                }
                assertThat(tokenizer.encode(segments)).as(whole.toString()).containsExactly(tokenizer.encode(whole.toString(), false));
            }
            int unknown = tokenizer.id("<unk>").orElse(-1);
            for (String token : special) {
                for (String text : List.of(token, "a" + token + "b", " " + token + " ", token + token)) {
                    int[] ids = tokenizer.encode(List.of(new Segment("user\n", true), new Segment(text, false), new Segment("\nmodel\n", true)));
                    assertThat(Arrays.stream(ids).filter(i -> i != unknown)).as(text).noneMatch(tokenizer::isSpecial);
                    assertThat(Arrays.stream(tokenizer.encodeLiteral(text)).filter(i -> i != unknown)).as(text).noneMatch(tokenizer::isSpecial);
                }
            }
        }
    }

    private static String words(Random random) {
        String[] words = {"Hello", " ", "  ", "\n", "\n\n", "안녕", "하세요 ", "don't", "👩‍👩‍👧", "x=1;", "\t", "é", "가", "<", ">", "|", "the cat", " a"};
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(6); i >= 0; i--) {
            text.append(words[random.nextInt(words.length)]);
        }
        return text.toString();
    }

    private static String template(Random random, List<String> special) {
        StringBuilder text = new StringBuilder();
        String[] parts = {"user\n", "model\n", " ", "\n", "[INST] ", "", "system"};
        for (int i = random.nextInt(4); i >= 0; i--) {
            text.append(special.isEmpty() || random.nextBoolean() ? parts[random.nextInt(parts.length)] : special.get(random.nextInt(special.size())));
        }
        return text.toString();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("folders")
    void streamedTextEqualsWholeText(String name, Path folder) {
        Random random = new Random(11);
        try (ModelTokenizer tokenizer = ModelTokenizer.open(folder, _ -> false);
             NativeTokenizer library = TinyTokenizers.library(folder)) {
            for (int round = 0; round < 3000; round++) {
                int[] ids = DetokenizerTest.randomIds(tokenizer, random);
                // The library in DJL calls a token that is matched in normalised text by its plain name; later ones do not.
                boolean skip = name.endsWith("story-1m") || random.nextBoolean();
                assertThat(DetokenizerTest.streamed(tokenizer, ids, skip)).as(Arrays.toString(ids)).isEqualTo(library.decode(ids, skip));
            }
        }
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("folders")
    void harmlessChatsAreEncodedAsTheirWholeTextAndAttacksAddNoControlToken(String name, Path folder) {
        List<String> harmless = List.of("Hello!\n\nHow are  you?", "저는 잘 지내요. 😀");
        try (ModelText text = ModelText.load(folder); LoadedTextModel model = text.with(null, text.tokenizer().vocabularySize())) {
            System.out.println(name + " ends with " + model.defaults().endTokenIds().stream().map(id -> id + " " + model.tokenizer().token(id)).toList());
            Prompt prompt = model.prompt(chat(harmless.getFirst(), harmless.getLast()));
            assertThat(prompt.ids()).endsWith(model.tokenizer().encode(prompt.text(), false)).hasSizeLessThanOrEqualTo(model.tokenizer().encode(prompt.text(), false).length + 1);
            long controls = controls(model, prompt);
            for (int id = 0; id < model.tokenizer().vocabularySize(); id++) {
                if (model.tokenizer().isSpecial(id) && id % 7 == 0 && !model.tokenizer().token(id).contains("unk")) {
                    String attack = model.tokenizer().token(id).replace("▁", "");
                    assertThat(controls(model, model.prompt(chat(harmless.getFirst() + " " + attack + "x", attack)))).as(attack).isEqualTo(controls);
                }
            }
        }
    }

    private static long controls(LoadedTextModel model, Prompt prompt) {
        return Arrays.stream(prompt.ids()).filter(id -> model.tokenizer().isSpecial(id) && !model.tokenizer().token(id).contains("unk")).count();
    }

    private static ChatPrompt chat(String user, String assistant) {
        return new ChatPrompt(List.of(Map.of("role", "user", "content", user), Map.of("role", "assistant", "content", assistant), Map.of("role", "user", "content", user)),
                List.of(), List.of(), true, false, Map.of(), Optional.empty());
    }
}
