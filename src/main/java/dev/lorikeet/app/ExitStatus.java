package dev.lorikeet.app;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.util.concurrent.CancellationException;

/// How a command ends: the one place where an exception becomes what a shell sees.
final class ExitStatus {
    static final int DONE = 0;
    static final int FAILED = 1;
    static final int WRONG = 2;
    /// As shells have it for a process that Ctrl-C has ended.
    static final int INTERRUPTED = 130;

    static final String HELP = """
            Exit status: 0 done; 1 failed; 2 what was asked for is wrong (the command line, a recipe, a name that the server does not know);
            130 interrupted. The reason is on the standard error stream.
            """;

    private ExitStatus() {}

    /// What a command does.
    @FunctionalInterface
    interface Action {
        void run() throws IOException, InterruptedException;
    }

    /// Runs a command, and says on the standard error stream why it failed, if it did.
    static int of(String command, Action action) {
        try {
            action.run();
            return DONE;
        } catch (IllegalArgumentException e) {
            return tell(command, e, WRONG);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return INTERRUPTED;
        } catch (CancellationException e) {
            return tell(command, e, INTERRUPTED);
        } catch (IOException | RuntimeException e) {
            return tell(command, e, FAILED);
        }
    }

    private static int tell(String command, Exception e, int status) {
        // The message of a file's own exceptions is its name alone.
        String message = e.getMessage() == null || e instanceof FileSystemException ? e.toString() : e.getMessage();
        System.err.println("lorikeet" + (command.isEmpty() ? "" : " " + command) + ": " + message);
        return status;
    }
}
