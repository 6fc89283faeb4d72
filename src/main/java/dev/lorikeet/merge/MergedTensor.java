package dev.lorikeet.merge;

import dev.lorikeet.model.SafetensorsWriter;
import dev.lorikeet.tensor.MergeMath;
import dev.lorikeet.tensor.Script;
import dev.lorikeet.tensor.TensorDevice;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;

/// A tensor of the merged checkpoint: the base's, with edits in their order. @param base also says type and shape of the result
record MergedTensor(String name, Block base, List<Edit> edits) {
    /// Elements in float32 that are computed at once.
    private static final long CHUNK = 16 << 20;

    MergedTensor {
        edits = List.copyOf(edits);
    }

    long bytes() {
        return base.bytes().byteSize();
    }

    boolean isChanged() {
        return !edits.isEmpty();
    }

    /// Computes some rows at a time; rows without an edit are passed on as they are in the base.
    void write(Script script, SafetensorsWriter.Sink sink) throws IOException {
        var cuts = new TreeSet<Long>(List.of(0L, base.rows()));
        for (var edit : edits) {
            cuts.add(edit.row());
            cuts.add(edit.row() + edit.rows());
        }
        long perChunk = Math.max(1, CHUNK / base.width());
        for (long from = cuts.first(); from < base.rows(); ) {
            long end = cuts.higher(from);
            long count = isPlain(from) ? end - from : Math.min(end - from, perChunk);
            rows(script, from, count, sink);
            from += count;
        }
    }

    private boolean isPlain(long row) {
        return edits.stream().noneMatch(edit -> edit.covers(row));
    }

    private void rows(Script script, long from, long count, SafetensorsWriter.Sink sink) throws IOException {
        var start = base.rows(from, count);
        var changes = new ArrayList<Edit.Change>();
        for (var edit : edits) {
            if (edit.covers(from)) {
                switch (edit) {
                    case Edit.Whole whole -> {
                        start = whole.values().rows(from - whole.row(), count);
                        changes.clear();
                    }
                    case Edit.Change change -> changes.add(change);
                }
            }
        }
        if (changes.isEmpty() && start.type() == base.type()) {
            sink.accept(start.bytes());
            return;
        }
        try (var math = new MergeMath(script, new TensorDevice.Cpu())) {
            var values = start.float32(math);
            for (var change : changes) {
                values = change.apply(math, values, from, count);
            }
            sink.accept(math.bytes(values, base.type()));
        }
    }
}
