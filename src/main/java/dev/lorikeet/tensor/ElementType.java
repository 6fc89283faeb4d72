package dev.lorikeet.tensor;

import java.util.Arrays;
import java.util.Optional;

/// The number formats a tensor of a checkpoint may have, under their names in safetensors and in Hugging Face's configuration.
public enum ElementType {
    FLOAT32("F32", "float32", 6, 4), FLOAT16("F16", "float16", 5, 2), BFLOAT16("BF16", "bfloat16", 15, 2);

    private final String safetensorsName;
    private final String configName;
    private final int torchCode;
    private final int bytes;

    ElementType(String safetensorsName, String configName, int torchCode, int bytes) {
        this.safetensorsName = safetensorsName;
        this.configName = configName;
        this.torchCode = torchCode;
        this.bytes = bytes;
    }

    public String safetensorsName() {
        return safetensorsName;
    }

    public String configName() {
        return configName;
    }

    /// `c10::ScalarType`, which is how TorchScript source writes a dtype.
    public int torchCode() {
        return torchCode;
    }

    public int bytes() {
        return bytes;
    }

    public static Optional<ElementType> ofSafetensors(String name) {
        return Arrays.stream(values()).filter(type -> type.safetensorsName.equals(name)).findFirst();
    }

    public static Optional<ElementType> ofConfig(String name) {
        return Arrays.stream(values()).filter(type -> type.configName.equals(name)).findFirst();
    }
}
