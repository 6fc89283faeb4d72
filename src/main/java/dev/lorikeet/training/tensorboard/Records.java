package dev.lorikeet.training.tensorboard;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.zip.CRC32C;

/// TFRecord's framing: length, its masked checksum, the bytes, their masked checksum; little-endian.
final class Records {
    private static final int MASK_DELTA = 0xa282ead8;

    private Records() {}

    static ByteBuffer frame(byte[] data) {
        ByteBuffer record = ByteBuffer.allocate(data.length + 16).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(data.length).putInt(masked(record.array(), 8)).put(data).putInt(masked(data, data.length));
        return record.flip();
    }

    private static int masked(byte[] data, int length) {
        CRC32C checksum = new CRC32C();
        checksum.update(data, 0, length);
        return Integer.rotateRight((int) checksum.getValue(), 15) + MASK_DELTA;
    }
}
