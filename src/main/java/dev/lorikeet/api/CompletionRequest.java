package dev.lorikeet.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.registry.AdapterLeases;
import java.util.List;
import java.util.OptionalInt;

/// A valid body of `POST /v1/completions`.
///
/// @param bestOf texts to generate for each prompt, of which the likeliest `n` are answered
/// @param logprobs alternatives per token, empty for none at all
record CompletionRequest(String model, List<AdapterLeases.Wish> lora, List<RawPrompt> prompts, boolean addSpecialTokens, boolean echo, int bestOf,
                         OptionalInt logprobs, SamplingFields sampling, StopFields stop, OutputFields output) {
    private static final int MAX_LOGPROBS = 5;
    private static final int MAX_BEST_OF = 20;

    /// A prompt as it stands in the request.
    sealed interface RawPrompt {
        record Text(String text) implements RawPrompt {}

        record Ids(int[] ids, String path) implements RawPrompt {}
    }

    static CompletionRequest read(Fields fields) {
        String model = fields.requireText("model");
        List<RawPrompt> prompts = prompts(fields.require("prompt"), fields.path("prompt"));
        OutputFields output = OutputFields.read(fields);
        var request = new CompletionRequest(model, LoraField.read(fields), prompts, fields.flag("add_special_tokens", true),
                fields.flag("echo", false), bestOf(fields, output), fields.integer("logprobs", 0, MAX_LOGPROBS), SamplingFields.read(fields), StopFields.read(fields), output);
        FieldPolicy.finish(fields);
        return request;
    }

    private static int bestOf(Fields fields, OutputFields output) {
        OptionalInt bestOf = fields.integer("best_of", 1, MAX_BEST_OF);
        if (bestOf.isPresent() && bestOf.getAsInt() < output.n()) {
            throw ApiException.invalid(fields.path("best_of"), "'best_of' must not be less than 'n'.");
        }
        if (output.stream() && bestOf.orElse(output.n()) > output.n()) {
            throw ApiException.invalid(fields.path("best_of"), "unsupported_value", "'best_of' greater than 'n' cannot be streamed.");
        }
        return bestOf.orElse(output.n());
    }

    private static List<RawPrompt> prompts(JsonNode node, String path) {
        if (node.isTextual()) {
            return List.of(new RawPrompt.Text(Fields.text(node, path)));
        }
        if (!node.isArray()) {
            throw Fields.wrongType(path, "a string, an array of strings, an array of token ids or an array of arrays of token ids", node);
        }
        if (node.isEmpty()) {
            throw ApiException.invalid(path, "'" + path + "' is empty.");
        }
        JsonNode first = node.get(0);
        if (first.isTextual()) {
            return Fields.list(node, path, (text, at) -> new RawPrompt.Text(Fields.text(text, at)));
        }
        return first.isArray() ? Fields.list(node, path, CompletionRequest::ids) : List.of(ids(node, path));
    }

    private static RawPrompt ids(JsonNode node, String path) {
        List<Integer> ids = Fields.list(node, path, (id, at) -> (int) Fields.integer(id, at, 0, Integer.MAX_VALUE));
        if (ids.isEmpty()) {
            throw ApiException.invalid(path, "'" + path + "' has no tokens.");
        }
        return new RawPrompt.Ids(Vocabulary.ids(ids), path);
    }
}
