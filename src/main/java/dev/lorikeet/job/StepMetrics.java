package dev.lorikeet.job;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The table of a job's steps, as OpenAI's result file has it. Where a step was done twice, since the job went on from a checkpoint
/// before it, the last time counts.
final class StepMetrics {
    private static final List<String> COLUMNS = List.of("train_loss", "train_mean_token_accuracy", "valid_loss", "valid_mean_token_accuracy");

    /// Behind OpenAI's columns, where answers are preferred: TRL's names, of the step and of the held-out pairs.
    private static final List<String> PREFERENCES = Stream.of("", "eval_").flatMap(prefix -> Stream.of("rewards/chosen", "rewards/rejected",
            "rewards/accuracies", "rewards/margins", "logps/chosen", "logps/rejected").map(name -> prefix + name)).toList();

    private StepMetrics() {}

    /// The numbers of one step, by their columns' names.
    static Map<String, Double> of(int step, List<JobEvent> events) {
        var row = table(events).getOrDefault(step, JobJson.object());
        var metrics = new TreeMap<String, Double>();
        Stream.concat(COLUMNS.stream(), PREFERENCES.stream()).filter(column -> row.path(column).isNumber()).forEach(column -> metrics.put(column, row.get(column).doubleValue()));
        return metrics;
    }

    private static TreeMap<Integer, ObjectNode> table(List<JobEvent> events) {
        var steps = new TreeMap<Integer, ObjectNode>();
        for (var event : events) {
            if (event.type() == JobEvent.Kind.METRICS && event.data().path("step").isInt()) {
                int step = event.data().path("step").intValue();
                if (event.data().has("train_loss")) {
                    steps.put(step, event.data().deepCopy());
                } else {
                    steps.computeIfAbsent(step, _ -> JobJson.object()).setAll(event.data());
                }
            }
        }
        return steps;
    }

    static String csv(List<JobEvent> events) {
        var steps = table(events);
        var columns = new ArrayList<>(COLUMNS);
        PREFERENCES.stream().filter(name -> steps.values().stream().anyMatch(data -> data.has(name))).forEach(columns::add);
        var csv = new StringBuilder("step,train_loss,train_accuracy,valid_loss,valid_mean_token_accuracy");
        columns.subList(COLUMNS.size(), columns.size()).forEach(name -> csv.append(',').append(name));
        csv.append('\n');
        steps.forEach((step, data) -> {
            csv.append(step);
            columns.forEach(column -> csv.append(',').append(cell(data.path(column))));
            csv.append('\n');
        });
        return csv.toString();
    }

    private static String cell(JsonNode value) {
        return value.isNumber() ? value.asText() : "";
    }
}
