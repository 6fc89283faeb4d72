package dev.lorikeet.training;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.lorikeet.model.SafetensorsFile;
import dev.lorikeet.model.SafetensorsWriter;
import dev.lorikeet.model.SafetensorsWriter.Item;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.store.JsonFile;
import dev.lorikeet.training.TrainingRun.Job;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// What a training writes, in the layout of PEFT and transformers' Trainer: checkpoints on the way, the adapter at the end.
final class TrainingFiles {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String STATE = "trainer_state.json";
    private static final String POSITION = "rng_state.json";
    private static final String OPTIMIZER = "optimizer.safetensors";
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Job job;
    private final TrainingPlan plan;
    private final Checkpoints checkpoints;
    private final List<TrainedTensor> tensors;
    private final PeftFolder peft;

    TrainingFiles(Job job, TrainingPlan plan, Checkpoints checkpoints, TrainedSelection selection) {
        this.job = job;
        this.plan = plan;
        this.checkpoints = checkpoints;
        this.tensors = selection.tensors();
        this.peft = new PeftFolder(job.options().lora(), job.folder().baseModel(), selection.adaptedModules());
    }

    /// The checkpoint of the current step: written now unless it is there.
    ///
    /// @param best a step whose checkpoint must stay @throws TrainingFailure when it cannot be written; older ones are untouched
    Path save(Progress progress, Learner learner, OptionalInt best) {
        try {
            return checkpoints.write(progress.step(), best, folder -> {
                peft.write(folder, learner.snapshot());
                writeMoments(folder.resolve(OPTIMIZER), learner.updates());
                Checkpoints.writeJson(folder.resolve("scheduler.json"), scheduler(progress.step()));
                Checkpoints.writeJson(folder.resolve(POSITION), position(progress.step()));
                Checkpoints.writeJson(folder.resolve(STATE), progress.toJson(fields(), job.folder().output()));
            });
        } catch (IOException e) {
            throw TrainingFailure.storage(progress.step(), e);
        }
    }

    private void writeMoments(Path file, Updates updates) throws IOException {
        var items = new ArrayList<Item>();
        for (String name : updates.moments()) {
            for (int i = 0; i < tensors.size(); i++) {
                items.add(PeftFolder.floats(tensors.get(i).key() + "." + name, updates.moment(name, i), updates.shape(name, i)));
            }
        }
        SafetensorsWriter.write(file, items, Map.of());
    }

    private ObjectNode scheduler(int step) {
        var schedule = job.options().schedule();
        ObjectNode json = JSON.createObjectNode().put("lr_scheduler_type", schedule.name()).put("last_epoch", step).put("warmup_steps", plan.rate().warmupSteps());
        json.putArray("base_lrs").add(plan.rate().rate());
        json.putArray("_last_lr").add(plan.rate().at(step));
        return json;
    }

    /// Order and random numbers follow from the seed and the step; the rest says whether these are the same rows.
    private ObjectNode position(int step) {
        return JSON.createObjectNode().put("seed", job.options().seed()).put("global_step", step).put("epoch", step / plan.stepsPerEpoch())
                .put("step_in_epoch", step % plan.stepsPerEpoch()).put("rows", job.data().train().size()).put("tokens", job.data().tokens())
                .put("max_steps", plan.totalSteps()).put("optim", job.options().optimization().optim());
    }

    private Progress.Fields fields() {
        return new Progress.Fields(plan.totalSteps(), plan.stepsPerEpoch(), job.options().batching().batchSize(), plan.loggingSteps(), plan.evalSteps(),
                plan.saveSteps());
    }

    /// Brings the learner to where this checkpoint was. Its values have been read already.
    ///
    /// @throws BadFileException if it was written by another training
    Progress resume(Path folder, Learner learner) {
        var position = JsonFile.read(folder.resolve(POSITION));
        var here = position(position.root().path("global_step").intValue());
        for (var field : here.properties()) {
            if (!field.getValue().asText().equals(position.root().path(field.getKey()).asText())) {
                throw position.bad(field.getKey(), "is " + position.root().path(field.getKey()) + ", but this training has " + field.getValue()
                        + ": the checkpoint belongs to another one; choose another output folder");
            }
        }
        var file = folder.resolve(OPTIMIZER);
        try (var arena = Arena.ofConfined()) {
            var saved = SafetensorsFile.open(file, arena).tensors();
            learner.updates().moments().forEach(name -> learner.updates().restore(name, tensors.stream().map(tensor -> {
                var entry = saved.get(tensor.key() + "." + name);
                if (entry == null) {
                    throw new BadFileException(file, "the tensor `" + tensor.key() + "." + name + "` is missing");
                }
                return entry.bytes().toArray(FLOAT);
            }).toList()));
        }
        return Progress.read(folder.resolve(STATE));
    }

    /// The checkpoint with the lowest validation loss, if it is wanted and was written.
    Optional<Path> best(Progress progress) {
        return progress.bestLoss().map(_ -> checkpoints.folder(progress.bestStep())).filter(Files::isDirectory)
                .filter(_ -> job.options().evaluation().loadBestModelAtEnd());
    }

    /// The finished adapter. Its config comes last: a folder that has one is complete.
    void finish(Progress progress, Map<TrainedTensor, float[]> values) throws IOException {
        Checkpoints.writeJson(job.folder().output().resolve(STATE), progress.toJson(fields(), job.folder().output()));
        peft.write(job.folder().output(), values);
    }
}
