package dev.lorikeet.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.model.SafetensorsWriter.Item;
import dev.lorikeet.tensor.ElementType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafetensorsWriterTest {
    @TempDir
    Path folder;

    private static Item item(String name, ElementType type, byte[] bytes, long... shape) {
        return new Item(name, type, shape, arena -> arena.allocateFrom(ValueLayout.JAVA_BYTE, bytes));
    }

    @Test
    void whatIsWrittenIsReadBack() throws IOException {
        var file = folder.resolve("model.safetensors");
        byte[] half = {1, 2, 3, 4, 5, 6};
        byte[] full = {9, 8, 7, 6, 5, 4, 3, 2};
        SafetensorsWriter.write(file, List.of(item("a.half", ElementType.BFLOAT16, half, 3), item("z.full", ElementType.FLOAT32, full, 1, 2)),
                Map.of("note", "값"));
        try (var arena = Arena.ofConfined()) {
            var read = SafetensorsFile.open(file, arena);
            assertThat(read.tensors().keySet()).containsExactly("z.full", "a.half");
            assertThat(read.metadata()).containsEntry("format", "pt").containsEntry("note", "값");
            assertThat(read.tensors().get("a.half").shape()).containsExactly(3);
            assertThat(read.tensors().get("a.half").bytes().toArray(ValueLayout.JAVA_BYTE)).containsExactly(half);
            assertThat(read.tensors().get("z.full").bytes().toArray(ValueLayout.JAVA_BYTE)).containsExactly(full);
        }
    }

    @Test
    void everyFixtureComesBackByteForByte() throws IOException {
        for (String family : Fixtures.families()) {
            var source = Fixtures.folder(family).resolve("model.safetensors");
            var copy = folder.resolve(family + ".safetensors");
            try (var arena = Arena.ofConfined()) {
                var original = SafetensorsFile.open(source, arena);
                SafetensorsWriter.write(copy, original.tensors().values().stream()
                        .map(entry -> new Item(entry.name(), entry.type(), entry.shape(), _ -> entry.bytes())).toList(), Map.of());
                var again = SafetensorsFile.open(copy, arena);
                original.tensors().forEach((name, entry) ->
                        assertThat(entry.bytes().mismatch(again.tensors().get(name).bytes())).as("%s of %s", name, family).isEqualTo(-1));
            }
        }
    }

    @Test
    void aTensorOfTheWrongSizeLeavesNoFile() {
        var wrong = new Item("w", ElementType.FLOAT32, new long[] {2}, _ -> MemorySegment.ofArray(new byte[4]));
        assertThatThrownBy(() -> SafetensorsWriter.write(folder.resolve("x"), List.of(wrong), Map.of())).hasMessageContaining("`w` has 4 bytes instead of 8");
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void aNameMayNotStandTwice() {
        assertThatThrownBy(() -> SafetensorsWriter.write(folder.resolve("x"),
                List.of(item("w", ElementType.FLOAT32, new byte[4], 1), item("w", ElementType.FLOAT32, new byte[4], 1)), Map.of()))
                .hasMessageContaining("two tensors are called `w`");
        assertThat(Files.exists(folder.resolve("x"))).isFalse();
    }
}
