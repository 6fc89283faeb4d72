package dev.lorikeet.training;

/// A training job that cannot be started as asked for. The message names the option, its value and what is possible instead.
public final class TrainingRefusal extends RuntimeException {
    private static final long serialVersionUID = 1;

    private final String option;

    /// @param option key as the user wrote it
    public TrainingRefusal(String option, String message) {
        super("`" + option + "` " + message);
        this.option = option;
    }

    public String option() {
        return option;
    }
}
