package dev.lorikeet.training;

import dev.lorikeet.model.LoadedModel;
import dev.lorikeet.tensor.ElementType;
import dev.lorikeet.tensor.Script;
import dev.lorikeet.training.TrainingOptions.Precision;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Compiles the tensor program of a training: the base's decoder with `training.py` behind it.
final class TrainingProgram {
    /// So many logits exist at a time: with more of them nothing is faster, but memory is what their copies take (measured with 49,152 words).
    private static final long LOGIT_ELEMENTS = 4 << 20;
    /// With fewer positions at a time, reading the output embedding takes longer than computing with it.
    private static final long FEWEST_ROWS = 64;

    private TrainingProgram() {}

    static Script compile(LoadedModel base, TrainingOptions options, TrainedSelection selection) {
        var config = base.plan().config();
        var attributes = new LinkedHashMap<String, Object>();
        attributes.put("layout", selection.layout());
        attributes.put("scale", options.lora().scale());
        attributes.put("frozen_rank", (long) options.lora().frozenRank());
        attributes.put("dropout", options.lora().loraDropout());
        attributes.put("neftune_alpha", options.neftuneNoiseAlpha().orElse(0));
        // transformers multiplies inside the embedding module there, outside of it in Gemma 1 and 2; noise is added to what the module gives.
        attributes.put("embedding_scales_itself", config.family().equals("gemma3_text"));
        attributes.put("compute", (long) compute(base, options.precision()).torchCode());
        attributes.put("adapter_compute", (long) (options.precision() == Precision.NO_AUTOCAST ? ElementType.FLOAT32
                : compute(base, options.precision())).torchCode());
        var constants = new LinkedHashMap<>(TrainedSelection.constants());
        constants.put("LOSS_ROWS", lossRows(config.vocabSize()));
        constants.put("EIGHT_BIT_FROM", Updates.EIGHT_BIT_FROM);
        var sources = base.plan().quantization().isPresent() ? List.of("training.py", "quantized_training.py") : List.of("training.py");
        return base.extended(sources, Map.copyOf(constants), attributes);
    }

    static int lossRows(int vocabulary) {
        return (int) Math.max(FEWEST_ROWS, LOGIT_ELEMENTS / vocabulary);
    }

    /// Whether gradients pass through float16, where small ones vanish unless the loss is scaled up.
    static boolean needsLossScale(LoadedModel base, Precision precision) {
        var plan = base.plan();
        return compute(base, precision) == ElementType.FLOAT16
                || plan.quantization().filter(scheme -> scheme.computeType(plan.type()) == ElementType.FLOAT16).isPresent();
    }

    /// The type that matrices are multiplied in.
    static ElementType compute(LoadedModel base, Precision precision) {
        return switch (precision) {
            case OF_BASE, NO_AUTOCAST -> base.plan().type();
            case BFLOAT16 -> ElementType.BFLOAT16;
            case FLOAT16 -> ElementType.FLOAT16;
        };
    }
}
