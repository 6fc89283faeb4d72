package dev.lorikeet.training.data;

import com.fasterxml.jackson.databind.node.ObjectNode;

/// Takes the rows of a file one by one.
interface RowSink {
    void row(int line, ObjectNode row);

    /// A row that cannot be read; the file goes on behind it.
    void bad(int line, String reason);
}
