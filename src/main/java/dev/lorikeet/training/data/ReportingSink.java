package dev.lorikeet.training.data;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.chat.TemplateRefusal;

/// Counts the rows of a file and hands them on; what cannot be used is reported.
record ReportingSink(ReportBuilder report, DataLimits limits, Reader reader) implements RowSink {
    /// Takes a row.
    @FunctionalInterface
    interface Reader {
        /// @throws RowException when it cannot be learned from
        void read(int line, ObjectNode row);
    }

    @Override
    public void row(int line, ObjectNode row) {
        count();
        try {
            reader.read(line, row);
        } catch (RowException | TemplateRefusal e) {
            report.bad(line, e.getMessage());
        }
    }

    @Override
    public void bad(int line, String reason) {
        count();
        report.bad(line, reason);
    }

    private void count() {
        if (report.row() > limits.maxRows()) {
            throw new DataRefusal("has more than " + limits.maxRows() + " rows; train on a part of them");
        }
    }
}
