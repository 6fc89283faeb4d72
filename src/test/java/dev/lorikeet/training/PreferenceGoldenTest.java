package dev.lorikeet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.model.Fixtures;
import dev.lorikeet.tensor.Torch;
import dev.lorikeet.training.data.Example;
import dev.lorikeet.training.data.PreferencePair;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Eight steps against TRL's `DPOTrainer` (`src/test/python/dpo_reference.py`), for every family and loss, in float32: loss, gradient, rewards,
/// log-probabilities.
class PreferenceGoldenTest {
    private static final Path REFERENCE = Path.of("src/test/resources/training/dpo.json");
    private static final JsonNode TRL = Fixtures.json(REFERENCE);

    private static final List<String> METRICS = List.of("rewards/chosen", "rewards/rejected", "rewards/accuracies", "rewards/margins", "logps/chosen",
            "logps/rejected");

    static List<String> families() {
        return Fixtures.families();
    }

    static List<PreferencePair> pairs(String family) {
        var pairs = new ArrayList<PreferencePair>();
        for (var pair : TRL.get("families").get(family).get("pairs")) {
            pairs.add(new PreferencePair(example(pair, "chosen_ids", pairs.size() + 1), example(pair, "rejected_ids", pairs.size() + 1)));
        }
        return pairs;
    }

    private static Example example(JsonNode pair, String answer, int line) {
        int[] prompt = Fixtures.ints(pair.get("prompt_ids"));
        int[] ids = Arrays.copyOf(prompt, prompt.length + pair.get(answer).size());
        System.arraycopy(Fixtures.ints(pair.get(answer)), 0, ids, prompt.length, pair.get(answer).size());
        int[] labels = ids.clone();
        Arrays.fill(labels, 0, prompt.length, Example.IGNORED);
        return new Example(ids, labels, line);
    }

    static TrainingOptions options(ObjectNode own, String more) {
        try {
            var options = (ObjectNode) new ObjectMapper().readTree(("{'r': 4, 'lora_alpha': 16, 'target_modules': 'all-linear', 'lr_scheduler_type': "
                    + "'constant', 'max_steps': 8, 'save_strategy': 'no'" + more + "}").replace('\'', '"'));
            options.put("learning_rate", TRL.get("learning_rate").doubleValue()).put("max_grad_norm", TRL.get("max_grad_norm").doubleValue())
                    .put("beta", TRL.get("beta").doubleValue()).setAll(own);
            return TrainingOptions.readDpo(options);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private record Step(double loss, double norm, Map<String, Double> metrics) {}

    private static List<Step> train(String family, JsonNode reference, Map.Entry<String, Boolean> choice) throws InterruptedException {
        Torch.enterThread(true);
        var options = options((ObjectNode) reference.get("options"), "");
        var start = Fixtures.folder(family).resolve("lora").resolve(reference.get("start").textValue());
        var batch = new MicroBatch(pairs(family).stream().flatMap(pair -> pair.sequences().stream()).toList());
        var steps = new ArrayList<Step>();
        try (var base = Fixtures.load(family, "float32")) {
            Torch.enterThread(true);
            var selection = new TrainedSelection(base, options.lora());
            var values = TrainingGoldenTest.read(start, selection.tensors());
            try (var script = TrainingProgram.compile(base, options, selection); var state = new TrainedState(base, selection, script, values);
                    var passes = new Passes(base, script, state, choice.getValue(), ServingGate.open());
                    var objective = objective(passes, options, choice.getKey().equals("continued")
                            ? Optional.of(TrainedState.frozen(base, selection, script, values)) : Optional.empty());
                    var updates = new Updates(options.optimization(), script, state, base.plan().device())) {
                for (int step = 0; step < reference.get("steps").size(); step++) {
                    double loss = objective.learn(batch, new StepBatches(List.of(batch), 1), 0);
                    double norm = updates.norm(1);
                    updates.apply(step + 1, options.optimization().learningRate(), norm);
                    steps.add(new Step(loss, norm, objective.stepMetrics()));
                }
            }
        }
        return steps;
    }

    private static PreferenceObjective objective(Passes passes, TrainingOptions options, Optional<TrainedState> start) {
        var dpo = (TrainingMethod.Dpo) options.method();
        return new PreferenceObjective(passes, dpo, dpo.referenceFree() ? Optional.empty() : Optional.of(new Reference(passes, start)));
    }

    @ParameterizedTest
    @MethodSource("families")
    void lossesGradientsAndRewardsAreThoseOfTrl(String family) throws InterruptedException {
        for (var reference : TRL.get("families").get(family).get("cases").properties()) {
            for (boolean checkpointing : new boolean[] {true, false}) {
                var steps = train(family, reference.getValue(), Map.entry(reference.getKey(), checkpointing));
                compare(family + ", " + reference.getKey(), steps, reference.getValue().get("steps"));
            }
        }
    }

    private static void compare(String what, List<Step> steps, JsonNode expected) {
        for (int i = 0; i < steps.size(); i++) {
            var step = expected.get(i);
            String at = what + ", step " + (i + 1);
            assertThat(steps.get(i).loss()).as("%s: loss", at).isCloseTo(step.get("loss").doubleValue(), within(1e-3));
            assertThat(steps.get(i).norm()).as("%s: gradient", at).isCloseTo(step.get("grad_norm").doubleValue(), within(1e-3));
            for (var metric : METRICS) {
                assertThat(steps.get(i).metrics().get(metric)).as("%s: %s", at, metric).isCloseTo(step.get(metric).doubleValue(), within(1e-3));
            }
        }
    }
}
