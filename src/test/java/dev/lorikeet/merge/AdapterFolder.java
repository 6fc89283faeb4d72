package dev.lorikeet.merge;

import dev.lorikeet.model.SafetensorsFile;
import dev.lorikeet.model.SafetensorsWriter;
import dev.lorikeet.model.SafetensorsWriter.Item;
import dev.lorikeet.tensor.ElementType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;

/// Makes folders of adapters and models for a test.
final class AdapterFolder {
    private AdapterFolder() {}

    /// A float32 tensor.
    record Values(float[] values, long... shape) {
        /// Small enough for an adapter to be one, large enough to be seen.
        static Values random(long... shape) {
            long elements = 1;
            for (long size : shape) {
                elements *= size;
            }
            var random = new Random(elements);
            var values = new float[(int) elements];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (0.2 * random.nextGaussian());
            }
            return new Values(values, shape);
        }
    }

    static Path write(Path folder, String config, Map<String, Values> tensors) throws IOException {
        Files.createDirectories(folder);
        Files.writeString(folder.resolve("adapter_config.json"), config);
        SafetensorsWriter.write(folder.resolve("adapter_model.safetensors"), tensors.entrySet().stream().map(tensor -> new Item(tensor.getKey(),
                ElementType.FLOAT32, tensor.getValue().shape(), arena -> arena.allocateFrom(ValueLayout.JAVA_FLOAT, tensor.getValue().values()))).toList(),
                Map.of());
        return folder;
    }

    static Path copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (var files = Files.list(from)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
        return to;
    }

    /// A float32 model folder in bfloat16: the upper halves of its numbers.
    static Path bfloat16Copy(Path from, Path to) throws IOException {
        copy(from, to);
        Files.delete(to.resolve("model.safetensors"));
        Files.writeString(to.resolve("config.json"), Files.readString(from.resolve("config.json")).replace("\"dtype\": \"float32\"", "\"dtype\": \"bfloat16\""));
        try (var arena = Arena.ofConfined()) {
            var tensors = SafetensorsFile.open(from.resolve("model.safetensors"), arena).tensors().values();
            SafetensorsWriter.write(to.resolve("model.safetensors"), tensors.stream().map(tensor -> new Item(tensor.name(), ElementType.BFLOAT16,
                    tensor.shape(), scope -> upperHalves(tensor.bytes(), scope))).toList(), Map.of());
        }
        return to;
    }

    private static MemorySegment upperHalves(MemorySegment floats, Arena arena) {
        long elements = floats.byteSize() / Float.BYTES;
        var halves = arena.allocate(elements * Short.BYTES, Long.BYTES);
        for (long i = 0; i < elements; i++) {
            int bits = floats.getAtIndex(ValueLayout.JAVA_INT_UNALIGNED, i);
            halves.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) (bits >>> 16));
        }
        return halves;
    }
}
