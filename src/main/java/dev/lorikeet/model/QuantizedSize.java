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

    /// Bytes that a model's matrices take less than in its type. A tied head is one more in eight bits.
    static long saved(Quantization scheme, DecoderConfig config, ElementType type) {
        long vocab = config.vocabSize();
        long hidden = config.hiddenSize();
        long head = Quantizer.quantizesHead(scheme) ? bytes(new Int8(), vocab, hidden, type) - (config.tieWordEmbeddings() ? 0 : vocab * hidden * type.bytes()) : 0;
        return config.numHiddenLayers() * Arrays.stream(LayerTensor.values()).filter(LayerTensor::isMatrix).map(part -> Weights.shape(config, part))
                .mapToLong(shape -> shape[0] * shape[1] * type.bytes() - bytes(scheme, shape[0], shape[1], type)).sum() - head;
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
