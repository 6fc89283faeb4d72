package dev.lorikeet.rag;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jboss.logging.Logger;

/// Asks all search clients at once, takes what has come in time, and puts it in order: results of the searches in turn, near-duplicates dropped,
/// ranked against the question.
public final class Retrieval implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Retrieval.class);

    private final List<SearchClient> clients;
    private final Duration limit;
    private final Ranking ranking = new Ranking();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("search-", 0).factory());

    /// @param limit for a search as a whole
    public Retrieval(List<SearchClient> clients, Duration limit) {
        this.clients = List.copyOf(clients);
        this.limit = limit;
    }

    /// @param documents the best first @param failures of single searches; what the others found is there all the same
    public record Found(List<Document> documents, List<SearchException> failures) {
        public Found {
            documents = List.copyOf(documents);
            failures = List.copyOf(failures);
        }
    }

    /// Whether there is anything to search.
    public boolean available() {
        return !clients.isEmpty();
    }

    public Found search(SearchQuery query) throws InterruptedException {
        List<SearchClient.SearchCall> calls = clients.stream().flatMap(client -> client.calls(query).stream()).toList();
        List<Callable<List<Document>>> tasks = calls.stream().map(call -> (Callable<List<Document>>) call::run).toList();
        List<Future<List<Document>>> results = threads.invokeAll(tasks, limit.toNanos(), TimeUnit.NANOSECONDS);
        List<List<Document>> lists = new ArrayList<>();
        List<SearchException> failures = new ArrayList<>();
        for (int i = 0; i < calls.size(); i++) {
            try {
                lists.add(results.get(i).get());
            } catch (CancellationException _) {
                failures.add(new SearchException.Unavailable(calls.get(i).source(), "no answer within " + limit.toMillis() + " ms", null));
            } catch (ExecutionException e) {
                failures.add(failure(calls.get(i).source(), e.getCause()));
            }
        }
        failures.forEach(failure -> LOG.warnf("search failed: %s", failure.getMessage()));
        return new Found(ranking.rank(query.text(), NearDuplicates.drop(inTurn(lists))), failures);
    }

    @Override
    public void close() {
        threads.shutdownNow();
        clients.forEach(SearchClient::close);
    }

    private static SearchException failure(String source, Throwable cause) {
        if (cause instanceof SearchException known) {
            return known;
        }
        LOG.errorf(cause, "search of %s broke off", source);
        return new SearchException.Unavailable(source, "the search broke off", cause);
    }

    /// The first of each list, then the second of each, and so on.
    private static List<Document> inTurn(List<List<Document>> lists) {
        List<Document> all = new ArrayList<>();
        int longest = lists.stream().mapToInt(List::size).max().orElse(0);
        for (int i = 0; i < longest; i++) {
            for (List<Document> list : lists) {
                if (i < list.size()) {
                    all.add(list.get(i));
                }
            }
        }
        return all;
    }
}
