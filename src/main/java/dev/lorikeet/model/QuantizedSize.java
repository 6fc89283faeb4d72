package dev.lorikeet.model;

import dev.lorikeet.model.Quantization.FourBit;
import dev.lorikeet.model.Quantization.Int4;
import dev.lorikeet.model.Quantization.Int8;
import dev.lorikeet.model.Quantization.LlmInt8;
import dev.lorikeet.tensor.ElementType;
import java.util.Arrays;

/// Works out what the matrices of a model take in fewer bits.
final class QuantizedSize {
    private QuantizedSize() {}

    /// Bytes that all matrices of the layers take less than in the model's type.
    static long saved(Quantization scheme, DecoderConfig config, ElementType type) {
        return config.numHiddenLayers() * Arrays.stream(LayerTensor.values()).filter(LayerTensor::isMatrix).map(part -> Weights.shape(config, part))
                .mapToLong(shape -> shape[0] * shape[1] * type.bytes() - bytes(scheme, shape[0], shape[1], type)).sum();
    }

    static long bytes(Quantization scheme, long rows, long columns, ElementType type) {
        long elements = rows * columns;
        return switch (Quantizer.suited(scheme, rows, columns)) {
            case FourBit four -> {
                long blocks = (elements + four.block() - 1) / four.block();
                yield (elements + 1) / 2 + (four.doubleQuantized() ? blocks + (blocks + 255) / 256 * Float.BYTES : blocks * Float.BYTES);
            }
            case Int8 _ -> elements + rows * type.bytes();
            case LlmInt8 _ -> elements + rows * Float.BYTES;
            case Int4(int group) -> elements / 2 + elements / group * 2 * type.bytes();
        };
    }
}
