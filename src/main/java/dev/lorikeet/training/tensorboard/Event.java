package dev.lorikeet.training.tensorboard;

import java.util.Map;

/// TensorFlow's `Event` messages, as far as scalars need them (`tensorflow/core/util/event.proto`, `framework/summary.proto`).
final class Event {
    private static final int WALL_TIME = 1;
    private static final int STEP = 2;
    private static final int FILE_VERSION = 3;
    private static final int SUMMARY = 5;
    private static final int SESSION_LOG = 7;
    private static final int SESSION_STATUS = 1;
    private static final int STATUS_START = 1;
    private static final int VALUE = 1;
    private static final int TAG = 1;
    private static final int SIMPLE_VALUE = 2;
    private static final int METADATA = 9;
    private static final int PLUGIN_DATA = 1;
    private static final int PLUGIN_NAME = 1;

    private Event() {}

    /// The first event of a file.
    static byte[] version(double wallTime) {
        return new ProtoWriter().fixed64(WALL_TIME, wallTime).text(FILE_VERSION, "brain.Event:2").bytes();
    }

    /// From this step on, earlier events are void.
    static byte[] restart(double wallTime, long step) {
        return new ProtoWriter().fixed64(WALL_TIME, wallTime).varint(STEP, step)
                .message(SESSION_LOG, new ProtoWriter().varint(SESSION_STATUS, STATUS_START)).bytes();
    }

    static byte[] scalars(double wallTime, long step, Map<String, Double> values) {
        ProtoWriter plugin = new ProtoWriter().text(PLUGIN_NAME, "scalars");
        ProtoWriter summary = new ProtoWriter();
        values.forEach((tag, value) -> summary.message(VALUE, new ProtoWriter().text(TAG, tag).fixed32(SIMPLE_VALUE, value.floatValue())
                .message(METADATA, new ProtoWriter().message(PLUGIN_DATA, plugin))));
        return new ProtoWriter().fixed64(WALL_TIME, wallTime).varint(STEP, step).message(SUMMARY, summary).bytes();
    }
}
