package dev.lorikeet.model;

import dev.lorikeet.store.BadFileException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;

/// Files of tensors: they are mapped, and every byte of every tensor can be read, or they are refused.
public final class SafetensorsFuzz {
    private static final Path FILE = file();

    private SafetensorsFuzz() {}

    private static Path file() {
        try {
            Path file = Files.createTempFile("fuzz", ".safetensors");
            file.toFile().deleteOnExit();
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Called by the fuzzer.
    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        Files.write(FILE, data);
        try (var arena = Arena.ofConfined()) {
            for (var tensor : SafetensorsFile.open(FILE, arena).tensors().values()) {
                long elements = 1;
                for (long size : tensor.shape()) {
                    elements = Math.multiplyExact(elements, size);
                }
                if (elements != tensor.elements()) {
                    throw new AssertionError("`" + tensor.name() + "` has " + tensor.elements() + " elements and a shape for " + elements);
                }
                tensor.bytes().toArray(ValueLayout.JAVA_BYTE);
            }
        } catch (BadFileException _) {
            // Refused.
        }
    }
}
