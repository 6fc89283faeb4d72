package dev.lorikeet.model;

import dev.lorikeet.store.Sha256;
import java.lang.foreign.Arena;
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
            var tensors = new TreeMap<String, SafetensorsFile.Entry>();
            Checkpoint.files(folder).forEach(file -> tensors.putAll(SafetensorsFile.open(file, arena).tensors()));
            var hash = new Sha256();
            tensors.forEach((name, tensor) -> {
                long size = tensor.bytes().byteSize();
                hash.add(name.getBytes(StandardCharsets.UTF_8)).add(new byte[1]).add(ByteBuffer.allocate(Long.BYTES).putLong(size).array())
                        .add(tensor.bytes().asSlice(0, Math.min(SAMPLE, size)).toArray(ValueLayout.JAVA_BYTE));
            });
            return hash.hex();
        }
    }
}
