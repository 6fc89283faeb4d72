package dev.lorikeet.merge;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.lorikeet.model.SafetensorsWriter;
import dev.lorikeet.tensor.Script;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleConsumer;

/// Writes the tensors of a checkpoint as `save_pretrained` does: one `model.safetensors`, or several of limited size and an index. Each
/// tensor goes to the file as it is computed.
final class ShardWriter {
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
        Files.writeString(folder.resolve("model.safetensors.index.json"), index.toPrettyString() + "\n");
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
        var items = tensors.stream().map(this::item).toList();
        SafetensorsWriter.write(folder.resolve(name), items, Map.of());
    }

    private SafetensorsWriter.Item item(MergedTensor tensor) {
        SafetensorsWriter.Pieces pieces = sink -> tensor.write(script, bytes -> {
            sink.accept(bytes);
            written += bytes.byteSize();
            progress.accept((double) written / total);
        });
        return new SafetensorsWriter.Item(tensor.name(), tensor.base().type(), tensor.base().shape(), pieces);
    }
}
