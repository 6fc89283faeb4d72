package dev.lorikeet.rag;

import dev.lorikeet.rag.SearchException.Throttled;
import dev.lorikeet.rag.SearchException.Unavailable;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import okhttp3.HttpUrl;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/// NAVER's search, in either of its forms: a call for each type.
public final class NaverSearch implements SearchClient {
    private static final int CALLS_PER_SECOND = 8;
    private static final int ANSWERS_REMEMBERED = 512;
    private static final long LARGEST_ANSWER = 1 << 20;
    private static final Duration AFTER_THROTTLING = Duration.ofMillis(500);

    private final Account account;
    private final OkHttpClient http;
    private final CallGuard guard;
    private final TokenBucket rate;
    private final DailyQuota quota;
    private final ExpiringCache<Key, List<Document>> answers;

    /// Whom to ask, where, and with which keys.
    public record Account(NaverProvider provider, SearchAddress address, NaverKeys keys) {}

    private record Key(SearchType type, String text, int results) {}

    /// @param http without redirects: the keys are for one host @param memory how long an answer is used again
    public NaverSearch(Account account, OkHttpClient http, CallGuard guard, Duration memory, InstantSource clock) {
        this(account, http, guard, new TokenBucket(CALLS_PER_SECOND, System::nanoTime, Thread::sleep), new DailyQuota(DailyQuota.NAVERS, clock),
                new ExpiringCache<>(ANSWERS_REMEMBERED, memory, clock));
    }

    private NaverSearch(Account account, OkHttpClient http, CallGuard guard, TokenBucket rate, DailyQuota quota, ExpiringCache<Key, List<Document>> answers) {
        this.account = account;
        this.http = http;
        this.guard = guard;
        this.rate = rate;
        this.quota = quota;
        this.answers = answers;
    }

    /// A client as [NaverSearch] needs it. @param timeout of one call
    public static OkHttpClient http(Duration timeout) {
        return new OkHttpClient.Builder().connectTimeout(Duration.ofSeconds(3)).callTimeout(timeout).readTimeout(timeout).followRedirects(false)
                .followSslRedirects(false).retryOnConnectionFailure(false).build();
    }

    @Override
    public List<SearchCall> calls(SearchQuery query) {
        return query.types().stream().map(type -> (SearchCall) new TypeCall(type, query)).toList();
    }

    private final class TypeCall implements SearchCall {
        private final SearchType type;
        private final SearchQuery query;
        private final Key key;

        TypeCall(SearchType type, SearchQuery query) {
            this.type = type;
            this.query = query;
            this.key = new Key(type, query.text(), type.results(query.results()));
        }

        @Override
        public String source() {
            return account.provider().word() + "/" + type.word();
        }

        @Override
        public List<Document> run() throws SearchException, InterruptedException {
            Optional<List<Document>> known = answers.get(key);
            if (known.isPresent()) {
                return known.get();
            }
            List<Document> found = guard.guard(source(), this::ask);
            answers.put(key, found);
            return found;
        }

        private List<Document> ask() throws SearchException, InterruptedException {
            rate.take();
            quota.spend(source());
            try {
                return send().documents(quota);
            } catch (Throttled e) {
                rate.hold(AFTER_THROTTLING);
                throw e;
            }
        }

        private NaverAnswer send() throws SearchException, InterruptedException {
            HttpUrl.Builder url = account.address().at(account.provider().path(type)).newBuilder().addQueryParameter("query", query.text())
                    .addQueryParameter("display", String.valueOf(key.results())).addQueryParameter("start", "1");
            if (type.sortable()) {
                url.addQueryParameter("sort", "sim");
            }
            Request request = new Request.Builder().url(url.build()).header(account.provider().idHeader(), account.keys().id())
                    .header(account.provider().secretHeader(), account.keys().secret()).build();
            try (Response response = http.newCall(request).execute()) {
                return new NaverAnswer(account.provider(), source(), response.code(), body(response));
            } catch (IOException e) {
                if (Thread.interrupted()) {
                    throw new InterruptedException();
                }
                throw new Unavailable(source(), "no answer from the provider (" + e.getClass().getSimpleName() + ")", null);
            }
        }

        private String body(Response response) throws IOException {
            var source = response.body().source();
            source.request(LARGEST_ANSWER + 1);
            if (source.getBuffer().size() > LARGEST_ANSWER) {
                return "";
            }
            return source.getBuffer().readString(StandardCharsets.UTF_8);
        }
    }
}
