package dev.lorikeet.model;

import dev.lorikeet.tensor.Tensor;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;

/// A frozen weight of a model in memory.
sealed interface Weight {
    /// As the checkpoint has it, in the model's type.
    record Plain(Tensor tensor) implements Weight {
        @Override
        public long[] shape() {
            return tensor.shape();
        }

        @Override
        public Optional<Tensor> part(WeightPart part) {
            return part == WeightPart.CODES ? Optional.of(tensor) : Optional.empty();
        }
    }

    /// In fewer bits. @param shape of the matrix that it stands for
    record Quantized(Map<WeightPart, Tensor> parts, long[] shape) implements Weight {
        public Quantized {
            parts = new EnumMap<>(parts);
            shape = shape.clone();
        }

        @Override
        public Optional<Tensor> part(WeightPart part) {
            return Optional.ofNullable(parts.get(part));
        }
    }

    long[] shape();

    Optional<Tensor> part(WeightPart part);
}
