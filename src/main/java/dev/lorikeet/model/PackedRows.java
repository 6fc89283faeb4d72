package dev.lorikeet.model;

import dev.lorikeet.model.Quantization.Int4;
import dev.lorikeet.tensor.ElementType;
import dev.lorikeet.tensor.Script;
import dev.lorikeet.tensor.TensorDevice;
import dev.lorikeet.tensor.TensorOwner;
import java.util.Arrays;

/// In which order libtorch packs rows of int4, which depends on the processor's vectors: found out by packing numbers of rows.
final class PackedRows implements AutoCloseable {
    private final TensorDevice device;
    private final Script script;
    private final int group;

    PackedRows(TensorDevice device) {
        this.device = device;
        this.script = Quantizer.compile(device, new Int4(), ElementType.FLOAT32);
        try (var scratch = TensorOwner.open(device)) {
            this.group = (int) script.record(scratch, "rows_in_group", scratch.ofFloats(0)).getFirst().toLongs()[0];
        }
    }

    /// So many rows go together.
    int group() {
        return group;
    }

    /// The places of a group's rows, and behind them those of `rows` modulo a group.
    long[] places(long rows) {
        long[] whole = placesOf(group);
        int rest = (int) (rows % group);
        long[] all = Arrays.copyOf(whole, group + rest);
        if (rest > 0) {
            System.arraycopy(placesOf(rest), 0, all, group, rest);
        }
        return all;
    }

    private long[] placesOf(int rows) {
        try (var scratch = TensorOwner.open(device)) {
            return script.record(scratch, "place_in_group", scratch.ofFloats(new float[rows], rows)).getFirst().toLongs();
        }
    }

    /// Tells this order from others.
    String name() {
        return group + "-" + Integer.toHexString(Arrays.hashCode(places(group + 16L)));
    }

    @Override
    public void close() {
        script.close();
    }
}
