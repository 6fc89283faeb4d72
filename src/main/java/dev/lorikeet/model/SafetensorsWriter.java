package dev.lorikeet.model;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.store.AtomicFile;
import dev.lorikeet.tensor.ElementType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;

/// Writes `.safetensors` files, one tensor in memory at a time. The file is there whole or not at all.
///
/// Format: https://github.com/huggingface/safetensors; larger types first, then by name, as its own writer does, so that every tensor is aligned.
public final class SafetensorsWriter {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int ALIGNMENT = 8;
    /// Channels take buffers below 2 GiB.
    private static final long PIECE = 1 << 28;

    private SafetensorsWriter() {}

    /// Makes a tensor's bytes when it is its turn.
    @FunctionalInterface
    public interface Bytes {
        /// @param arena closed once the bytes are written @return row-major, little-endian, exactly of the tensor's size
        MemorySegment in(Arena arena) throws IOException;

        /// Hands them over.
        default void writeTo(Sink sink) throws IOException {
            try (var arena = Arena.ofConfined()) {
                sink.accept(in(arena));
            }
        }
    }

    /// Makes a tensor's bytes piece by piece, for one that would be large in memory.
    @FunctionalInterface
    public interface Pieces extends Bytes {
        @Override
        void writeTo(Sink sink) throws IOException;

        @Override
        default MemorySegment in(Arena arena) throws IOException {
            var all = new ByteArrayOutputStream();
            writeTo(piece -> all.writeBytes(piece.toArray(ValueLayout.JAVA_BYTE)));
            return arena.allocateFrom(ValueLayout.JAVA_BYTE, all.toByteArray());
        }
    }

    /// Takes a tensor's bytes in their order; they may go once the call has returned.
    @FunctionalInterface
    public interface Sink {
        void accept(MemorySegment bytes) throws IOException;
    }

    /// A tensor to write.
    public record Item(String name, ElementType type, long[] shape, Bytes bytes) {
        public Item {
            shape = shape.clone();
        }

        long byteSize() {
            long elements = 1;
            for (long size : shape) {
                elements = Math.multiplyExact(elements, size);
            }
            return elements * type.bytes();
        }
    }

    /// @param metadata strings for the header; `format: pt` is what transformers and PEFT ask for, and is added
    public static void write(Path file, List<Item> items, Map<String, String> metadata) throws IOException {
        var ordered = items.stream().sorted(Comparator.comparing((Item item) -> -item.type().bytes()).thenComparing(Item::name)).toList();
        var names = new HashSet<String>();
        ordered.forEach(item -> {
            if (!names.add(item.name())) {
                throw new IllegalArgumentException("two tensors are called `" + item.name() + "`");
            }
        });
        AtomicFile.writeChannel(file, channel -> {
            writeFully(channel, header(ordered, metadata));
            for (var item : ordered) {
                write(channel, item);
            }
        });
    }

    private static ByteBuffer header(List<Item> items, Map<String, String> metadata) throws IOException {
        ObjectNode root = JSON.createObjectNode();
        ObjectNode notes = root.putObject("__metadata__").put("format", "pt");
        metadata.forEach(notes::put);
        long offset = 0;
        for (var item : items) {
            var entry = root.putObject(item.name()).put("dtype", item.type().safetensorsName());
            var shape = entry.putArray("shape");
            for (long size : item.shape()) {
                shape.add(size);
            }
            entry.putArray("data_offsets").add(offset).add(offset += item.byteSize());
        }
        byte[] json = JSON.writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
        int length = (json.length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
        var buffer = ByteBuffer.allocate(8 + length).order(ByteOrder.LITTLE_ENDIAN).putLong(length).put(json);
        while (buffer.hasRemaining()) {
            buffer.put((byte) ' ');
        }
        return buffer.flip();
    }

    private static void write(FileChannel channel, Item item) throws IOException {
        long start = channel.position();
        item.bytes().writeTo(bytes -> {
            for (long from = 0; from < bytes.byteSize(); from += PIECE) {
                writeFully(channel, bytes.asSlice(from, Math.min(PIECE, bytes.byteSize() - from)).asByteBuffer());
            }
        });
        if (channel.position() - start != item.byteSize()) {
            throw new IllegalStateException("tensor `" + item.name() + "` has " + (channel.position() - start) + " bytes instead of " + item.byteSize());
        }
    }

    private static void writeFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
    }
}
