package dev.lorikeet.app;

import dev.lorikeet.rag.CallGuard;
import dev.lorikeet.rag.Document;
import dev.lorikeet.rag.SearchException;
import io.smallrye.faulttolerance.api.TypedGuard;
import jakarta.enterprise.util.TypeLiteral;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.microprofile.faulttolerance.exceptions.CircuitBreakerOpenException;
import org.eclipse.microprofile.faulttolerance.exceptions.TimeoutException;

/// SmallRye Fault Tolerance around each search: a time limit for a try, one retry of what may pass, and a circuit breaker that leaves alone who
/// has failed four times of eight, for half a minute. A quota or a key that is refused counts as an answer: nothing is wrong with the provider.
final class SearchGuard implements CallGuard {
    private static final int WINDOW = 8;
    private static final int RETRY_MILLIS = 300;
    private static final int REST_SECONDS = 30;

    private final Duration tryLimit;
    private final Map<String, TypedGuard<List<Document>>> guards = new ConcurrentHashMap<>();

    SearchGuard(Duration tryLimit) {
        this.tryLimit = tryLimit;
    }

    @Override
    public List<Document> guard(String source, Call call) throws SearchException, InterruptedException {
        try {
            return guards.computeIfAbsent(source, this::build).call(call::run);
        } catch (CircuitBreakerOpenException _) {
            throw new SearchException.Unavailable(source, "not asked, because it kept failing", null);
        } catch (TimeoutException _) {
            throw new SearchException.Unavailable(source, "no answer in time", null);
        } catch (SearchException | InterruptedException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private TypedGuard<List<Document>> build(String source) {
        return TypedGuard.create(new TypeLiteral<List<Document>>() { }).withDescription(source)
                .withTimeout().duration(tryLimit.toMillis(), ChronoUnit.MILLIS).done()
                .withRetry().maxRetries(1).delay(RETRY_MILLIS, ChronoUnit.MILLIS).jitter(RETRY_MILLIS / 3, ChronoUnit.MILLIS).whenException(SearchGuard::mayPass).done()
                .withCircuitBreaker().requestVolumeThreshold(WINDOW).failureRatio(0.5).delay(REST_SECONDS, ChronoUnit.SECONDS).when(SearchGuard::mayPass).done()
                .build();
    }

    private static boolean mayPass(Throwable failure) {
        return failure instanceof TimeoutException || failure instanceof SearchException known && known.passing();
    }
}
