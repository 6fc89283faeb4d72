package dev.lorikeet.tensor;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Packs TorchScript source into the archive that libtorch loads: an uncompressed zip with the source, a pickled object of its
/// class, and the version. The source holds plain functions; this puts them into a class whose attributes are `attributes`.
///
/// Format: `torch/csrc/jit/serialization`, archive version 10 (older versions stand for older operator signatures).
final class ScriptArchive {
    private static final String CLASS_NAME = "Program";

    private ScriptArchive() {}

    /// @param source functions whose first parameter is `self`
    /// @param constants names in the source that stand for numbers
    /// @param attributes `Long`, `Double`, `Boolean`, `List<Long>` or `List<Double>`, readable as `self.name`
    static byte[] pack(String source, Map<String, Integer> constants, SequencedMap<String, Object> attributes) {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            store(zip, "data.pkl", pickle(attributes));
            store(zip, "code/__torch__.py", classSource(source, constants, attributes).getBytes(StandardCharsets.UTF_8));
            store(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'});
            store(zip, "version", "10\n".getBytes(StandardCharsets.US_ASCII));
            store(zip, "byteorder", "little".getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void store(ZipOutputStream zip, String name, byte[] data) throws IOException {
        var entry = new ZipEntry("k/" + name);
        var crc = new CRC32();
        crc.update(data);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(data.length);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(data);
        zip.closeEntry();
    }

    private static String classSource(String source, Map<String, Integer> constants, SequencedMap<String, Object> attributes) {
        var text = new StringBuilder("class " + CLASS_NAME + "(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n");
        attributes.forEach((name, value) -> text.append("  ").append(name).append(" : ").append(type(value)).append('\n'));
        source.lines().forEach(line -> text.append("  ").append(line).append('\n'));
        return withConstants(text.toString().replace("(self,", "(self: __torch__." + CLASS_NAME + ","), constants);
    }

    private static String withConstants(String text, Map<String, Integer> constants) {
        var names = Pattern.compile("\\b(" + constants.keySet().stream().map(Pattern::quote).collect(Collectors.joining("|")) + ")\\b");
        return constants.isEmpty() ? text : names.matcher(text).replaceAll(match -> constants.get(match.group()).toString());
    }

    private static String type(Object value) {
        return switch (value) {
            case Long _ -> "int";
            case Double _ -> "float";
            case Boolean _ -> "bool";
            case List<?> list when !list.isEmpty() && list.getFirst() instanceof Double -> "List[float]";
            case List<?> _ -> "List[int]";
            default -> throw new IllegalArgumentException("no TorchScript type for " + value.getClass());
        };
    }

    /// Python pickle, protocol 2, of an object without constructor arguments and these attributes.
    private static byte[] pickle(SequencedMap<String, Object> attributes) throws IOException {
        var out = new ByteArrayOutputStream();
        out.write(new byte[] {(byte) 0x80, 2});
        ascii(out, "c__torch__\n" + CLASS_NAME + "\n)" + (char) 0x81 + "}(");
        text(out, "training");
        out.write((byte) 0x89);
        for (var attribute : attributes.entrySet()) {
            text(out, attribute.getKey());
            value(out, attribute.getValue());
        }
        ascii(out, "ub.");
        return out.toByteArray();
    }

    private static void value(ByteArrayOutputStream out, Object value) throws IOException {
        switch (value) {
            case Boolean flag -> out.write(flag ? 0x88 : 0x89);
            case Double number -> {
                out.write('G');
                bigEndian(out, Double.doubleToRawLongBits(number));
            }
            case Long number -> integer(out, number);
            case List<?> list when !list.isEmpty() && list.getFirst() instanceof Double -> {
                ascii(out, "ctorch.jit._pickle\nbuild_doublelist\n](");
                for (Object item : list) {
                    value(out, item);
                }
                ascii(out, "e" + (char) 0x85 + "R");
            }
            case List<?> list -> {
                ascii(out, "ctorch.jit._pickle\nbuild_intlist\n](");
                for (Object item : list) {
                    integer(out, (Long) item);
                }
                ascii(out, "e" + (char) 0x85 + "R");
            }
            default -> throw new IllegalArgumentException("cannot pickle " + value.getClass());
        }
    }

    private static void integer(ByteArrayOutputStream out, long value) {
        out.write('J');
        littleEndian(out, Math.toIntExact(value));
    }

    private static void text(ByteArrayOutputStream out, String text) throws IOException {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        out.write('X');
        littleEndian(out, utf8.length);
        out.write(utf8);
    }

    private static void ascii(ByteArrayOutputStream out, String text) throws IOException {
        out.write(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static void littleEndian(ByteArrayOutputStream out, int value) {
        for (int shift = 0; shift < 32; shift += 8) {
            out.write(value >>> shift);
        }
    }

    private static void bigEndian(ByteArrayOutputStream out, long value) {
        for (int shift = 56; shift >= 0; shift -= 8) {
            out.write((int) (value >>> shift));
        }
    }
}
