package dev.lorikeet.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.job.Hyperparameters;
import dev.lorikeet.job.JobRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/// Reads the request for a job. Nothing in it is ignored: what is not understood is refused by its name.
final class JobFields {
    private static final int MAX_SUFFIX = 64;
    private static final int MAX_PAIRS = 16;
    private static final int MAX_KEY = 64;
    private static final int MAX_VALUE = 512;

    private JobFields() {}

    /// @param dryRun whether the rows are only looked at
    record Wanted(JobRequest request, boolean dryRun) {}

    /// @param owner to whom the job will belong
    static Wanted read(Fields fields, Optional<String> owner) {
        String model = fields.requireText("model");
        String training = fields.requireText("training_file");
        Optional<String> validation = fields.text("validation_file");
        Optional<String> suffix = fields.text("suffix");
        suffix.ifPresent(text -> {
            if (text.isEmpty() || text.codePointCount(0, text.length()) > MAX_SUFFIX || text.indexOf(':') >= 0 || text.indexOf('/') >= 0) {
                throw ApiException.invalid(fields.path("suffix"), "Invalid 'suffix': '" + text + "'; expected 1 to " + MAX_SUFFIX
                        + " characters, without ':' and '/'.");
            }
        });
        OptionalInt seed = fields.integer("seed", 0, Integer.MAX_VALUE);
        Hyperparameters numbers = hyperparameters(fields);
        if (!fields.list("integrations", (node, _) -> node).isEmpty()) {
            throw unsupported(fields.path("integrations"), "This server reports to TensorBoard files only: set 'lorikeet.report_to' to 'tensorboard'.");
        }
        boolean dryRun = fields.flag("dry_run", false);
        ObjectNode options = fields.object("lorikeet").map(object -> (ObjectNode) object.node()).orElseGet(JsonNodeFactory.instance::objectNode);
        Map<String, String> metadata = metadata(fields);
        refuseUnread(fields);
        return new Wanted(new JobRequest(model, training, validation, suffix, seed, metadata, numbers, options, owner), dryRun);
    }

    private static Hyperparameters hyperparameters(Fields fields) {
        Optional<Hyperparameters> old = fields.object("hyperparameters").map(JobFields::numbers);
        Optional<Fields> method = fields.object("method");
        if (method.isEmpty()) {
            return old.orElse(Hyperparameters.AUTO);
        }
        String type = method.get().requireText("type");
        if (!type.equals("supervised")) {
            throw unsupported(method.get().path("type"), "This server trains with the method 'supervised' only, not '" + type + "'.");
        }
        Optional<Fields> supervised = method.get().object("supervised");
        Optional<Hyperparameters> numbers = supervised.flatMap(f -> f.object("hyperparameters")).map(JobFields::numbers);
        supervised.ifPresent(JobFields::refuseUnread);
        refuseUnread(method.get());
        if (numbers.isPresent() && old.isPresent()) {
            throw ApiException.invalid("hyperparameters", "'hyperparameters' is the old place of 'method.supervised.hyperparameters'; send one of them.");
        }
        return numbers.or(() -> old).orElse(Hyperparameters.AUTO);
    }

    private static Hyperparameters numbers(Fields fields) {
        OptionalInt epochs = isAuto(fields, "n_epochs") ? OptionalInt.empty() : fields.integer("n_epochs", 1, 1000);
        OptionalInt batch = isAuto(fields, "batch_size") ? OptionalInt.empty() : fields.integer("batch_size", 1, 256);
        OptionalDouble rate = isAuto(fields, "learning_rate_multiplier") ? OptionalDouble.empty()
                : fields.number("learning_rate_multiplier", Fields.Range.above(0, Double.MAX_VALUE));
        refuseUnread(fields);
        return new Hyperparameters(epochs, batch, rate);
    }

    private static boolean isAuto(Fields fields, String name) {
        return fields.get(name).filter(node -> "auto".equals(node.textValue())).isPresent();
    }

    private static Map<String, String> metadata(Fields fields) {
        var metadata = new LinkedHashMap<String, String>();
        fields.object("metadata").ifPresent(object -> {
            for (var pair : object.node().properties()) {
                String path = object.path(pair.getKey());
                String value = Fields.text(pair.getValue(), path);
                if (pair.getKey().length() > MAX_KEY || value.length() > MAX_VALUE) {
                    throw ApiException.invalid(path, "Invalid '" + path + "': a key has up to " + MAX_KEY + " characters and a value up to " + MAX_VALUE + ".");
                }
                metadata.put(pair.getKey(), value);
            }
            if (metadata.size() > MAX_PAIRS) {
                throw ApiException.invalid(object.path(), "Invalid 'metadata': " + metadata.size() + " pairs; expected up to " + MAX_PAIRS + ".");
            }
        });
        return metadata;
    }

    private static void refuseUnread(Fields fields) {
        for (String name : fields.unread()) {
            JsonNode value = fields.node().get(name);
            if (!value.isNull()) {
                throw unsupported(fields.path(name), "'" + fields.path(name) + "' is not supported by this server"
                        + (fields.path(name).contains(".") || fields.path(name).equals("lorikeet") ? "." : "; options of training belong in 'lorikeet'."));
            }
        }
    }

    private static ApiException unsupported(String path, String message) {
        return ApiException.invalid(path, "unsupported_value", message);
    }
}
