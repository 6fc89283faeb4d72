package dev.lorikeet.model;

import dev.lorikeet.model.Quantization.FourBit;
import dev.lorikeet.model.Quantization.Int4;
import dev.lorikeet.model.Quantization.Int8;
import dev.lorikeet.model.Quantization.LlmInt8;
import dev.lorikeet.tensor.DynamicMap;
import dev.lorikeet.tensor.ElementType;
import dev.lorikeet.tensor.Script;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.TensorDevice;
import dev.lorikeet.tensor.TensorOwner;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Makes codes and scales of a model's matrices, one matrix at a time.
final class Quantizer implements AutoCloseable {
    private final Quantization scheme;
    private final Script script;
    private final TensorOwner tables;
    private final int rowsInGroup;
    /// Of int4, by the number of rows that are left over.
    private final Map<Long, Tensor> places = new HashMap<>();
    private final Map<WeightPart, Tensor> shared = new EnumMap<>(WeightPart.class);

    /// @param type the model's
    Quantizer(TensorDevice device, Quantization scheme, ElementType type) {
        this.scheme = scheme;
        this.script = compile(device, scheme, type);
        this.tables = TensorOwner.open(device);
        this.rowsInGroup = scheme instanceof Int4 ? PackedRows.of(script, device) : 1;
    }

    static Script compile(TensorDevice device, Quantization scheme, ElementType type) {
        var attributes = new LinkedHashMap<String, Object>();
        attributes.put("type", (long) type.torchCode());
        attributes.put("block", (long) (scheme instanceof FourBit four ? four.block() : 1));
        attributes.put("group", (long) (scheme instanceof Int4(int group) ? group : 1));
        return Script.compile(device, List.of("quantizer.py"), Map.of(), attributes);
    }

    /// How one matrix is quantised: the model's scheme, or int8 where that does not suit it.
    static Quantization suited(Quantization scheme, long rows, long columns) {
        return scheme instanceof Int4(int group) && (rows % 16 != 0 || columns % group != 0) ? new Int8() : scheme;
    }

    /// @param matrix in the model's type @param into takes what is kept
    Weight.Quantized quantize(Tensor matrix, TensorOwner into) {
        long[] shape = matrix.shape();
        var parts = switch (suited(scheme, shape[0], shape[1])) {
            case FourBit four -> fourBit(four, matrix, into);
            case Int8 _ -> parts(script.record(into, "int8", matrix));
            case LlmInt8 _ -> parts(script.record(into, "llm_int8", matrix));
            case Int4 _ -> int4(matrix, into);
        };
        return new Weight.Quantized(parts, shape);
    }

    private static Map<WeightPart, Tensor> parts(List<Tensor> tensors) {
        return new EnumMap<>(Map.of(WeightPart.CODES, tensors.getFirst(), WeightPart.SCALES, tensors.getLast()));
    }

    private Map<WeightPart, Tensor> fourBit(FourBit four, Tensor matrix, TensorOwner into) {
        if (matrix.shape()[1] % 2 != 0) {
            throw new IllegalArgumentException("a matrix has " + matrix.shape()[1] + " columns, but " + four.name() + " puts two of them into a byte");
        }
        var pivots = tables.ofFloats(FourBitTables.pivots(four.code()));
        var parts = parts(script.record(into, four.code().configName(), matrix, pivots));
        if (four.doubleQuantized()) {
            var map = shared.computeIfAbsent(WeightPart.NESTED_MAP, _ -> into.ofFloats(DynamicMap.signed()));
            var nested = script.record(into, "scales_in_eight_bits", parts.get(WeightPart.SCALES), map);
            into.free(List.of(parts.get(WeightPart.SCALES)));
            parts.put(WeightPart.SCALES, nested.getFirst());
            parts.put(WeightPart.NESTED_SCALES, nested.get(1));
            parts.put(WeightPart.NESTED_OFFSET, nested.getLast());
            parts.put(WeightPart.NESTED_MAP, map);
        }
        parts.put(WeightPart.TABLE, shared.computeIfAbsent(WeightPart.TABLE, _ -> into.ofFloats(FourBitTables.pairs(four.code()), 256, 2)));
        return parts;
    }

    private Map<WeightPart, Tensor> int4(Tensor matrix, TensorOwner into) {
        var made = script.record(into, "int4", matrix);
        var parts = parts(List.of(script.record(into, "packed_int4", made.getFirst()).getFirst(), made.getLast()));
        into.free(List.of(made.getFirst()));
        parts.put(WeightPart.TABLE, places.computeIfAbsent(matrix.shape()[0] % rowsInGroup, rest -> places(rest, into)));
        return parts;
    }

    /// The order of a whole group's rows, and behind it that of the rows that are left.
    private Tensor places(long rest, TensorOwner into) {
        try (var scratch = TensorOwner.open(tables.device())) {
            var orders = new ArrayList<>(script.record(scratch, "place_in_group", scratch.ofFloats(new float[rowsInGroup], rowsInGroup)));
            if (rest > 0) {
                orders.addAll(script.record(scratch, "place_in_group", scratch.ofFloats(new float[(int) rest], rest)));
            }
            return script.record(into, "joined", orders).getFirst();
        }
    }

    @Override
    public void close() {
        tables.close();
        script.close();
    }
}
