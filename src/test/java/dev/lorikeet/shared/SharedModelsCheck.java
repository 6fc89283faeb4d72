package dev.lorikeet.shared;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.chat.ChatPrompt;
import dev.lorikeet.chat.Prompt;
import dev.lorikeet.chat.TextEvent;
import dev.lorikeet.model.Fixtures;
import dev.lorikeet.store.BadFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Real checkpoints against what `transformers` makes of them, through tokenizer, template, engine and detokenizer.
/// Not part of the default tests: `-Dtest='Shared*Check' -Dshared=<folder with models/>`.
class SharedModelsCheck {
    private static Path models() {
        String shared = System.getProperty("shared");
        assertThat(shared).as("-Dshared=<folder>").isNotNull();
        return Path.of(shared, "models");
    }

    static Stream<Arguments> stories() {
        var runs = new ArrayList<Arguments>();
        References.read(models().resolve("stories260K-hf/REFERENCE_OUTPUT.txt")).forEach(run -> runs.add(arguments("stories260K-hf", run)));
        for (String file : List.of("REFERENCE_OUTPUT.txt", "REFERENCE_LONG.txt")) {
            for (var run : References.read(models().resolve("story-1m").resolve(file))) {
                runs.add(arguments("story-1m", run));
                // The same weights in four files.
                runs.add(arguments("story-1m-variants/sharded", run));
            }
        }
        assertThat(runs).hasSizeGreaterThanOrEqualTo(12);
        return runs.stream();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("stories")
    void greedyTextIsThatOfTheReference(String folder, References.Run reference) throws Exception {
        try (var model = ServedFolder.open(models().resolve(folder), "auto")) {
            Prompt prompt = model.text().prompt(reference.prompt(), true);
            assertThat(prompt.ids()).containsExactly(reference.promptIds());
            checkFirstToken(model, prompt.ids(), reference.top(), 2e-4);
            checkGreedy(model, prompt.ids(), reference.outputIds());
            // How a special token in the middle of a text looks differs between versions of the library, so the last one is left out.
            int[] all = IntStream.concat(Arrays.stream(prompt.ids()), Arrays.stream(withoutEnd(model, reference.outputIds()))).toArray();
            String end = all.length < prompt.ids().length + reference.outputIds().length ? "<|end_story|>" : "";
            assertThat(model.text().tokenizer().decode(all, false) + end).isEqualTo(reference.text());
        }
    }

    @Test
    void aLongGreedyTextFromTheBeginningOfTextAloneIsThatItsAuthorPublished() throws Exception {
        Path folder = models().resolve("stories260K-hf");
        String file = References.text(folder.resolve("REFERENCE_LONG.txt"));
        int[] ids = References.ints(file.lines().filter(line -> line.startsWith("ids: ")).findFirst().orElseThrow().substring(5));
        assertThat(ids).hasSize(257);
        String published = file.substring(file.lastIndexOf("):\n") + 3).strip();
        try (var model = ServedFolder.open(folder, "auto")) {
            checkGreedy(model, new int[] {ids[0]}, Arrays.copyOfRange(ids, 1, ids.length));
            assertThat(model.greedy(new int[] {ids[0]}, 256).text().strip()).isEqualTo(published);
        }
    }

    /// Sixteen-bit weights are bit for bit the float32 model's, so that computing in float32 gives the float32 reference.
    @ParameterizedTest
    @ValueSource(strings = {"bf16", "fp16"})
    void sixteenBitWeightsComputedInFloat32GiveTheReference(String variant) throws Exception {
        Path folder = models().resolve("story-1m-variants").resolve(variant);
        String file = References.text(folder.resolve("REFERENCE_OUTPUT.txt"));
        int[] prompt = References.ints(file.substring(file.indexOf("input_ids ") + 10, file.indexOf('\n')));
        try (var model = ServedFolder.open(folder, "float32")) {
            checkFirstToken(model, prompt, References.top(file.substring(file.indexOf("top10 ") + 6).strip()), 2e-4);
        }
    }

    /// Logits span some 12 here; bfloat16 has 8 significant bits, float16 has 11.
    @ParameterizedTest
    @MethodSource("halves")
    void sixteenBitArithmeticStaysCloseToTheReference(String variant, double tolerance) throws Exception {
        Path folder = models().resolve("story-1m-variants").resolve(variant);
        var reference = References.read(models().resolve("story-1m/REFERENCE_OUTPUT.txt")).getFirst();
        try (var model = ServedFolder.open(folder, "auto")) {
            checkFirstToken(model, reference.promptIds(), reference.top(), tolerance);
            assertThat(model.greedy(reference.promptIds(), 8).ids()).startsWith(reference.outputIds()[0]);
        }
    }

    static Stream<Arguments> halves() {
        return Stream.of(arguments("bf16", 0.15), arguments("fp16", 0.02));
    }

    @Test
    void aPickleIsRefusedByItsName() {
        assertThatThrownBy(() -> ServedFolder.open(models().resolve("story-1m-variants/pytorch_bin"), "auto")).isInstanceOf(BadFileException.class)
                .hasMessageContaining("pickle").hasMessageContaining("pytorch_model.bin").hasMessageContaining("safetensors");
    }

    static Stream<JsonNode> demoCases() {
        var cases = Fixtures.json(models().resolve("demo/REFERENCE.json")).get("cases");
        assertThat(cases).hasSize(12);
        return StreamSupport.stream(cases.spliterator(), false);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("demoCases")
    void theDemoModelAnswersAsInTransformers(JsonNode reference) throws Exception {
        String dtype = reference.get("dtype").textValue();
        try (var model = ServedFolder.open(models().resolve("demo"), dtype)) {
            Prompt prompt = model.text().prompt(chat(reference.get("messages")));
            assertThat(prompt.text()).isEqualTo(reference.get("prompt").textValue());
            assertThat(prompt.ids()).containsExactly(Fixtures.ints(reference.get("input_ids")));
            checkFirstToken(model, prompt.ids(), exact(reference), dtype.equals("float32") ? 2e-4 : 0.15);
            checkGreedy(model, prompt.ids(), Fixtures.ints(reference.get("greedy_ids")));
            assertThat(model.greedy(prompt.ids(), 64).text()).isEqualTo(reference.get("text").textValue());
        }
    }

    /// What `transformers` computes in float32 for the same messages, which is what any computation in bfloat16 rounds: its own is up to 0.142
    /// from it, in another direction than ours.
    private static Map<Integer, Double> exact(JsonNode reference) {
        var exact = demoCases().filter(other -> other.get("dtype").textValue().equals("float32") && other.get("messages").equals(reference.get("messages")))
                .findFirst().orElseThrow();
        return References.top(exact.get("top10").toString());
    }

    private static ChatPrompt chat(JsonNode messages) {
        var list = new ArrayList<Map<String, Object>>();
        messages.forEach(message -> list.add(Map.of("role", message.get("role").textValue(), "content", message.get("content").textValue())));
        return new ChatPrompt(list, List.of(), List.of(), true, false, Map.of(), Optional.empty());
    }

    /// Logits and log-probabilities differ by the same number for every token, so both are compared relative to the first.
    private static void checkFirstToken(ServedFolder model, int[] prompt, Map<Integer, Double> top, double tolerance) throws InterruptedException {
        if (top.isEmpty()) {
            return;
        }
        var actual = model.firstToken(prompt, 20);
        int best = top.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
        assertThat(actual).containsKey(best);
        top.forEach((id, value) -> assertThat(actual.get(id) - actual.get(best)).as("token %d", id).isCloseTo(value - top.get(best), within(tolerance)));
    }

    private static void checkGreedy(ServedFolder model, int[] prompt, int[] expected) throws InterruptedException {
        var text = model.greedy(prompt, expected.length);
        int[] visible = withoutEnd(model, expected);
        boolean ended = visible.length < expected.length;
        assertThat(text.ids()).containsExactly(visible);
        assertThat(text.end().kind()).isEqualTo(ended ? TextEvent.StopKind.END_TOKEN : TextEvent.StopKind.MAX_TOKENS);
        assertThat(text.end().usage().completionTokens()).isEqualTo(expected.length);
        assertThat(text.text()).isEqualTo(model.text().tokenizer().decode(text.ids(), true));
    }

    private static int[] withoutEnd(ServedFolder model, int[] ids) {
        boolean ended = model.text().defaults().endTokenIds().contains(ids[ids.length - 1]);
        return ended ? Arrays.copyOf(ids, ids.length - 1) : ids;
    }
}
