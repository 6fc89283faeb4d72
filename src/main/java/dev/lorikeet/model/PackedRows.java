package dev.lorikeet.model;

import dev.lorikeet.tensor.Script;
import dev.lorikeet.tensor.TensorDevice;
import dev.lorikeet.tensor.TensorOwner;

/// How many rows of int4 libtorch packs together, which depends on the processor's vectors.
final class PackedRows {
    private PackedRows() {}

    static int of(TensorDevice device) {
        try (var script = Quantizer.compile(device, new Quantization.Int4(), dev.lorikeet.tensor.ElementType.FLOAT32)) {
            return of(script, device);
        }
    }

    static int of(Script script, TensorDevice device) {
        try (var scratch = TensorOwner.open(device)) {
            return (int) script.record(scratch, "rows_in_group", scratch.ofFloats(0)).getFirst().toLongs()[0];
        }
    }
}
