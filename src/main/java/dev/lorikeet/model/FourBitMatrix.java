package dev.lorikeet.model;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.model.Quantization.FourBit;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.tensor.DynamicMap;
import dev.lorikeet.tensor.ElementType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/// A matrix in one of bitsandbytes' four-bit formats, as `QuantState.as_dict(packed=True)` stores it beside its codes, or as [Quantizer] does,
/// which leaves out what is the same for all matrices.
///
/// @param codes two to a byte @param absmax of each block: float32, or codes if there are nested ones
record FourBitMatrix(long rows, MemorySegment codes, MemorySegment absmax, Optional<Nested> nested) {
    private static final String STATE = ".quant_state.bitsandbytes__";
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

    /// @param absmax of each 256 scales minus `offset` @param map what a code stands for
    record Nested(MemorySegment absmax, float offset, float[] map) {
        /// Scales as numbers, in the order of operations of `dequantize_blockwise`.
        float[] scales(MemorySegment codes, long first, int count) {
            var scales = new float[count];
            for (int i = 0; i < count; i++) {
                int code = codes.get(ValueLayout.JAVA_BYTE, first + i) & 0xff;
                scales[i] = map[code] * absmax.get(FLOAT, (first + i) / 256 * Float.BYTES) + offset;
            }
            return scales;
        }
    }

    /// @throws BadFileException naming the tensor that is missing or not of this scheme
    static FourBitMatrix of(Checkpoint stored, FourBit scheme, String name, long columns) {
        var state = state(stored, name);
        long values = state.isPresent() ? checked(stored, scheme, name, columns, state.get()) : stored.codes(name).orElseThrow().bytes().byteSize() * 2;
        var codes = bytes(stored, name);
        var absmax = bytes(stored, name + QuantizedUnit.ABSMAX);
        long blocks = (values + scheme.block() - 1) / scheme.block();
        var nested = stored.find(name + QuantizedUnit.NESTED_ABSMAX).map(entry -> nested(stored, name, entry, state));
        if (codes.byteSize() * 2 != values || values % columns != 0 || absmax.byteSize() != blocks * (nested.isPresent() ? 1 : Float.BYTES)) {
            throw bad(stored, name, "has " + codes.byteSize() + " bytes of codes and " + absmax.byteSize() + " of scales, which does not fit " + columns
                    + " columns in blocks of " + scheme.block());
        }
        return new FourBitMatrix(values / columns, codes, absmax, nested);
    }

    /// What bitsandbytes notes of a matrix, as JSON.
    private static Optional<JsonNode> state(Checkpoint stored, String name) {
        return stored.codeNames().stream().filter(key -> key.startsWith(name + STATE)).findFirst().map(key -> {
            try {
                return JSON.readTree(stored.codes(key).orElseThrow().bytes().toArray(ValueLayout.JAVA_BYTE));
            } catch (IOException e) {
                throw new BadFileException(stored.folder(), "the tensor `" + key + "` is not JSON", e);
            }
        });
    }

    /// The block size that the first matrix of a checkpoint notes.
    static Optional<Integer> block(Checkpoint stored) {
        return stored.codeNames().stream().filter(key -> key.contains(STATE)).findFirst()
                .flatMap(key -> state(stored, key.substring(0, key.indexOf(STATE)))).map(state -> state.path("blocksize").asInt());
    }

    /// @return number of values
    private static long checked(Checkpoint stored, FourBit scheme, String name, long columns, JsonNode state) {
        require(stored, name, state, "quant_type", scheme.code().configName());
        require(stored, name, state, "blocksize", String.valueOf(scheme.block()));
        if (state.has("nested_blocksize")) {
            require(stored, name, state, "nested_blocksize", "256");
        }
        var shape = state.path("shape");
        if (shape.size() != 2 || shape.get(1).asLong() != columns) {
            throw bad(stored, name, "is of a matrix of shape " + shape + ", but config.json asks for " + columns + " columns");
        }
        float[] expected = FourBitTables.values(scheme.code());
        var map = stored.require(name + ".quant_map").bytes();
        for (int i = 0; i < expected.length; i++) {
            if (map.byteSize() != expected.length * Float.BYTES || Math.abs(map.get(FLOAT, (long) i * Float.BYTES) - expected[i]) > 1e-4f) {
                throw bad(stored, name + ".quant_map", "is not that of " + scheme.code().configName());
            }
        }
        return shape.get(0).asLong() * columns;
    }

    private static void require(Checkpoint stored, String name, JsonNode state, String field, String expected) {
        if (!state.path(field).asText().equals(expected)) {
            throw bad(stored, name, "notes `" + field + "` " + state.path(field) + ", but the model's quantisation has " + expected);
        }
    }

    private static Nested nested(Checkpoint stored, String name, SafetensorsFile.Entry absmax, Optional<JsonNode> state) {
        if (state.isEmpty()) {
            return new Nested(absmax.bytes(), stored.require(name + QuantizedUnit.NESTED_OFFSET).bytes().get(FLOAT, 0), DynamicMap.signed());
        }
        var map = stored.require(name + ".nested_quant_map");
        if (map.type() != ElementType.FLOAT32 || map.elements() != 256 || absmax.type() != ElementType.FLOAT32) {
            throw bad(stored, name + ".nested_quant_map", "or `.nested_absmax` is not in float32");
        }
        var values = new float[256];
        MemorySegment.copy(map.bytes(), FLOAT, 0, values, 0, values.length);
        return new Nested(absmax.bytes(), (float) state.get().path("nested_offset").asDouble(), values);
    }

    /// Codes may be stored as any type (`bnb_4bit_quant_storage`): their bytes are the same.
    private static MemorySegment bytes(Checkpoint stored, String name) {
        return stored.codes(name).map(SafetensorsFile.Codes::bytes).orElseGet(() -> stored.require(name).bytes());
    }

    private static BadFileException bad(Checkpoint stored, String name, String what) {
        return new BadFileException(stored.folder(), "the tensor `" + name + "` " + what);
    }
}
