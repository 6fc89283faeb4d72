package dev.lorikeet.training;

/// One tensor that is learned.
///
/// @param module of the transformers model @param key in `adapter_model.safetensors` @param group the layer, or one of the ends, whose call needs it
/// @param index within the group
record TrainedTensor(String module, Kind kind, String key, long[] shape, int group, int index) {
    private static final String PREFIX = "base_model.model.";

    /// What it is; the suffix is PEFT's.
    enum Kind {
        A(".lora_A.weight"), B(".lora_B.weight"), B_BIAS(".lora_B.bias"), MAGNITUDE(".lora_magnitude_vector"), EMBEDDING_A(".lora_embedding_A"),
        EMBEDDING_B(".lora_embedding_B"), ADAPTED_BIAS(".base_layer.bias"), BIAS(".bias"), WEIGHT(".weight");

        private final String suffix;

        Kind(String suffix) {
            this.suffix = suffix;
        }
    }

    TrainedTensor(String module, Kind kind, long[] shape, int group, int index) {
        this(module, kind, PREFIX + module + kind.suffix, shape, group, index);
    }

    TrainedTensor {
        shape = shape.clone();
    }

    int elements() {
        long elements = 1;
        for (long size : shape) {
            elements *= size;
        }
        return Math.toIntExact(elements);
    }

    /// Whether weight decay applies: transformers' Trainer leaves biases and the weights of norms out.
    boolean decays() {
        return kind != Kind.BIAS && kind != Kind.ADAPTED_BIAS && kind != Kind.B_BIAS && !module.toLowerCase(java.util.Locale.ROOT).endsWith("norm");
    }
}
