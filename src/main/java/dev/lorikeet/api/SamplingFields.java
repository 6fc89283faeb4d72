package dev.lorikeet.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.api.Fields.Range;
import dev.lorikeet.chat.GenerationDefaults;
import dev.lorikeet.engine.SamplingParams;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;

/// How a request wants tokens drawn; what it leaves open the model's defaults decide.
///
/// @param seed of choice 0; choice i adds i
record SamplingFields(OptionalDouble temperature, OptionalDouble topP, OptionalInt topK, OptionalDouble minP, OptionalDouble typicalP,
                      OptionalDouble repetitionPenalty, double presencePenalty, double frequencyPenalty, Map<Integer, Float> logitBias,
                      Optional<Long> seed) {
    private static final Range UNIT = Range.closed(0, 1);

    static SamplingFields read(Fields fields) {
        return new SamplingFields(fields.number("temperature", Range.closed(0, 2)), fields.number("top_p", UNIT),
                fields.integer("top_k", -1, Integer.MAX_VALUE), fields.number("min_p", UNIT), fields.number("typical_p", Range.above(0, 1)),
                fields.number("repetition_penalty", Range.above(0, Double.MAX_VALUE)), penalty(fields, "presence_penalty"),
                penalty(fields, "frequency_penalty"), fields.object("logit_bias").map(SamplingFields::bias).orElse(Map.of()),
                fields.longInteger("seed").stream().boxed().findFirst());
    }

    /// The request's value, else the model's, else the neutral one.
    SamplingParams resolve(GenerationDefaults defaults, long seedOfChoice) {
        double byDefault = defaults.doSample().orElse(true) ? defaults.temperature().orElse(1) : 0;
        double mass = first(topP, defaults.topP(), 1);
        return new SamplingParams(temperature.orElse(byDefault), mass == 0 ? Double.MIN_VALUE : mass,
                Math.max(0, topK.orElse(defaults.topK().orElse(0))), first(minP, defaults.minP(), 0), first(typicalP, defaults.typicalP(), 1),
                first(repetitionPenalty, defaults.repetitionPenalty(), 1), presencePenalty, frequencyPenalty, logitBias, seedOfChoice);
    }

    void checkVocabulary(int size) {
        logitBias.keySet().forEach(id -> Vocabulary.check(id, size, "logit_bias." + id));
    }

    private static double first(OptionalDouble request, OptionalDouble model, double neutral) {
        return request.orElse(model.orElse(neutral));
    }

    private static double penalty(Fields fields, String name) {
        return fields.number(name, Range.closed(-2, 2)).orElse(0);
    }

    private static Map<Integer, Float> bias(Fields fields) {
        Map<Integer, Float> bias = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : fields.node().properties()) {
            String path = fields.path(entry.getKey());
            if (!entry.getKey().matches("[0-9]{1,9}")) {
                throw ApiException.invalid(path, "Invalid key in 'logit_bias': '" + entry.getKey() + "' is not a token id.");
            }
            bias.put(Integer.valueOf(entry.getKey()), (float) Fields.number(entry.getValue(), path, Range.closed(-100, 100)));
        }
        return bias;
    }
}
