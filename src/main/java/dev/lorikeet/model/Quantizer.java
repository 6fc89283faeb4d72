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
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Makes codes and scales of a model's matrices, some rows at a time.
final class Quantizer implements AutoCloseable {
    /// So many values are taken at a time, which bounds what is in memory beside the result.
    private static final long CHUNK = Integer.getInteger("lorikeet.quantizer.chunk", 1 << 20);
    /// Rows per chunk are a multiple of this, so that blocks, and groups of packed rows, end with a chunk.
    private static final int ROWS = 256;

    private final Script script;
    private final TensorDevice device;
    private final ElementType type;

    /// @param type the model's
    Quantizer(TensorDevice device, Quantization scheme, ElementType type) {
        this.device = device;
        this.type = type;
        this.script = compile(device, scheme, type);
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

    /// Whether the output head is stored in eight bits too: of a small model it is most of what a step reads. bitsandbytes leaves it as it is.
    static boolean quantizesHead(Quantization scheme) {
        return switch (scheme) {
            case Int8 _, Int4 _ -> true;
            case FourBit _, LlmInt8 _ -> false;
        };
    }

    /// @param entry the tensor in the checkpoint that the unit is of
    void quantize(QuantizedUnit unit, SafetensorsFile.Entry entry, QuantizedFile.Sink sink) throws IOException {
        if (unit.scheme() instanceof FourBit four && unit.columns() % 2 != 0) {
            throw new IllegalArgumentException("`" + unit.name() + "` has " + unit.columns() + " columns, but " + four.name() + " puts two of them into a byte");
        }
        try (var scales = TensorOwner.open(device)) {
            var all = new Scales(unit, scales, sink);
            long rowBytes = entry.bytes().byteSize() / entry.shape()[0];
            long step = Math.max(1, CHUNK / unit.columns() / ROWS) * ROWS;
            for (long row = 0; row < unit.rows(); row += step) {
                long count = Math.min(step, unit.rows() - row);
                var bytes = entry.bytes().asSlice((unit.source().fromRow() + row) * rowBytes, count * rowBytes);
                try (var scratch = TensorOwner.open(device)) {
                    var made = make(unit, scratch.wrap(script, bytes, entry.type(), type, count, unit.columns()), scratch);
                    sink.append(unit.name(), bytes(made.getFirst(), scratch));
                    all.add(made.getLast());
                }
            }
            all.finish();
        }
    }

    private List<Tensor> make(QuantizedUnit unit, Tensor rows, TensorOwner scratch) {
        return switch (unit.scheme()) {
            case FourBit four -> script.record(scratch, four.code().configName(), rows, scratch.ofFloats(FourBitTables.pivots(four.code())));
            case Int8 _ -> script.record(scratch, "int8", rows);
            case LlmInt8 _ -> script.record(scratch, "llm_int8", rows);
            case Int4 _ -> {
                var made = script.record(scratch, "int4", rows);
                yield List.of(script.record(scratch, "packed_int4", made.getFirst()).getFirst(), made.getLast());
            }
        };
    }

    private MemorySegment bytes(Tensor tensor, TensorOwner scratch) {
        return script.record(scratch, "readable", tensor).getFirst().toBytes();
    }

    /// The scales of a matrix. Those of four bits are written when the last is known, since their mean may be asked for; those of int4 lie
    /// across the rows.
    private final class Scales {
        private final QuantizedUnit unit;
        private final TensorOwner owner;
        private final QuantizedFile.Sink sink;
        private final List<Tensor> parts = new java.util.ArrayList<>();

        Scales(QuantizedUnit unit, TensorOwner owner, QuantizedFile.Sink sink) {
            this.unit = unit;
            this.owner = owner;
            this.sink = sink;
        }

        void add(Tensor part) {
            parts.addAll(script.record(owner, "kept", part));
        }

        void finish() throws IOException {
            String name = unit.name();
            switch (unit.scheme()) {
                case FourBit four when four.doubleQuantized() -> {
                    var nested = script.record(owner, "scales_in_eight_bits", script.record(owner, "joined", parts).getFirst(), owner.ofFloats(DynamicMap.signed()));
                    sink.append(name + QuantizedUnit.ABSMAX, bytes(nested.getFirst(), owner));
                    sink.append(name + QuantizedUnit.NESTED_ABSMAX, bytes(nested.get(1), owner));
                    sink.append(name + QuantizedUnit.NESTED_OFFSET, bytes(nested.getLast(), owner));
                }
                case FourBit _ -> write(name + QuantizedUnit.ABSMAX, "joined");
                case Int8 _ -> write(name + QuantizedUnit.SCALE, "joined");
                case LlmInt8 _ -> write(QuantizedUnit.scb(name), "joined");
                case Int4 _ -> write(name + QuantizedUnit.SCALES_AND_ZEROS, "joined_across");
            }
        }

        private void write(String name, String method) throws IOException {
            sink.append(name, bytes(script.record(owner, method, parts).getFirst(), owner));
        }
    }

    @Override
    public void close() {
        script.close();
    }
}
