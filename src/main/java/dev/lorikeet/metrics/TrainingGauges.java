package dev.lorikeet.metrics;

import dev.lorikeet.job.FineTuningJob;
import dev.lorikeet.job.JobStatus;
import dev.lorikeet.job.Jobs;
import dev.lorikeet.job.ProgressGauge;
import java.util.List;

/// Where training stands. One job runs at a time, so that no series needs its name: as many as there are, whatever comes. All are zero while none runs.
public final class TrainingGauges {
    private static final ProgressGauge.Reading IDLE = new ProgressGauge.Reading("", 0, 0, 0, 0, 0, 0, 0);

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
    }

    private static long count(List<FineTuningJob> jobs, JobStatus status) {
        return jobs.stream().filter(job -> job.status() == status).count();
    }
}
