package dev.lorikeet.metrics;

import dev.lorikeet.job.FineTuningJob;
import dev.lorikeet.job.JobStatus;
import dev.lorikeet.job.Jobs;
import dev.lorikeet.job.ProgressGauge;
import java.util.List;
import java.util.Map;

/// Where training stands. One job runs at a time, so that no series needs its name: as many as there are, whatever comes. All are zero while none runs.
public final class TrainingGauges {
    private static final ProgressGauge.Reading IDLE = new ProgressGauge.Reading("", 0, 0, 0, 0, 0, 0, 0, Map.of());

    private final Jobs jobs;
    private final ProgressGauge gauge;

    public TrainingGauges(Jobs jobs, ProgressGauge gauge) {
        this.jobs = jobs;
        this.gauge = gauge;
    }

    void writeTo(PrometheusText out) {
        List<FineTuningJob> all = jobs.list();
        var now = gauge.reading().orElse(IDLE);
        out.gauge("lorikeet_training_jobs_running", "Jobs that are being trained", count(all, JobStatus.RUNNING));
        out.gauge("lorikeet_training_jobs_queued", "Jobs that wait for the trainer", count(all, JobStatus.QUEUED));
        out.gauge("lorikeet_training_step", "Last step of the running job that was done", now.step());
        out.gauge("lorikeet_training_steps_planned", "Steps that the running job will take", now.totalSteps());
        out.gauge("lorikeet_training_loss", "Loss of that step", now.loss());
        out.gauge("lorikeet_training_learning_rate", "Learning rate of that step", now.learningRate());
        out.gauge("lorikeet_training_grad_norm", "Length of that step's gradients, before they were clipped", now.gradientNorm());
        out.gauge("lorikeet_training_tokens_per_second", "Tokens of that step, learned or not, in a second", now.tokensPerSecond());
        out.gauge("lorikeet_training_seconds_left", "Until the running job ends, as it looks", now.secondsLeft());
        writePreferences(now.metrics(), out);
    }

    /// Zero with other methods, too.
    private static void writePreferences(Map<String, Double> step, PrometheusText out) {
        out.gauge("lorikeet_training_reward_chosen", "DPO: mean reward of that step's chosen answers", step.getOrDefault("rewards/chosen", 0.0));
        out.gauge("lorikeet_training_reward_rejected", "DPO: mean reward of that step's rejected answers", step.getOrDefault("rewards/rejected", 0.0));
        out.gauge("lorikeet_training_reward_accuracy", "DPO: share of that step's pairs whose chosen answer has the larger reward",
                step.getOrDefault("rewards/accuracies", 0.0));
        out.gauge("lorikeet_training_reward_margin", "DPO: by how much, in the mean of that step", step.getOrDefault("rewards/margins", 0.0));
        out.gauge("lorikeet_training_logps_chosen", "DPO: mean log-probability of that step's chosen answers", step.getOrDefault("logps/chosen", 0.0));
        out.gauge("lorikeet_training_logps_rejected", "DPO: mean log-probability of that step's rejected answers", step.getOrDefault("logps/rejected", 0.0));
    }

    private static long count(List<FineTuningJob> jobs, JobStatus status) {
        return jobs.stream().filter(job -> job.status() == status).count();
    }
}
