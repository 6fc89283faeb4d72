package dev.lorikeet.training;

import dev.lorikeet.training.TrainingOptions.Schedule;

/// The learning rate of each step, as the functions of the same names in `transformers/optimization.py` compute it.
///
/// @param rate the highest @param totalSteps of the whole training
record LearningRate(Schedule schedule, double rate, int warmupSteps, int totalSteps) {
    /// Where a polynomial ends, and its power: the defaults of transformers.
    private static final double POLYNOMIAL_END = 1e-7;

    static LearningRate of(Schedule schedule, double rate, int totalSteps) {
        int warmup = schedule.warmupSteps() > 0 ? schedule.warmupSteps() : (int) Math.ceil(totalSteps * schedule.warmupRatio());
        return new LearningRate(schedule, rate, warmup, totalSteps);
    }

    /// @param step from 0
    double at(int step) {
        return switch (schedule.scheduler()) {
            case CONSTANT -> rate;
            case CONSTANT_WITH_WARMUP -> rate * warmup(step, 1);
            case LINEAR -> rate * warmup(step, Math.max(0, (double) (totalSteps - step) / Math.max(1, totalSteps - warmupSteps)));
            case COSINE -> rate * warmup(step, Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress(step)))));
            case COSINE_WITH_RESTARTS -> rate * warmup(step, progress(step) >= 1 ? 0 : Math.max(0, 0.5 * (1 + Math.cos(Math.PI * (progress(step) % 1)))));
            case POLYNOMIAL -> rate * warmup(step, polynomial(step));
        };
    }

    private double warmup(int step, double after) {
        return step < warmupSteps ? (double) step / Math.max(1, warmupSteps) : after;
    }

    private double progress(int step) {
        return (double) (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
    }

    private double polynomial(int step) {
        if (step > totalSteps || rate <= POLYNOMIAL_END) {
            return POLYNOMIAL_END / rate;
        }
        double left = 1 - progress(step);
        return ((rate - POLYNOMIAL_END) * left + POLYNOMIAL_END) / rate;
    }
}
