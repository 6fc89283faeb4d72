package dev.lorikeet.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.Executors;

/// Runs tasks side by side, each on a virtual thread; the first that fails cancels the others.
final class Parallel {
    private Parallel() {}

    /// Returns when all have ended. @throws InterruptedException the caller was interrupted; then the tasks have been too
    static <T> List<T> run(List<? extends Callable<T>> tasks) throws InterruptedException {
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var ended = new ExecutorCompletionService<T>(executor);
            var futures = tasks.stream().map(ended::submit).toList();
            try {
                for (int i = 0; i < tasks.size(); i++) {
                    ended.take().get();
                }
                var results = new ArrayList<T>();
                for (var future : futures) {
                    results.add(future.resultNow());
                }
                return results;
            } catch (ExecutionException e) {
                executor.shutdownNow();
                throw unwrapped(e);
            } catch (InterruptedException e) {
                executor.shutdownNow();
                throw e;
            }
        }
    }

    private static RuntimeException unwrapped(ExecutionException e) throws InterruptedException {
        return switch (e.getCause()) {
            case InterruptedException interrupted -> throw interrupted;
            case RuntimeException cause -> cause;
            case Error error -> throw error;
            case Throwable other -> new IllegalStateException(other);
        };
    }
}
