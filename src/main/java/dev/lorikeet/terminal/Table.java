package dev.lorikeet.terminal;

import java.util.ArrayList;
import java.util.List;
import org.jline.utils.AttributedString;

/// Columns under headings, aligned by what characters take on a terminal.
final class Table {
    private static final int GAP = 2;

    private final List<List<String>> rows = new ArrayList<>();

    Table(String... headings) {
        rows.add(List.of(headings));
    }

    void add(String... cells) {
        if (cells.length != rows.getFirst().size()) {
            throw new IllegalArgumentException(cells.length + " cells under " + rows.getFirst().size() + " headings");
        }
        rows.add(List.of(cells).stream().map(PlainText::line).toList());
    }

    boolean isEmpty() {
        return rows.size() == 1;
    }

    String text() {
        var text = new StringBuilder();
        for (var row : rows) {
            var line = new StringBuilder();
            for (int column = 0; column < row.size(); column++) {
                String cell = row.get(column);
                line.append(cell).append(" ".repeat(width(column) + GAP - columns(cell)));
            }
            text.append(line.toString().stripTrailing()).append('\n');
        }
        return text.toString();
    }

    private int width(int column) {
        return rows.stream().mapToInt(row -> columns(row.get(column))).max().orElse(0);
    }

    private static int columns(String cell) {
        return new AttributedString(cell).columnLength();
    }
}
