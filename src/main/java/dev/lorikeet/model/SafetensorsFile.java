package dev.lorikeet.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.store.JsonFile;
import dev.lorikeet.tensor.CodeType;
import dev.lorikeet.tensor.ElementType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;

/// One mapped `.safetensors` file: eight bytes of header length (little-endian), a JSON header, the tensors' bytes.
///
/// Format: https://github.com/huggingface/safetensors. The mapping lives as long as the arena it was opened in.
public final class SafetensorsFile {
    /// The format's own limit.
    private static final long MAX_HEADER = 100_000_000;
    private static final ValueLayout.OfLong LENGTH = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final Map<String, Entry> tensors = new LinkedHashMap<>();
    private final Map<String, Codes> codes = new LinkedHashMap<>();
    private final Map<String, String> unsupported = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();

    /// A tensor in the file. @param bytes a view of the mapping, row-major, without padding
    public record Entry(Path file, String name, ElementType type, long[] shape, MemorySegment bytes) {
        public long elements() {
            return bytes.byteSize() / type.bytes();
        }
    }

    /// A tensor of bytes in the file, which may be codes of a quantised one. @param bytes a view of the mapping
    public record Codes(Path file, String name, CodeType type, long[] shape, MemorySegment bytes) {}

    private SafetensorsFile(Path file) {
        this.file = file;
    }

    /// Maps the file and checks every entry of its header: types, sizes, bounds, overlaps.
    ///
    /// @throws BadFileException saying what is wrong
    public static SafetensorsFile open(Path file, Arena arena) {
        var result = new SafetensorsFile(file);
        try (var channel = FileChannel.open(file, StandardOpenOption.READ)) {
            long size = channel.size();
            if (size < 8) {
                throw new BadFileException(file, "is only " + size + " bytes long; the download is probably incomplete");
            }
            var map = channel.map(FileChannel.MapMode.READ_ONLY, 0, size, arena);
            long headerLength = map.get(LENGTH, 0);
            if (headerLength < 2 || headerLength > MAX_HEADER || headerLength > size - 8) {
                throw new BadFileException(file, "says that its header is " + Long.toUnsignedString(headerLength) + " bytes long, but the file has "
                        + size + ": it is not a safetensors file, or it is truncated");
            }
            result.readHeader(map.asSlice(8, headerLength), map.asSlice(8 + headerLength));
            return result;
        } catch (IOException e) {
            throw new BadFileException(file, "cannot be read: " + e.getMessage(), e);
        }
    }

    public Map<String, Entry> tensors() {
        return tensors;
    }

    /// Tensors of single bytes, by name.
    public Map<String, Codes> codes() {
        return codes;
    }

    /// Tensors of other types than [ElementType]'s, codes among them, by name, with the type as the file writes it.
    public Map<String, String> unsupported() {
        return unsupported;
    }

    /// The header's `__metadata__`; checkpoints note there which tensors share storage.
    public Map<String, String> metadata() {
        return metadata;
    }

    private void readHeader(MemorySegment header, MemorySegment data) {
        JsonNode root;
        try {
            root = JSON.readTree(new String(header.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.UTF_8));
        } catch (JsonProcessingException e) {
            throw new BadFileException(file, "its header is not valid JSON" + JsonFile.fault(e), e);
        }
        if (root == null || !root.isObject()) {
            throw new BadFileException(file, "its header is not a JSON object");
        }
        long covered = 0;
        for (var field : root.properties()) {
            if (field.getKey().equals("__metadata__")) {
                field.getValue().properties().forEach(m -> metadata.put(m.getKey(), m.getValue().asText()));
            } else {
                covered += readEntry(field.getKey(), field.getValue(), data);
            }
        }
        // Offsets that are in bounds and together cover the data exactly cannot leave bytes that no tensor owns.
        if (covered != data.byteSize()) {
            throw new BadFileException(file, "its tensors take " + covered + " bytes, but " + data.byteSize()
                    + " follow the header: the file is truncated or corrupt");
        }
    }

    private long readEntry(String name, JsonNode entry, MemorySegment data) {
        long[] shape = longs(name, entry, "shape");
        long[] offsets = longs(name, entry, "data_offsets");
        if (offsets.length != 2 || offsets[0] < 0 || offsets[1] < offsets[0] || offsets[1] > data.byteSize()) {
            throw new BadFileException(file, "tensor `" + name + "` claims bytes " + java.util.Arrays.toString(offsets) + " of " + data.byteSize()
                    + ": the file is truncated or corrupt");
        }
        long length = offsets[1] - offsets[0];
        String dtype = entry.path("dtype").asText();
        var type = ElementType.ofSafetensors(dtype);
        if (type.isEmpty()) {
            // Kept out, not refused: buffers such as masks are stored as integers and are not needed.
            unsupported.put(name, dtype);
            CodeType.ofSafetensors(dtype).ifPresent(code -> {
                requireLength(name, shape, dtype, length, 1);
                codes.put(name, new Codes(file, name, code, shape, data.asSlice(offsets[0], length)));
            });
            return length;
        }
        requireLength(name, shape, dtype, length, type.get().bytes());
        tensors.put(name, new Entry(file, name, type.get(), shape, data.asSlice(offsets[0], length)));
        return length;
    }

    private void requireLength(String name, long[] shape, String dtype, long length, int elementBytes) {
        if (length != elements(name, shape) * elementBytes) {
            throw new BadFileException(file, "tensor `" + name + "` of shape " + java.util.Arrays.toString(shape) + " and type " + dtype + " cannot take "
                    + length + " bytes");
        }
    }

    private long elements(String name, long[] shape) {
        try {
            long elements = 1;
            for (long size : shape) {
                if (size < 0) {
                    throw new ArithmeticException();
                }
                elements = Math.multiplyExact(elements, size);
            }
            return Math.multiplyExact(elements, 8) / 8;
        } catch (ArithmeticException _) {
            throw new BadFileException(file, "tensor `" + name + "` has an impossible shape " + java.util.Arrays.toString(shape));
        }
    }

    private long[] longs(String name, JsonNode entry, String field) {
        var array = entry.path(field);
        if (!array.isArray() || array.size() > 8) {
            throw new BadFileException(file, "tensor `" + name + "` has no usable `" + field + "`");
        }
        var values = new long[array.size()];
        for (int i = 0; i < values.length; i++) {
            if (!array.get(i).isIntegralNumber() || !array.get(i).canConvertToLong()) {
                throw new BadFileException(file, "tensor `" + name + "` has a `" + field + "` that is not a list of integers");
            }
            values[i] = array.get(i).longValue();
        }
        return values;
    }
}
