package dev.lorikeet.app;

import dev.lorikeet.api.OpenRequests;
import dev.lorikeet.engine.InferenceLoop;
import dev.lorikeet.job.JobWorkers;
import dev.lorikeet.merge.MergeJobs;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import org.jboss.logging.Logger;

/// Brings what goes on in the server to its end: requests finish, the running job writes a checkpoint, then the threads stop.
@ApplicationScoped
class Ending {
    private static final Logger LOG = Logger.getLogger(Ending.class);

    private final OpenRequests requests;
    private final MergeJobs merges;
    private final InferenceLoop loop;
    private final JobWorkers workers;

    Ending(OpenRequests requests, MergeJobs merges, InferenceLoop loop, JobWorkers workers) {
        this.requests = requests;
        this.merges = merges;
        this.loop = loop;
        this.workers = workers;
    }

    /// Refuses new requests and waits for those that run. The trainer stops meanwhile.
    void letRequestsEnd(Duration grace) {
        requests.refuseFurther();
        Thread.ofVirtual().name("last-checkpoint").start(workers::close);
        try {
            int left = requests.awaitEnd(grace);
            if (left > 0) {
                LOG.warnf("%d requests are broken off: they did not end within %s (--grace)", left, grace);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /// Waits for all threads that compute; streams that are open end with an error event. Does nothing the second time.
    void stopComputing() {
        workers.close();
        merges.close();
        loop.close();
    }
}
