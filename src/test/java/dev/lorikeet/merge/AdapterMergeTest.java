package dev.lorikeet.merge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.merge.AdapterFolder.Values;
import dev.lorikeet.model.Fixtures;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.SafetensorsFile;
import dev.lorikeet.model.StepBatch;
import dev.lorikeet.model.StepBatch.Chunk;
import dev.lorikeet.model.StepBatch.Decoding;
import dev.lorikeet.model.StepBatch.LogitRows;
import dev.lorikeet.tensor.ElementType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Merged checkpoints against what `peft` computes with base and adapter apart, and what a merge leaves on the disk.
class AdapterMergeTest {
    private static final long ONE_FILE = MergeRequest.DEFAULT_SHARD_BYTES;
    private static final MergeProgress SILENT = (_, _) -> { };

    @TempDir
    Path folder;

    static List<String> families() {
        return Fixtures.families();
    }

    private MergeReport merge(Path model, Path adapter, long shardBytes) {
        return AdapterMerge.run(new MergeRequest(model, adapter, folder.resolve("merged"), shardBytes), SILENT);
    }

    private static Path end(String family) {
        return Fixtures.folder(family).resolve("lora/end");
    }

    /// Logits within 1e-4 and the same greedy ids.
    static void requireReference(LoadedModel merged, JsonNode cases, String name) {
        for (var reference : cases) {
            int[] ids = Fixtures.ints(reference.get("input_ids"));
            int[] greedy = Fixtures.ints(reference.get("greedy_ids"));
            int next;
            try (var logits = merged.step(new StepBatch(List.of(), List.of(new Chunk(0, 0, ids, LogitRows.LAST))))) {
                assertThat(logits.row(0)).as(name).containsExactly(Fixtures.floats(reference.get("last_logits")), within(1e-4f));
                next = (int) logits.greedy()[0];
            }
            for (int i = 0; i < greedy.length; i++) {
                assertThat(next).as("%s token %d", name, i).isEqualTo(greedy[i]);
                try (var logits = merged.step(new StepBatch(List.of(new Decoding(0, ids.length + i, next)), List.of()))) {
                    next = (int) logits.greedy()[0];
                }
            }
        }
    }

    @ParameterizedTest
    @MethodSource("families")
    void aMergedCheckpointComputesWhatPeftComputesApart(String family) {
        var report = merge(Fixtures.folder(family), end(family), 100_000);
        assertThat(report.shards()).isGreaterThan(1);
        try (var merged = Fixtures.load(folder.resolve("merged"), "float32", 2)) {
            requireReference(merged, Fixtures.json(Fixtures.folder(family).resolve("lora/reference.json")).get("cases"), family);
        }
    }

    @Test
    void aCheckpointUpToTheLimitIsOneFileAndTheOthersAreThoseOfTheBase() throws IOException {
        var report = merge(Fixtures.folder("llama"), end("llama"), ONE_FILE);
        assertThat(report.shards()).isEqualTo(1);
        assertThat(report.changed()).isEqualTo(14);
        try (var files = Files.list(folder.resolve("merged"))) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder("README.md", "config.json", "generation_config.json",
                    "chat_template.jinja", "tokenizer.json", "tokenizer_config.json", "model.safetensors");
        }
        for (String name : List.of("config.json", "generation_config.json", "chat_template.jinja", "tokenizer.json")) {
            assertThat(folder.resolve("merged").resolve(name)).hasSameBinaryContentAs(Fixtures.folder("llama").resolve(name));
        }
        assertThat(folder.resolve("merged/README.md")).content().startsWith("---\nlibrary_name: transformers\n").contains("rank 4");
    }

    @Test
    void shardsAreListedInAnIndexAsTransformersWritesIt() {
        var report = merge(Fixtures.folder("llama"), end("llama"), 200_000);
        var index = Fixtures.json(folder.resolve("merged/model.safetensors.index.json"));
        assertThat(index.at("/metadata/total_size").longValue()).isEqualTo(report.bytes());
        assertThat(index.get("weight_map").size()).isEqualTo(report.tensors());
        assertThat(index.at("/weight_map/model.norm.weight").textValue()).matches("model-0000\\d-of-0000" + report.shards() + "\\.safetensors");
        assertThat(folder.resolve("merged/model.safetensors")).doesNotExist();
    }

    @Test
    void everyTensorKeepsTheTypeOfTheBase() throws IOException {
        var base = AdapterFolder.bfloat16Copy(Fixtures.folder("llama"), folder.resolve("base"));
        var report = merge(base, end("llama"), ONE_FILE);
        assertThat(report.verification().difference()).isLessThan(0.03);
        try (var arena = Arena.ofConfined()) {
            assertThat(SafetensorsFile.open(folder.resolve("merged/model.safetensors"), arena).tensors().values())
                    .allMatch(tensor -> tensor.type() == ElementType.BFLOAT16);
        }
    }

    @Test
    void anAdapterThatChangesOnlyTheEmbeddingUntiesTheHead() throws IOException {
        var adapter = AdapterFolder.write(folder.resolve("adapter"), "{\"peft_type\": \"LORA\", \"r\": 2, \"target_modules\": [\"embed_tokens\"]}",
                Map.of("base_model.model.model.embed_tokens.lora_embedding_A", Values.random(2, 512),
                        "base_model.model.model.embed_tokens.lora_embedding_B", Values.random(64, 2)));
        merge(Fixtures.folder("qwen2"), adapter, ONE_FILE);
        assertThat(Fixtures.json(folder.resolve("merged/config.json")).get("tie_word_embeddings").booleanValue()).isFalse();
        try (var arena = Arena.ofConfined()) {
            var merged = SafetensorsFile.open(folder.resolve("merged/model.safetensors"), arena).tensors();
            var before = SafetensorsFile.open(Fixtures.folder("qwen2").resolve("model.safetensors"), arena).tensors().get("model.embed_tokens.weight");
            assertThat(merged.get("lm_head.weight").bytes().mismatch(before.bytes())).isEqualTo(-1);
            assertThat(merged.get("model.embed_tokens.weight").bytes().mismatch(before.bytes())).isGreaterThanOrEqualTo(0);
        }
    }

    @Test
    void rowsOfSingleTokensLeaveTheHeadTied() throws IOException {
        var adapter = AdapterFolder.write(folder.resolve("adapter"), "{\"peft_type\": \"LORA\", \"r\": 2, \"target_modules\": [], \"trainable_token_indices\": [7, 300]}",
                Map.of("base_model.model.model.embed_tokens.token_adapter.trainable_tokens_delta", Values.random(2, 64)));
        assertThat(merge(Fixtures.folder("qwen2"), adapter, ONE_FILE).changed()).isEqualTo(1);
        assertThat(Fixtures.json(folder.resolve("merged/config.json")).get("tie_word_embeddings").booleanValue()).isTrue();
        try (var arena = Arena.ofConfined()) {
            assertThat(SafetensorsFile.open(folder.resolve("merged/model.safetensors"), arena).tensors()).doesNotContainKey("lm_head.weight");
        }
    }

    private Path biasedAdapter(String module, int out, int in) throws IOException {
        String key = "base_model.model." + module + ".lora_";
        return AdapterFolder.write(folder.resolve("adapter"),
                "{\"peft_type\": \"LORA\", \"r\": 2, \"lora_bias\": true, \"target_modules\": [\"" + module + "\"]}",
                Map.of(key + "A.weight", Values.random(2, in), key + "B.weight", Values.random(out, 2), key + "B.bias", Values.random(out)));
    }

    @Test
    void aBiasThatTheFamilyCanHoldSwitchesItOn() throws IOException {
        merge(Fixtures.folder("llama"), biasedAdapter("model.layers.1.self_attn.q_proj", 64, 64), ONE_FILE);
        assertThat(Fixtures.json(folder.resolve("merged/config.json")).get("attention_bias").booleanValue()).isTrue();
        try (var arena = Arena.ofConfined()) {
            var merged = SafetensorsFile.open(folder.resolve("merged/model.safetensors"), arena).tensors();
            for (String name : List.of("q_proj", "k_proj", "v_proj", "o_proj")) {
                assertThat(merged).containsKeys("model.layers.0.self_attn." + name + ".bias", "model.layers.1.self_attn." + name + ".bias");
            }
        }
    }

    @Test
    void aBiasThatTheFamilyCannotHoldIsRefused() throws IOException {
        var adapter = biasedAdapter("model.layers.0.self_attn.o_proj", 64, 64);
        assertThatThrownBy(() -> merge(Fixtures.folder("phi3"), adapter, ONE_FILE)).isInstanceOf(MergeException.class)
                .hasMessageContaining("model.layers.0.self_attn.o_proj").hasMessageContaining("phi3").hasMessageContaining("not merged");
        assertThat(folder.resolve("merged")).doesNotExist();
    }

    @Test
    void theAdaptersOwnTemplateIsTakenAlsoWhenItStandsInItsTokenizerConfig() throws IOException {
        var adapter = AdapterFolder.copy(end("llama"), folder.resolve("adapter"));
        Files.writeString(adapter.resolve("tokenizer_config.json"), "{\"chat_template\": \"mine\"}");
        merge(Fixtures.folder("llama"), adapter, ONE_FILE);
        assertThat(folder.resolve("merged/chat_template.jinja")).doesNotExist();
        assertThat(folder.resolve("merged/tokenizer_config.json")).content().contains("mine");
    }

    @Test
    void whatEndsAMergeLeavesNothing() throws IOException {
        var request = new MergeRequest(Fixtures.folder("llama"), end("llama"), folder.resolve("merged"), ONE_FILE);
        for (var stage : MergeProgress.Stage.values()) {
            assertThatThrownBy(() -> AdapterMerge.run(request, (at, _) -> {
                if (at == stage) {
                    throw new CancellationException();
                }
            })).isInstanceOf(CancellationException.class);
            assertThat(folder).isEmptyDirectory();
        }
    }

    @Test
    void aFolderThatExistsIsNotTouched() throws IOException {
        Files.createDirectory(folder.resolve("merged"));
        assertThatThrownBy(() -> merge(Fixtures.folder("llama"), end("llama"), ONE_FILE)).isInstanceOf(MergeException.class)
                .hasMessageContaining("exists already");
        assertThat(folder.resolve("merged")).isEmptyDirectory();
    }

    @Test
    void anAdapterOfAnotherModelIsRefusedAsForServing() {
        assertThatThrownBy(() -> merge(Fixtures.folder("gemma"), end("phi3"), ONE_FILE)).isInstanceOf(MergeException.class)
                .hasMessageContaining("belong to no module");
        assertThat(folder).isEmptyDirectory();
    }
}
