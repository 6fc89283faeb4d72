package dev.lorikeet.adapter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.adapter.AdapterTable.WeightedSum;
import dev.lorikeet.model.Fixtures;
import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.model.StepBatch;
import dev.lorikeet.model.StepBatch.AdapterRows;
import dev.lorikeet.model.StepBatch.Chunk;
import dev.lorikeet.model.StepBatch.Decoding;
import dev.lorikeet.model.StepBatch.LogitRows;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Thirteen kinds of LoRA on a real model, against what `peft` computed; needs `-Dshared=<folder>`.
class SharedAdaptersCheck {
    private static final Path SHARED = Path.of(System.getProperty("shared"));

    private static LoadedModel base() {
        return Fixtures.load(SHARED.resolve("models/stories260K-hf"), "float32", 2);
    }

    @ParameterizedTest
    @ValueSource(strings = {"r16_mlp_regex", "r4_alllinear_rslora", "r8_embed_tokens", "r8_layers_1_3", "r8_lora_bias", "r8_qkvo_dora", "r8_qv",
        "r8_qv_bf16", "r8_rank_alpha_pattern", "r8_save_lm_head", "r8_save_norm", "r8_token_indices"})
    void everyKindComputesWhatPeftComputes(String name) {
        var folder = SHARED.resolve("adapters/peft-on-stories260K").resolve(name);
        try (var base = base(); var adapter = AdapterReader.read(folder, base)) {
            var mix = new WeightedSum(List.of(adapter), List.of(1.0));
            try (var table = AdapterTable.of(base, List.of(mix))) {
                var rows = Optional.of(new AdapterRows(table.arguments(), new int[] {1}, new int[] {1}));
                for (var reference : Fixtures.json(folder.resolve("REFERENCE.json")).get("reference")) {
                    int[] ids = Fixtures.ints(reference.get("input_ids"));
                    int[] greedy = Fixtures.ints(reference.get("greedy_ids"));
                    int next;
                    try (var logits = base.step(new StepBatch(List.of(), List.of(new Chunk(0, 0, ids, LogitRows.LAST)), rows))) {
                        assertThat(logits.row(0)).as(name).containsExactly(Fixtures.floats(reference.get("last_logits")), within(1e-4f));
                        next = (int) logits.greedy()[0];
                    }
                    for (int i = 0; i < greedy.length; i++) {
                        assertThat(next).as("%s token %d", name, i).isEqualTo(greedy[i]);
                        try (var logits = base.step(new StepBatch(List.of(new Decoding(0, ids.length + i, next)), List.of(), rows))) {
                            next = (int) logits.greedy()[0];
                        }
                    }
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"peft-on-stories260K/r8_qv_bin, pickle", "peft-on-stories260K/unsupported_ia3, IA3", "peft-on-stories260K/unsupported_prompt_tuning, PROMPT_TUNING",
        "gpt2-r8-cattn, belong to no module", "opt125m-r16-qv-bf16, belong to no module", "gemma3-270m-it-r8-qv, belong to no module"})
    void whatDoesNotFitIsRefusedByName(String name, String message) {
        try (var base = base()) {
            assertThatThrownBy(() -> AdapterReader.read(SHARED.resolve("adapters").resolve(name), base)).isInstanceOf(AdapterRefusal.class)
                    .hasMessageContaining(message);
        }
    }
}
