package dev.lorikeet.api;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.job.Hyperparameters;
import dev.lorikeet.job.JobMethod;
import dev.lorikeet.job.JobRequest;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// Reads the request for a job. Nothing in it is ignored: what is not understood is refused by its name.
final class JobFields {
    private static final int MAX_SUFFIX = 64;
    private static final int MAX_PAIRS = 16;
    private static final int MAX_KEY = 64;
    private static final int MAX_VALUE = 512;
    private static final double MAX_BETA = 2;

    private JobFields() {}

    /// @param dryRun whether the rows are only looked at
    record Wanted(JobRequest request, boolean dryRun) {}

    static Wanted read(Fields fields) {
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
        Wish wish = wish(fields);
        if (!fields.list("integrations", (node, _) -> node).isEmpty()) {
            throw unsupported(fields.path("integrations"), "This server reports to TensorBoard files only: set 'lorikeet.report_to' to 'tensorboard'.");
        }
        boolean dryRun = fields.flag("dry_run", false);
        ObjectNode options = fields.object("lorikeet").map(object -> (ObjectNode) object.node()).orElseGet(JsonNodeFactory.instance::objectNode);
        Map<String, String> metadata = metadata(fields);
        refuseUnread(fields);
        return new Wanted(new JobRequest(model, training, validation, suffix, seed, metadata, wish.method(), wish.numbers(), options), dryRun);
    }

    /// How is to be trained.
    private record Wish(JobMethod method, Hyperparameters numbers) {}

    private static Wish wish(Fields fields) {
        Optional<Hyperparameters> old = fields.object("hyperparameters").map(object -> numbers(object, JobMethod.SUPERVISED));
        Optional<Fields> asked = fields.object("method");
        if (asked.isEmpty()) {
            return new Wish(JobMethod.SUPERVISED, old.orElse(Hyperparameters.AUTO));
        }
        String type = asked.get().requireText("type");
        JobMethod method = Stream.of(JobMethod.values()).filter(known -> known.word().equals(type)).findFirst().orElseThrow(() -> unsupported(
                asked.get().path("type"), "This server trains with the methods 'supervised' and 'dpo' only, not '" + type + "'."));
        Optional<Fields> own = asked.get().object(type);
        Optional<Hyperparameters> numbers = own.flatMap(f -> f.object("hyperparameters")).map(object -> numbers(object, method));
        own.ifPresent(JobFields::refuseUnread);
        refuseUnread(asked.get());
        if (numbers.isPresent() && old.isPresent()) {
            throw ApiException.invalid("hyperparameters", "'hyperparameters' is the old place of 'method." + type + ".hyperparameters'; send one of them.");
        }
        return new Wish(method, numbers.or(() -> old).orElse(Hyperparameters.AUTO));
    }

    private static Hyperparameters numbers(Fields fields, JobMethod method) {
        OptionalInt epochs = isAuto(fields, "n_epochs") ? OptionalInt.empty() : fields.integer("n_epochs", 1, 1000);
        OptionalInt batch = isAuto(fields, "batch_size") ? OptionalInt.empty() : fields.integer("batch_size", 1, 256);
        OptionalDouble rate = isAuto(fields, "learning_rate_multiplier") ? OptionalDouble.empty()
                : fields.number("learning_rate_multiplier", Fields.Range.above(0, Double.MAX_VALUE));
        OptionalDouble beta = method != JobMethod.DPO || isAuto(fields, "beta") ? OptionalDouble.empty() : fields.number("beta", Fields.Range.above(0, MAX_BETA));
        refuseUnread(fields);
        return new Hyperparameters(epochs, batch, rate, beta);
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
