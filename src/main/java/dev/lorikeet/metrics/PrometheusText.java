package dev.lorikeet.metrics;

import java.util.Map;

/// Families and samples in Prometheus' text format.
final class PrometheusText {
    private final StringBuilder out = new StringBuilder();

    /// A family of one series without labels, which may fall.
    void gauge(String name, String help, double value) {
        single(name, "gauge", help, value);
    }

    /// A family of one series without labels, which only grows.
    void counter(String name, String help, double value) {
        single(name, "counter", help, value);
    }

    private void single(String name, String type, String help, double value) {
        family(name, type, help);
        line(name, Map.of(), value);
    }

    void family(String name, String type, String help) {
        out.append("# HELP ").append(name).append(' ').append(help).append("\n# TYPE ").append(name).append(' ').append(type).append('\n');
    }

    void line(String name, Map<String, String> labels, double value) {
        out.append(name);
        if (!labels.isEmpty()) {
            var parts = labels.entrySet().stream().map(label -> label.getKey() + "=\"" + escaped(label.getValue()) + '"').toList();
            out.append('{').append(String.join(",", parts)).append('}');
        }
        out.append(' ').append(value).append('\n');
    }

    private static String escaped(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }

    String text() {
        return out.toString();
    }
}
