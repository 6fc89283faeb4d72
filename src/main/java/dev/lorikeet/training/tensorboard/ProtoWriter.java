package dev.lorikeet.training.tensorboard;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/// Protocol Buffers' wire format.
final class ProtoWriter {
    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int DELIMITED = 2;
    private static final int FIXED32 = 5;

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    ProtoWriter varint(int field, long value) {
        key(field, VARINT);
        return raw(value);
    }

    ProtoWriter fixed64(int field, double value) {
        key(field, FIXED64);
        return littleEndian(Double.doubleToRawLongBits(value), Long.BYTES);
    }

    ProtoWriter fixed32(int field, float value) {
        key(field, FIXED32);
        return littleEndian(Float.floatToRawIntBits(value), Integer.BYTES);
    }

    ProtoWriter text(int field, String value) {
        return delimited(field, value.getBytes(StandardCharsets.UTF_8));
    }

    ProtoWriter message(int field, ProtoWriter message) {
        return delimited(field, message.bytes());
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    private ProtoWriter delimited(int field, byte[] bytes) {
        key(field, DELIMITED);
        raw(bytes.length);
        out.writeBytes(bytes);
        return this;
    }

    private void key(int field, int wireType) {
        raw((long) field << 3 | wireType);
    }

    private ProtoWriter raw(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        out.write((int) rest);
        return this;
    }

    private ProtoWriter littleEndian(long bits, int bytes) {
        for (int i = 0; i < bytes; i++) {
            out.write((int) (bits >>> 8 * i));
        }
        return this;
    }
}
