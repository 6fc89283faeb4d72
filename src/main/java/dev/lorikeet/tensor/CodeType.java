package dev.lorikeet.tensor;

import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.Optional;

/// Bytes that are no numbers by themselves but codes of a quantised tensor, under their names in safetensors.
public enum CodeType {
    UINT8("U8", DataType.UINT8), INT8("I8", DataType.INT8);

    private final String safetensorsName;
    private final DataType dataType;

    CodeType(String safetensorsName, DataType dataType) {
        this.safetensorsName = safetensorsName;
        this.dataType = dataType;
    }

    public String safetensorsName() {
        return safetensorsName;
    }

    DataType dataType() {
        return dataType;
    }

    public static Optional<CodeType> ofSafetensors(String name) {
        return Arrays.stream(values()).filter(type -> type.safetensorsName.equals(name)).findFirst();
    }
}
