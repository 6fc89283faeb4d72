package dev.lorikeet.merge;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.tensor.Script;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.function.DoubleConsumer;

/// Writes the tensors of a checkpoint as `save_pretrained` does: one `model.safetensors`, or several of limited size and an index. Each
/// tensor goes to the file as it is computed.
final class ShardWriter {
    /// A ByteBuffer holds less than 2 GiB.
    private static final long LARGEST_WRITE = 1 << 30;

    private final Path folder;
    private final Script script;
    private final DoubleConsumer progress;
    private final long total;
    private long written;

    private ShardWriter(Path folder, Script script, DoubleConsumer progress, long total) {
        this.folder = folder;
        this.script = script;
        this.progress = progress;
        this.total = total;
    }

    /// @return how many files it made
    static int write(Path folder, List<MergedTensor> tensors, long shardBytes, Script script, DoubleConsumer progress) throws IOException {
        long total = tensors.stream().mapToLong(MergedTensor::bytes).sum();
        var writer = new ShardWriter(folder, script, progress, total);
        var shards = cut(tensors, shardBytes);
        if (shards.size() == 1) {
            writer.shard("model.safetensors", tensors);
            return 1;
        }
        var map = JsonNodeFactory.instance.objectNode();
        for (int i = 0; i < shards.size(); i++) {
            String name = String.format("model-%05d-of-%05d.safetensors", i + 1, shards.size());
            writer.shard(name, shards.get(i));
            shards.get(i).forEach(tensor -> map.put(tensor.name(), name));
        }
        var index = JsonNodeFactory.instance.objectNode();
        index.putObject("metadata").put("total_size", total);
        index.set("weight_map", map);
        Files.writeString(folder.resolve("model.safetensors.index.json"),
                new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsString(index) + "\n");
        return shards.size();
    }

    private static List<List<MergedTensor>> cut(List<MergedTensor> tensors, long shardBytes) {
        var shards = new ArrayList<List<MergedTensor>>();
        long room = 0;
        for (var tensor : tensors) {
            if (shards.isEmpty() || tensor.bytes() > room) {
                shards.add(new ArrayList<>());
                room = shardBytes;
            }
            shards.getLast().add(tensor);
            room -= tensor.bytes();
        }
        return shards;
    }

    private void shard(String name, List<MergedTensor> tensors) throws IOException {
        try (var channel = FileChannel.open(folder.resolve(name), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            byte[] header = header(tensors);
            writeAll(channel, ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(header.length).flip());
            writeAll(channel, ByteBuffer.wrap(header));
            for (var tensor : tensors) {
                tensor.write(script, bytes -> write(channel, bytes));
            }
            channel.force(true);
        }
    }

    private static byte[] header(List<MergedTensor> tensors) {
        var header = JsonNodeFactory.instance.objectNode();
        header.putObject("__metadata__").put("format", "pt");
        long at = 0;
        for (var tensor : tensors) {
            ObjectNode entry = header.putObject(tensor.name()).put("dtype", tensor.base().type().safetensorsName());
            var shape = entry.putArray("shape");
            for (long size : tensor.base().shape()) {
                shape.add(size);
            }
            entry.putArray("data_offsets").add(at).add(at + tensor.bytes());
            at += tensor.bytes();
        }
        // Blanks bring the first tensor to a multiple of eight.
        String json = header.toString();
        int length = json.getBytes(StandardCharsets.UTF_8).length;
        return (json + " ".repeat((8 - length % 8) % 8)).getBytes(StandardCharsets.UTF_8);
    }

    private void write(FileChannel channel, MemorySegment bytes) throws IOException {
        for (long at = 0; at < bytes.byteSize(); at += LARGEST_WRITE) {
            long part = Math.min(LARGEST_WRITE, bytes.byteSize() - at);
            writeAll(channel, bytes.asSlice(at, part).asByteBuffer());
            written += part;
            progress.accept((double) written / total);
        }
    }

    private static void writeAll(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
