package dev.lorikeet.merge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.lorikeet.model.Fixtures;
import java.nio.file.Path;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Every kind of LoRA that can be served can be merged, and then computes what `peft` computed with it apart; needs `-Dshared=<folder>`.
class SharedMergeCheck {
    private static final Path SHARED = Path.of(System.getProperty("shared"));

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"r16_mlp_regex", "r4_alllinear_rslora", "r8_embed_tokens", "r8_layers_1_3", "r8_lora_bias", "r8_qkvo_dora", "r8_qv",
        "r8_qv_bf16", "r8_rank_alpha_pattern", "r8_save_lm_head", "r8_save_norm", "r8_token_indices"})
    void everyKindComputesWhenMergedWhatPeftComputesApart(String name) {
        var adapter = SHARED.resolve("adapters/peft-on-stories260K").resolve(name);
        var report = AdapterMerge.run(new MergeRequest(SHARED.resolve("models/stories260K-hf"), adapter, folder.resolve("merged"), 400_000), (_, _) -> { });
        assertThat(report.verification().difference()).isLessThan(1e-5);
        try (var merged = Fixtures.load(folder.resolve("merged"), "float32", 2)) {
            AdapterMergeTest.requireReference(merged, Fixtures.json(adapter.resolve("REFERENCE.json")).get("reference"), name);
        }
    }
}
