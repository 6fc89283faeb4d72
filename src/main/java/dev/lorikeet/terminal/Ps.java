package dev.lorikeet.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Locale;

/// What a server holds and does now: models, adapters, unfinished jobs.
public final class Ps {
    private static final List<String> FINAL = List.of("succeeded", "failed", "cancelled");
    private static final String NOTHING = "-";

    private final Server server;

    public Ps(Server server) {
        this.server = server;
    }

    public void print(PrintStream out) throws IOException {
        out.print(models().text());
        for (Table table : List.of(adapters(), jobs())) {
            if (!table.isEmpty()) {
                out.print("\n" + table.text());
            }
        }
    }

    /// All that are more than a folder: one that is not loaded takes nothing.
    private Table models() throws IOException {
        var table = new Table("MODEL", "STATE", "PARAMETERS", "TYPE", "DEVICE", "CONTEXT", "WEIGHTS", "CACHE", "RUNNING", "WAITING");
        for (JsonNode model : server.get("/models").path("data")) {
            JsonNode status = model.path("status");
            JsonNode info = status.path("info");
            JsonNode requests = model.path("requests");
            if (!status.path("value").asText().equals("unloaded")) {
                table.add(model.path("id").asText(), state(status), info.isMissingNode() ? NOTHING : count(info.path("n_params").longValue()), text(info, "dtype"), text(info, "device"),
                        text(info, "n_ctx"), bytes(info.path("weight_bytes")), bytes(info.path("cache_bytes")), text(requests, "running"), text(requests, "waiting"));
            }
        }
        return table;
    }

    private static String state(JsonNode status) {
        JsonNode progress = status.path("progress").path("value");
        String reason = status.path("reason").asText("");
        return status.path("value").asText() + (progress.isNumber() ? String.format(Locale.ROOT, " %.0f%%", 100 * progress.doubleValue()) : "")
                + (reason.isEmpty() ? "" : ": " + reason);
    }

    private Table adapters() throws IOException {
        var table = new Table("ADAPTER", "BASE", "WHERE", "RANK", "MEMORY", "RUNNING");
        for (JsonNode adapter : server.get("/v1/adapters").path("data")) {
            table.add(adapter.path("model").asText() + (adapter.path("current").booleanValue() ? " (current)" : ""), adapter.path("base").asText(), adapter.path("state").asText(),
                    text(adapter, "rank"), Ps.bytes(adapter.path("device_bytes").longValue() + adapter.path("host_bytes").longValue()), text(adapter, "in_flight"));
        }
        return table;
    }

    private Table jobs() throws IOException {
        var table = new Table("JOB", "MODEL", "STATUS", "STEP", "LOSS", "LEFT");
        for (JsonNode job : server.get("/v1/fine_tuning/jobs?limit=100").path("data")) {
            String id = job.path("id").asText();
            if (!FINAL.contains(job.path("status").asText())) {
                JsonNode step = lastStep(id);
                table.add(id, job.path("model").asText(), job.path("status").asText(), step.isMissingNode() ? NOTHING : step.path("step").asText() + "/" + step.path("total_steps").asText(),
                        step.has("train_loss") ? String.format(Locale.ROOT, "%.4f", step.path("train_loss").doubleValue()) : NOTHING,
                        step.has("eta_seconds") ? TrainClient.clock(Math.round(step.path("eta_seconds").doubleValue())) : NOTHING);
            }
        }
        return table;
    }

    /// The newest events come first.
    private JsonNode lastStep(String job) throws IOException {
        for (JsonNode event : server.get("/v1/fine_tuning/jobs/" + job + "/events?limit=20").path("data")) {
            if (event.path("data").has("train_loss")) {
                return event.path("data");
            }
        }
        return com.fasterxml.jackson.databind.node.MissingNode.getInstance();
    }

    private static String text(JsonNode node, String field) {
        return node.path(field).asText(NOTHING);
    }

    private static String bytes(JsonNode number) {
        return number.isNumber() ? bytes(number.longValue()) : NOTHING;
    }

    private static String bytes(long number) {
        return number >= 1_000_000_000 ? String.format(Locale.ROOT, "%.1f GB", number / 1e9) : String.format(Locale.ROOT, "%.1f MB", number / 1e6);
    }

    private static String count(long number) {
        return number >= 1_000_000_000 ? String.format(Locale.ROOT, "%.1fB", number / 1e9) : String.format(Locale.ROOT, "%.1fM", number / 1e6);
    }
}
