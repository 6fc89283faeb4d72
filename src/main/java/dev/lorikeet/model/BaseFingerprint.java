package dev.lorikeet.model;

import dev.lorikeet.store.Sha256;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.TreeMap;

/// Tells one checkpoint's contents from another's, wherever its folder is and whatever it is called.
///
/// It is the SHA-256 of, for each tensor in order of name: the name, a zero byte, the size in bytes as eight bytes (big-endian) and the
/// first 4096 bytes of its values. Reading all of a large model would take longer than loading it, and fine-tuned weights differ everywhere.
public final class BaseFingerprint {
    private static final int SAMPLE = 4096;

    private BaseFingerprint() {}

    /// @throws dev.lorikeet.store.BadFileException when the folder has no readable checkpoint
    public static String of(Path folder) {
        try (var arena = Arena.ofConfined()) {
            var tensors = new TreeMap<String, MemorySegment>();
            for (Path file : Checkpoint.files(folder)) {
                var shard = SafetensorsFile.open(file, arena);
                shard.tensors().forEach((name, tensor) -> tensors.put(name, tensor.bytes()));
                shard.codes().forEach((name, codes) -> tensors.put(name, codes.bytes()));
            }
            var hash = new Sha256();
            tensors.forEach((name, bytes) -> {
                long size = bytes.byteSize();
                hash.add(name.getBytes(StandardCharsets.UTF_8)).add(new byte[1]).add(ByteBuffer.allocate(Long.BYTES).putLong(size).array())
                        .add(bytes.asSlice(0, Math.min(SAMPLE, size)).toArray(ValueLayout.JAVA_BYTE));
            });
            return hash.hex();
        }
    }
}
