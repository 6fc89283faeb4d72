package dev.lorikeet.training;

/// Everyone a training deals with while it runs: who hears of it, who may stop it, and what goes before it.
public record TrainingHooks(TrainingListener listener, TrainingControl control, ServingGate gate) {

    public static TrainingHooks none() {
        return new TrainingHooks(new TrainingListener() {}, TrainingControl.none(), ServingGate.open());
    }
}
