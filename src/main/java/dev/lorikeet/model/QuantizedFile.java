package dev.lorikeet.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.store.AtomicFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32C;

/// A `.safetensors` file that is filled tensor by tensor in any order, on the disk or in memory, and knows the checksum of each of its tensors.
final class QuantizedFile {
    /// In the header's `__metadata__`: eight hexadecimal digits for each tensor, in the order of the file.
    private static final String CHECKSUMS = "crc32c";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final List<Slot> slots;
    private final Map<String, String> metadata;
    private final Map<String, Long> offsets = new LinkedHashMap<>();
    private final Map<String, CRC32C> checksums = new LinkedHashMap<>();
    private final long dataBytes;

    /// The place of a tensor. @param dtype as safetensors writes it
    record Slot(String name, String dtype, int elementBytes, long... shape) {
        long bytes() {
            long bytes = elementBytes;
            for (long size : shape) {
                bytes = Math.multiplyExact(bytes, size);
            }
            return bytes;
        }
    }

    /// Takes the bytes of a tensor, piece by piece in their order.
    @FunctionalInterface
    interface Sink {
        void append(String name, MemorySegment bytes) throws IOException;
    }

    /// Makes all tensors.
    @FunctionalInterface
    interface Filling {
        void fill(Sink sink) throws IOException;
    }

    /// @param metadata what tells this file from others
    QuantizedFile(List<Slot> slots, Map<String, String> metadata) {
        // Larger types first, so that every tensor is aligned.
        this.slots = slots.stream().sorted(Comparator.comparing((Slot slot) -> -slot.elementBytes())).toList();
        this.metadata = metadata;
        long offset = 0;
        for (var slot : this.slots) {
            offsets.put(slot.name(), offset);
            checksums.put(slot.name(), new CRC32C());
            offset += slot.bytes();
        }
        this.dataBytes = offset;
    }

    /// The whole file or nothing. @throws IOException such as for want of space
    void write(Path file, Filling filling) throws IOException {
        AtomicFile.writeChannel(file, channel -> {
            long start = header().remaining();
            var next = new LinkedHashMap<>(offsets);
            filling.fill((name, bytes) -> {
                writeFully(channel, buffer(name, bytes), start + next.get(name));
                next.merge(name, bytes.byteSize(), Long::sum);
            });
            requireFull(next);
            writeFully(channel, header(), 0);
        });
    }

    /// The same bytes in memory that lives as long as the arena.
    MemorySegment make(Arena arena, Filling filling) throws IOException {
        long start = header().remaining();
        var whole = arena.allocate(start + dataBytes, Long.BYTES);
        var next = new LinkedHashMap<>(offsets);
        filling.fill((name, bytes) -> {
            whole.asSlice(start + next.get(name), bytes.byteSize()).copyFrom(MemorySegment.ofBuffer(buffer(name, bytes)));
            next.merge(name, bytes.byteSize(), Long::sum);
        });
        requireFull(next);
        whole.copyFrom(MemorySegment.ofBuffer(header()));
        return whole;
    }

    private ByteBuffer buffer(String name, MemorySegment bytes) {
        checksums.get(name).update(bytes.asByteBuffer());
        return bytes.asByteBuffer();
    }

    private void requireFull(Map<String, Long> next) {
        for (var slot : slots) {
            if (next.get(slot.name()) - offsets.get(slot.name()) != slot.bytes()) {
                throw new IllegalStateException("tensor `" + slot.name() + "` got " + (next.get(slot.name()) - offsets.get(slot.name())) + " bytes instead of "
                        + slot.bytes());
            }
        }
    }

    /// Its length does not depend on the checksums.
    private ByteBuffer header() throws IOException {
        ObjectNode root = JSON.createObjectNode();
        ObjectNode notes = root.putObject("__metadata__").put("format", "pt");
        metadata.forEach(notes::put);
        var digits = new StringBuilder();
        for (var slot : slots) {
            digits.append(String.format("%08x", checksums.get(slot.name()).getValue()));
            var entry = root.putObject(slot.name()).put("dtype", slot.dtype());
            var shape = entry.putArray("shape");
            for (long size : slot.shape()) {
                shape.add(size);
            }
            entry.putArray("data_offsets").add(offsets.get(slot.name())).add(offsets.get(slot.name()) + slot.bytes());
        }
        notes.put(CHECKSUMS, digits.toString());
        byte[] json = JSON.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
        int length = (json.length + 63) / 64 * 64 + 56;
        var buffer = ByteBuffer.allocate(8 + length).order(ByteOrder.LITTLE_ENDIAN).putLong(length).put(json);
        while (buffer.hasRemaining()) {
            buffer.put((byte) ' ');
        }
        return buffer.flip();
    }

    /// What makes a file another than this one would be, or damaged; empty if it is this one.
    List<String> differences(SafetensorsFile file) {
        var expected = new LinkedHashMap<>(metadata);
        for (var slot : slots) {
            var bytes = bytes(file, slot);
            if (bytes.byteSize() != slot.bytes()) {
                return List.of("it has not the tensor `" + slot.name() + "` of " + slot.bytes() + " bytes");
            }
            checksums.get(slot.name()).reset();
            for (long from = 0; from < bytes.byteSize(); from += 1 << 28) {
                checksums.get(slot.name()).update(bytes.asSlice(from, Math.min(1 << 28, bytes.byteSize() - from)).asByteBuffer());
            }
        }
        var digits = new StringBuilder();
        slots.forEach(slot -> digits.append(String.format("%08x", checksums.get(slot.name()).getValue())));
        expected.put(CHECKSUMS, digits.toString());
        return expected.entrySet().stream().filter(note -> !note.getValue().equals(file.metadata().get(note.getKey())))
                .map(note -> "its `" + note.getKey() + "` is another").toList();
    }

    private static MemorySegment bytes(SafetensorsFile file, Slot slot) {
        var codes = file.codes().get(slot.name());
        var tensor = file.tensors().get(slot.name());
        return codes != null ? codes.bytes() : tensor != null ? tensor.bytes() : MemorySegment.NULL;
    }

    private static void writeFully(FileChannel channel, ByteBuffer buffer, long at) throws IOException {
        long position = at;
        while (buffer.hasRemaining()) {
            position += channel.write(buffer, position);
        }
    }
}
