package dev.lorikeet.app;

import dev.lorikeet.hub.Progress;
import dev.lorikeet.terminal.ProgressLine;
import java.time.Duration;
import org.jboss.logging.Logger;

/// The progress of a download in the server's log: a line every ten seconds.
final class ProgressLog implements Progress.Listener {
    private static final Logger LOG = Logger.getLogger(ProgressLog.class);
    private static final long QUIET_NANOS = Duration.ofSeconds(10).toNanos();

    private final String what;
    private long lastWritten = System.nanoTime();

    ProgressLog(String what) {
        this.what = what;
    }

    @Override
    public void at(Progress progress) {
        if (System.nanoTime() - lastWritten > QUIET_NANOS) {
            lastWritten = System.nanoTime();
            LOG.infof("downloading %s: %s", what, ProgressLine.text(progress));
        }
    }
}
