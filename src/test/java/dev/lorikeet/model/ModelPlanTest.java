package dev.lorikeet.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.store.BadFileException;
import dev.lorikeet.tensor.ElementType;
import dev.lorikeet.tensor.TensorDevice;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Folders that are wrong in some way: what is said, and that nothing of them is loaded.
class ModelPlanTest {
    @TempDir
    Path folder;

    @BeforeEach
    void copyLlama() throws IOException {
        for (String file : new String[] {"config.json", "tokenizer.json", "model.safetensors"}) {
            Files.copy(Fixtures.folder("llama").resolve(file), folder.resolve(file));
        }
    }

    private ModelPlan plan(String dtype, int context, int batch) {
        return ModelPlan.of(folder, new ModelPlan.Options(new TensorDevice.Cpu(), dtype, context, batch));
    }

    private void load() {
        LoadedModel.load(plan("auto", 0, 2), _ -> { }).close();
    }

    private void config(UnaryOperator<String> change) throws IOException {
        var file = folder.resolve("config.json");
        Files.writeString(file, change.apply(Files.readString(file)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "\"model_type\": \"llama\"|\"model_type\": \"mamba\"|`model_type` is `mamba`",
        "\"vocab_size\": 512|\"quantization_config\": {\"quant_method\": \"gptq\"}, \"vocab_size\": 512|`quantization_config`",
        "\"rope_type\": \"default\"|\"rope_type\": \"yarn\"|`rope_parameters.rope_type` is `yarn`",
        "\"hidden_act\": \"silu\"|\"hidden_act\": \"relu\"|`hidden_act` is `relu`",
        "\"hidden_size\": 64|\"hidden_size\": \"64\"|`hidden_size` must be a positive integer",
        "\"hidden_size\": 64|\"hiden_size\": 64|`hidden_size` is missing",
        "\"num_key_value_heads\": 2|\"num_key_value_heads\": 3|`num_key_value_heads` is 3",
        "\"dtype\": \"float32\"|\"dtype\": \"float8_e4m3fn\"|`dtype` is `float8_e4m3fn`",
        "\"vocab_size\": 512|\"num_local_experts\": 8, \"vocab_size\": 512|`num_local_experts`"})
    void aConfigThatCannotBeServedIsRefusedByTheFieldsName(String from, String to, String message) throws IOException {
        config(text -> text.replace(from, to));
        assertThatThrownBy(() -> plan("auto", 0, 2)).isInstanceOf(BadFileException.class).hasMessageContaining("config.json").hasMessageContaining(message);
    }

    @Test
    void aConfigThatIsNoJsonOrMissingIsNamed() throws IOException {
        config(text -> text.substring(0, 40));
        assertThatThrownBy(() -> plan("auto", 0, 2)).isInstanceOf(BadFileException.class).hasMessageContaining("not valid JSON (line")
                .hasMessageNotContainingAny("Source", "REDACTED");
        Files.delete(folder.resolve("config.json"));
        assertThatThrownBy(() -> plan("auto", 0, 2)).isInstanceOf(BadFileException.class).hasMessageContaining("missing");
    }

    @Test
    void aPickleIsNeverLoaded() throws IOException {
        Files.move(folder.resolve("model.safetensors"), folder.resolve("pytorch_model.bin"));
        assertThatThrownBy(() -> plan("auto", 0, 2)).isInstanceOf(BadFileException.class).hasMessageContaining("pickle");
    }

    @Test
    void aMissingShardIsNamed() throws IOException {
        Files.delete(folder.resolve("model.safetensors"));
        Files.writeString(folder.resolve("model.safetensors.index.json"), "{\"weight_map\": {\"a\": \"model-00001-of-00002.safetensors\"}}");
        assertThatThrownBy(() -> plan("auto", 0, 2)).isInstanceOf(BadFileException.class).hasMessageContaining("model-00001-of-00002.safetensors");
        Files.writeString(folder.resolve("model.safetensors.index.json"), "{\"weight_map\": {\"a\": \"../../x.safetensors\"}}");
        assertThatThrownBy(() -> plan("auto", 0, 2)).isInstanceOf(BadFileException.class).hasMessageContaining("not a safetensors file of this folder");
    }

    @Test
    void tensorsOfTheWrongShapeAreNamedWithBothShapes() throws IOException {
        config(text -> text.replace("\"intermediate_size\": 128", "\"intermediate_size\": 160"));
        assertThatThrownBy(this::load).isInstanceOf(BadFileException.class).hasMessageContaining("mlp.gate_proj.weight").hasMessageContaining("[128, 64]")
                .hasMessageContaining("[160, 64]");
    }

    @Test
    void aMissingTensorIsNamed() throws IOException {
        config(text -> text.replace("\"num_hidden_layers\": 2", "\"num_hidden_layers\": 3"));
        assertThatThrownBy(this::load).isInstanceOf(BadFileException.class).hasMessageContaining("model.layers.2.input_layernorm.weight");
    }

    /// A bias that may be absent must not count as absent because it cannot be read.
    @ParameterizedTest
    @CsvSource({"llama, model.layers.1.mlp.up_proj.weight, I32", "llama, model.embed_tokens.weight, U32", "qwen2, model.layers.0.self_attn.q_proj.bias, I32"})
    void aTensorOfATypeThatCannotBeComputedWithIsNamedWithItsType(String model, String tensor, String type) throws IOException {
        for (String file : new String[] {"config.json", "tokenizer.json", "model.safetensors"}) {
            Files.copy(Fixtures.folder(model).resolve(file), folder.resolve(file), StandardCopyOption.REPLACE_EXISTING);
        }
        var file = folder.resolve("model.safetensors");
        String bytes = Files.readString(file, StandardCharsets.ISO_8859_1);
        String entry = "\"" + tensor + "\":{\"dtype\":\"";
        assertThat(bytes).contains(entry + "F32");
        Files.writeString(file, bytes.replace(entry + "F32", entry + type), StandardCharsets.ISO_8859_1);
        assertThatThrownBy(this::load).isInstanceOf(BadFileException.class).hasMessageContaining("`" + tensor + "` has the type " + type);
    }

    @Test
    void aMissingTokenizerIsNamedBeforeAnythingIsLoaded() throws IOException {
        Files.delete(folder.resolve("tokenizer.json"));
        assertThatThrownBy(() -> plan("auto", 0, 2)).isInstanceOf(BadFileException.class).hasMessageContaining("tokenizer.json");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 7, 8, 100, 5_000, 100_000})
    void aTruncatedFileIsRefused(int length) throws IOException {
        var file = folder.resolve("model.safetensors");
        Files.write(file, java.util.Arrays.copyOf(Files.readAllBytes(file), length));
        assertThatThrownBy(() -> plan("auto", 0, 2)).isInstanceOf(BadFileException.class).hasMessageContaining("model.safetensors");
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "{\"a\": 3}", "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [0, 9]}}", "{\"a\": {\"dtype\": \"F32\", \"shape\": [-2], "
            + "\"data_offsets\": [0, 8]}}", "{\"a\": {\"dtype\": \"F32\", \"shape\": [9223372036854775807, 4], \"data_offsets\": [0, 8]}}",
        "{\"a\": {\"dtype\": \"F32\", \"shape\": [2], \"data_offsets\": [8, 0]}}", "{\"a\": {\"dtype\": \"F32\", \"shape\": [1], \"data_offsets\": [0, 4]}}", "{nonsense"})
    void aCorruptHeaderIsRefused(String header) throws IOException {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        var bytes = ByteBuffer.allocate(8 + text.length + 8).order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).put(text);
        Files.write(folder.resolve("model.safetensors"), bytes.array());
        assertThatThrownBy(() -> plan("auto", 0, 2)).isInstanceOf(BadFileException.class).hasMessageContaining("model.safetensors");
    }

    @Test
    void theContextIsTheModelsUnlessALowerLimitIsSet() {
        assertThat(plan("auto", 0, 2).maxContext()).isEqualTo(256);
        assertThat(plan("auto", 100, 2).maxContext()).isEqualTo(100);
        assertThat(plan("auto", 1000, 2).maxContext()).isEqualTo(256);
    }

    @Test
    void withoutADtypeInTheConfigTheFilesOwnCounts() throws IOException {
        config(text -> text.replace("\"dtype\": \"float32\",", ""));
        assertThat(plan("auto", 0, 2).type()).isEqualTo(ElementType.FLOAT32);
        assertThat(plan("bfloat16", 0, 2).type()).isEqualTo(ElementType.BFLOAT16);
    }

    @Test
    void aCacheTooLargeForOneTensorIsRefusedWithTheNumbers() {
        assertThatThrownBy(() -> plan("auto", 256, 1_000_000)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("max-batch 1000000");
    }
}
