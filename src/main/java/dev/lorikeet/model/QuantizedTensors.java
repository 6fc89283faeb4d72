package dev.lorikeet.model;

import dev.lorikeet.model.Quantization.FourBit;
import dev.lorikeet.model.Quantization.Int4;
import dev.lorikeet.model.Quantization.Int8;
import dev.lorikeet.model.Quantization.LlmInt8;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.tensor.CodeType;
import dev.lorikeet.tensor.DynamicMap;
import dev.lorikeet.tensor.ElementType;
import dev.lorikeet.tensor.Script;
import dev.lorikeet.tensor.Tensor;
import dev.lorikeet.tensor.TensorOwner;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// Reads matrices that are stored as codes: what [Quantizer] made, and checkpoints that bitsandbytes quantised. On the CPU nothing is copied.
final class QuantizedTensors implements AutoCloseable {
    private static final int NESTED_BLOCK = 256;

    private final Checkpoint stored;
    private final Quantization scheme;
    private final ElementType type;
    private final Script script;
    private final TensorOwner owner;
    private final Optional<PackedRows> packedRows;
    private final Map<Long, Tensor> places = new HashMap<>();
    private final Map<WeightPart, Tensor> shared = new EnumMap<>(WeightPart.class);

    /// @param stored where the codes are @param type the model's @param script wraps bytes @param owner of what is made
    QuantizedTensors(Checkpoint stored, Quantization scheme, ElementType type, Script script, TensorOwner owner) {
        this.stored = stored;
        this.scheme = scheme;
        this.type = type;
        this.script = script;
        this.owner = owner;
        this.packedRows = scheme instanceof Int4 ? Optional.of(new PackedRows(owner.device())) : Optional.empty();
    }

    /// A matrix, or the rows of a fused one; empty if it is not stored as codes.
    Optional<Weight> find(TensorSource source, long rows, long columns) {
        String name = QuantizedUnit.name(scheme, source);
        if (!stored.isQuantized(name)) {
            return Optional.empty();
        }
        return Optional.of(new Weight.Quantized(switch (scheme) {
            case FourBit four -> fourBit(four, source, rows, columns);
            case LlmInt8 _ -> llmInt8(source, rows, columns);
            case Int8 _ -> int8(name, rows, columns);
            case Int4 _ -> stored.codes(name).orElseThrow().type() == CodeType.INT8 ? int8(name, rows, columns) : int4(name, rows, columns);
        }, new long[] {rows, columns}));
    }

    private Map<WeightPart, Tensor> fourBit(FourBit four, TensorSource source, long rows, long columns) {
        var matrix = FourBitMatrix.of(stored, four, source.name(), columns);
        long values = matrix.rows() * columns;
        long from = source.fromRow() * columns;
        if (source.fromRow() + rows > matrix.rows() || source.rows() == 0 && rows != matrix.rows() || from % four.block() != 0) {
            throw bad(source.name(), "has " + matrix.rows() + " rows of " + columns + " in blocks of " + four.block() + ", of which " + rows + " from " + source.fromRow()
                    + " on are asked for");
        }
        var parts = new EnumMap<WeightPart, Tensor>(WeightPart.class);
        parts.put(WeightPart.CODES, owner.wrapCodes(script, matrix.codes().asSlice(from / 2, rows * columns / 2), CodeType.UINT8, rows, columns / 2));
        long first = from / four.block();
        long blocks = (Math.min(values, from + rows * columns) + four.block() - 1) / four.block() - first;
        matrix.nested().ifPresentOrElse(nested -> putNested(parts, matrix.absmax(), nested, first, blocks),
                () -> parts.put(WeightPart.SCALES, owner.wrap(script, matrix.absmax().asSlice(first * Float.BYTES, blocks * Float.BYTES),
                        ElementType.FLOAT32, ElementType.FLOAT32, blocks)));
        parts.put(WeightPart.TABLE, shared.computeIfAbsent(WeightPart.TABLE, _ -> owner.ofFloats(FourBitTables.pairs(four.code()), 256, 2)));
        return parts;
    }

    private void putNested(Map<WeightPart, Tensor> parts, MemorySegment codes, FourBitMatrix.Nested nested, long first, long blocks) {
        if (first % NESTED_BLOCK != 0) {
            // Rows of a fused matrix that begin within a block of scales: the scales as numbers, which are the same.
            parts.put(WeightPart.SCALES, owner.ofFloats(nested.scales(codes, first, Math.toIntExact(blocks))));
            return;
        }
        long nestedBlocks = (blocks + NESTED_BLOCK - 1) / NESTED_BLOCK;
        parts.put(WeightPart.SCALES, owner.wrapCodes(script, codes.asSlice(first, blocks), CodeType.UINT8, blocks));
        parts.put(WeightPart.NESTED_SCALES, owner.wrap(script, nested.absmax().asSlice(first / NESTED_BLOCK * Float.BYTES, nestedBlocks * Float.BYTES),
                ElementType.FLOAT32, ElementType.FLOAT32, nestedBlocks));
        parts.put(WeightPart.NESTED_OFFSET, owner.ofFloats(nested.offset()));
        parts.put(WeightPart.NESTED_MAP, Arrays.equals(nested.map(), DynamicMap.signed())
                ? shared.computeIfAbsent(WeightPart.NESTED_MAP, _ -> owner.ofFloats(nested.map())) : owner.ofFloats(nested.map()));
    }

    private Map<WeightPart, Tensor> llmInt8(TensorSource source, long rows, long columns) {
        var codes = codes(source.name(), CodeType.INT8);
        long all = codes.byteSize() / columns;
        var scb = stored.require(QuantizedUnit.scb(source.name()));
        if (source.fromRow() + rows > all || codes.byteSize() != all * columns || scb.elements() != all) {
            throw bad(source.name(), "has " + codes.byteSize() + " codes and " + scb.elements() + " scales, but " + rows + " rows of " + columns + " are asked for");
        }
        stored.codes(QuantizedUnit.scb(source.name()).replaceAll("SCB$", "weight_format")).filter(format -> format.bytes().get(ValueLayout.JAVA_BYTE, 0) != 0)
                .ifPresent(format -> {
                    throw bad(format.name(), "is " + format.bytes().get(ValueLayout.JAVA_BYTE, 0) + ": only rows (0) can be read");
                });
        int scaleBytes = scb.type().bytes();
        return Map.of(WeightPart.CODES, owner.wrapCodes(script, codes.asSlice(source.fromRow() * columns, rows * columns), CodeType.INT8, rows, columns),
                WeightPart.SCALES, owner.wrap(script, scb.bytes().asSlice(source.fromRow() * scaleBytes, rows * scaleBytes), scb.type(), ElementType.FLOAT32, rows));
    }

    private Map<WeightPart, Tensor> int8(String name, long rows, long columns) {
        return Map.of(WeightPart.CODES, owner.wrapCodes(script, codes(name, CodeType.INT8), CodeType.INT8, rows, columns),
                WeightPart.SCALES, owner.wrap(script, stored.require(name + QuantizedUnit.SCALE).bytes(), type, type, rows));
    }

    private Map<WeightPart, Tensor> int4(String name, long rows, long columns) {
        var order = packedRows.orElseThrow();
        long group = ((Int4) scheme).group();
        return Map.of(WeightPart.CODES, owner.wrapCodes(script, codes(name, CodeType.UINT8), CodeType.UINT8, rows, columns / 2),
                WeightPart.SCALES, owner.wrap(script, stored.require(name + QuantizedUnit.SCALES_AND_ZEROS).bytes(), type, type, columns / group, rows, 2),
                WeightPart.TABLE, places.computeIfAbsent(rows % order.group(), _ -> owner.ofLongs(order.places(rows))));
    }

    private MemorySegment codes(String name, CodeType wanted) {
        var codes = stored.codes(name).orElseThrow(() -> bad(name, "is missing"));
        if (codes.type() != wanted) {
            throw bad(name, "is of type " + codes.type().safetensorsName() + ", but this quantisation stores " + wanted.safetensorsName());
        }
        return codes.bytes();
    }

    private BadFileException bad(String name, String what) {
        return new BadFileException(stored.folder(), "the tensor `" + name + "` " + what);
    }

    @Override
    public void close() {
        packedRows.ifPresent(PackedRows::close);
    }
}
