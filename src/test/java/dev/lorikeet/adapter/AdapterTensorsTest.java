package dev.lorikeet.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.model.Fixtures;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.SafetensorsFile;
import dev.lorikeet.model.SafetensorsWriter;
import dev.lorikeet.model.SafetensorsWriter.Item;
import dev.lorikeet.tensor.ElementType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a file must have, may have and must not have, said about every tensor at once.
class AdapterTensorsTest {
    private static final Path GOOD = Fixtures.folder("llama").resolve("lora/end");
    private static final String LAYER = "base_model.model.model.layers.0.";
    private static LoadedModel base;

    @TempDir
    Path folder;
    private final Map<String, long[]> shapes = new TreeMap<>();
    private ObjectNode config;

    @BeforeAll
    static void load() {
        base = Fixtures.load("llama", "float32");
    }

    @AfterAll
    static void close() {
        base.close();
    }

    @BeforeEach
    void takeAGoodOne() throws IOException {
        config = (ObjectNode) new ObjectMapper().readTree(GOOD.resolve("adapter_config.json").toFile());
        try (var arena = Arena.ofConfined()) {
            SafetensorsFile.open(GOOD.resolve("adapter_model.safetensors"), arena).tensors().values().forEach(tensor -> shapes.put(tensor.name(), tensor.shape()));
        }
    }

    private void read() throws IOException {
        Files.writeString(folder.resolve("adapter_config.json"), config.toString());
        SafetensorsWriter.write(folder.resolve("adapter_model.safetensors"), shapes.entrySet().stream().map(tensor -> new Item(tensor.getKey(),
                ElementType.FLOAT32, tensor.getValue(), arena -> arena.allocate(elements(tensor.getValue()) * Float.BYTES))).toList(), Map.of());
        AdapterReader.read(folder, base).close();
    }

    private static long elements(long[] shape) {
        long elements = 1;
        for (long size : shape) {
            elements *= size;
        }
        return elements;
    }

    private void refused(String... named) {
        assertThatThrownBy(this::read).isInstanceOf(AdapterRefusal.class).hasMessageContainingAll(named);
    }

    private void change(Consumer<ObjectNode> change) {
        change.accept(config);
    }

    @Test
    void whatTheConfigPromisesIsRead() throws IOException {
        read();
    }

    @Test
    void everyMissingTensorIsNamedHoweverMany() {
        var gone = shapes.keySet().stream().filter(name -> name.contains("layers.1.") || name.contains("v_proj.lora_A")).toList();
        assertThat(gone).hasSizeGreaterThan(14);
        shapes.keySet().removeAll(gone);
        refused(gone.toArray(String[]::new));
        refused(gone.size() + " tensors are missing");
    }

    @Test
    void everyTensorOfAnotherModelIsNamedHoweverMany() {
        for (int i = 0; i < 40; i++) {
            shapes.put("base_model.model.transformer.h." + i + ".c_attn.lora_A.weight", new long[] {4, 8});
        }
        refused("40 of its tensors belong to no module of this model", "h.39.c_attn.lora_A.weight", "h.0.c_attn.lora_A.weight");
    }

    @Test
    void everyTensorOfAnotherShapeIsNamedWithBothShapes() {
        shapes.put(LAYER + "self_attn.q_proj.lora_A.weight", new long[] {4, 9});
        shapes.put(LAYER + "mlp.up_proj.lora_B.weight", new long[] {3, 4});
        refused("2 of its tensors", "q_proj.lora_A.weight` is [4, 9] instead of [4, ", "up_proj.lora_B.weight` is [3, 4] instead of [");
    }

    @Test
    void aRankThatIsNotTheConfigsIsAnotherShape() {
        change(c -> c.put("r", 8));
        refused("the rank in adapter_config.json", "is [4, ", "instead of [8, ");
    }

    @Test
    void whatIsMissingAndWhatIsTooMuchStandInOneMessage() {
        shapes.remove(LAYER + "mlp.up_proj.lora_B.weight");
        shapes.put("base_model.model.nobody.lora_A.weight", new long[] {4, 8});
        refused("1 of its tensors belong to no module", "`base_model.model.nobody.lora_A.weight`", "1 tensors are missing",
                "`" + LAYER + "mlp.up_proj.lora_B.weight`");
    }

    /// PEFT would drop it, so it was not trained, or the config is not its own.
    @Test
    void matricesOfAModuleThatIsNotTargetedAreTooMuch() {
        change(c -> c.putArray("target_modules").add("q_proj"));
        refused("adapter_config.json does not ask for them", "v_proj.lora_A.weight", "down_proj.lora_B.weight");
    }

    @Test
    void magnitudesWithoutDoraAreTooMuchAndWithDoraMustBeThere() {
        shapes.put(LAYER + "self_attn.q_proj.lora_magnitude_vector", new long[] {4});
        refused("does not ask for them", "q_proj.lora_magnitude_vector");
        shapes.remove(LAYER + "self_attn.q_proj.lora_magnitude_vector");
        change(c -> c.put("use_dora", true));
        refused("tensors are missing", LAYER + "self_attn.q_proj.lora_magnitude_vector", LAYER + "mlp.down_proj.lora_magnitude_vector");
    }

    @Test
    void biasesOfBMustBeThereExactlyIfTheConfigSaysSo() {
        change(c -> c.put("lora_bias", true));
        refused("tensors are missing", LAYER + "self_attn.q_proj.lora_B.bias");
        change(c -> c.put("lora_bias", false));
        shapes.put(LAYER + "self_attn.q_proj.lora_B.bias", new long[] {4});
        refused("does not ask for them", LAYER + "self_attn.q_proj.lora_B.bias");
    }

    @Test
    void wholeModulesMustBeThereExactlyIfTheConfigSaysSo() {
        change(c -> c.putArray("modules_to_save").add("norm"));
        refused("tensors are missing", "base_model.model.model.norm.weight", LAYER + "input_layernorm.weight");
        change(c -> c.putNull("modules_to_save"));
        shapes.put("base_model.model.model.norm.weight", base.shape(base.sites().of("model.norm").getFirst().index()));
        refused("does not ask for them", "base_model.model.model.norm.weight");
    }

    @Test
    void rowsOfTokensMustBeThereAndOnlyOfTheInput() {
        change(c -> c.putArray("trainable_token_indices").add(1).add(2));
        refused("tensors are missing", "base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta");
        change(c -> c.putObject("trainable_token_indices").putArray("lm_head").add(1));
        refused("trainable_token_indices", "lm_head", "embed_tokens only");
        change(c -> c.putNull("trainable_token_indices"));
        shapes.put("base_model.model.lm_head.token_adapter.trainable_tokens_delta", new long[] {1, 8});
        refused("does not ask for them", "lm_head.token_adapter");
    }

    @Test
    void rowsOfTokensThatAreNoListOrOfTwoModulesAreRefused() {
        change(c -> c.put("trainable_token_indices", 5));
        refused("trainable_token_indices", "has 5 where a list");
        change(c -> c.putObject("trainable_token_indices").put("embed_tokens", 5));
        refused("trainable_token_indices", "has 5 where a list");
        change(c -> {
            var modules = c.putObject("trainable_token_indices");
            modules.putArray("embed_tokens").add(1);
            modules.putArray("model.embed_tokens").add(2);
        });
        refused("trainable_token_indices", "several modules");
    }

    @Test
    void aTextOfExcludedModulesIsARegularExpression() throws IOException {
        shapes.keySet().removeIf(name -> name.contains("mlp"));
        change(c -> c.put("exclude_modules", ".*\\.mlp\\..*"));
        read();
        change(c -> c.put("exclude_modules", "(("));
        refused("exclude_modules", "not a regular expression");
    }

    @Test
    void aVocabularyThatWasResizedIsRefusedAsThat() {
        shapes.put("base_model.model.model.embed_tokens.weight", new long[] {10, 8});
        refused("embed_tokens.weight` is [10, 8] instead of [", "a resized vocabulary is not supported");
    }
}
