package dev.lorikeet.hub;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import okhttp3.MediaType;
import okhttp3.Request;
import okhttp3.RequestBody;
import org.jboss.logging.Logger;

/// Uploads a folder as one commit: the repository is made if there is none, large files go first, and what is there already stays.
/// Safe to repeat after a failure: only what is missing is sent.
public final class HubUpload {
    private static final Logger LOG = Logger.getLogger(HubUpload.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String CARD = "README.md";
    private static final int FILES_A_QUESTION = 256;

    private final HubClient client;
    private final HubHttp http;
    private final LongSupplier nanoTime;

    public HubUpload(HubClient client) {
        this(client, System::nanoTime);
    }

    HubUpload(HubClient client, LongSupplier nanoTime) {
        this.client = client;
        this.http = client.http();
        this.nanoTime = nanoTime;
    }

    /// Blocks. @param listener told once, of no files, when the hub has agreed; then of the bytes of large files @throws HubException it is not allowed, or the hub was not reached
    public Push.Pushed push(Push push, Progress.Listener listener) throws InterruptedException {
        var files = files(push);
        checkCard(push.repo(), files);
        create(push);
        String head = client.commit(push.repo(), Patience.LONG);
        listener.at(Progress.NOTHING_YET);
        var plan = plan(push.repo(), files);
        if (!plan.large().isEmpty()) {
            sendLarge(push.repo(), plan.large(), listener);
        }
        if (plan.lines().isEmpty()) {
            return new Push.Pushed(head, commitPage(push.repo(), head), false);
        }
        return commit(push, files, plan, head);
    }

    private void sendLarge(RepoRef repo, Map<String, LocalFile> files, Progress.Listener listener) throws InterruptedException {
        try (var meter = new TransferMeter(listener, nanoTime)) {
            files.forEach((_, file) -> meter.add(file.path(), 0, file.size()));
            new LfsUpload(http, repo, meter).send(files);
            meter.finish();
        }
    }

    /// Those of the folder; the card and the adapter's configuration name the base so that others find it.
    private static List<LocalFile> files(Push push) {
        var files = new ArrayList<LocalFile>();
        for (var file : LocalFile.of(push.folder())) {
            files.add(switch (file.path()) {
                case CARD -> new LocalFile.Text(CARD, ModelCard.mended(reading(file, LocalFile::text), push));
                case Needs.Adapter.CONFIG -> new LocalFile.Text(file.path(), withBase(reading(file, LocalFile::text), push));
                default -> file;
            });
        }
        if (files.stream().noneMatch(file -> file.path().equals(CARD))) {
            files.add(new LocalFile.Text(CARD, ModelCard.of(push)));
        }
        return files;
    }

    private static String withBase(String config, Push push) {
        try {
            var base = BaseName.of(push).map(BaseName::loadable);
            if (JSON.readTree(config) instanceof ObjectNode object && base.isPresent() && !base.get().equals(object.path(Needs.Adapter.BASE).asText())) {
                return object.put(Needs.Adapter.BASE, base.get()).toPrettyString() + "\n";
            }
        } catch (JsonProcessingException e) {
            throw new HubException(new HubError.LocalFile(push.folder().resolve(Needs.Adapter.CONFIG), "is no valid JSON: " + e.getOriginalMessage()), e);
        }
        return config;
    }

    /// @param lines of the commit, without its head @param large files to be sent before, by SHA-256
    private record Plan(List<String> lines, Map<String, LocalFile> large) {}

    private void checkCard(RepoRef repo, List<LocalFile> files) throws InterruptedException {
        var card = files.stream().filter(file -> file.path().equals(CARD)).findFirst().orElseThrow();
        try (var in = card.open()) {
            var body = JSON.createObjectNode().put("content", new String(in.readAllBytes(), StandardCharsets.UTF_8)).put("repoType", repo.type().word());
            var url = http.settings().endpoint().newBuilder().addPathSegments("api/validate-yaml").build();
            try (var response = http.send(post(url, body), Patience.LONG)) {
                if (response.code() == 400) {
                    String why = HubClient.parse(response).path("errors").path(0).path("message").asText("no reason given");
                    throw new HubException(new HubError.Rejected(400, CARD + ": " + why + ". Mend the part between the --- lines."));
                }
                http.checked(response, repo);
            }
        } catch (IOException e) {
            throw HubCache.local(Path.of(CARD), e);
        }
    }

    /// Makes the repository. Where the hub says no it may exist all the same, and be writable.
    private void create(Push push) throws InterruptedException {
        var repo = push.repo();
        var body = JSON.createObjectNode().put("name", repo.id().name()).put("organization", repo.id().owner())
                .put("visibility", push.isPrivate() ? "private" : "public");
        if (repo.type() == RepoType.DATASET) {
            body.put("type", "dataset");
        }
        var url = http.settings().endpoint().newBuilder().addPathSegments("api/repos/create").build();
        for (int attempt = 1;; attempt++) {
            try (var response = http.send(post(url, body), Patience.LONG)) {
                if (response.isSuccessful()) {
                    return;
                }
                var refusal = Refusals.of(response, repo, http.settings());
                boolean busy = response.code() == 409 && refusal.message().contains("conflicting operation");
                if (response.code() == 409 && !busy) {
                    return;
                }
                if (!busy || attempt >= Patience.LONG.tries()) {
                    requireExisting(repo, response.code(), refusal);
                    return;
                }
            }
            http.pause(Patience.LONG.waitAfter(attempt));
        }
    }

    private void requireExisting(RepoRef repo, int status, HubError refusal) throws InterruptedException {
        if (status != 401 && status != 403 || refusal instanceof HubError.BadToken) {
            throw new HubException(refusal);
        }
        try {
            client.commit(repo, Patience.LONG);
        } catch (HubException e) {
            throw new HubException(refusal, e);
        }
    }

    /// Asks of each file whether it goes into the commit or into LFS, and leaves out what is there.
    private Plan plan(RepoRef repo, List<LocalFile> files) throws InterruptedException {
        var plan = new Plan(new ArrayList<>(), new LinkedHashMap<>());
        for (int from = 0; from < files.size(); from += FILES_A_QUESTION) {
            var part = files.subList(from, Math.min(files.size(), from + FILES_A_QUESTION));
            var answers = new LinkedHashMap<String, JsonNode>();
            preupload(repo, part).path("files").forEach(answer -> answers.put(answer.path("path").asText(), answer));
            for (var file : part) {
                JsonNode answer = Optional.ofNullable(answers.get(file.path()))
                        .orElseThrow(() -> new HubException(new HubError.NotAHub(http.settings().endpoint().host(), "it says nothing of " + file.path())));
                if (!answer.path("shouldIgnore").asBoolean()) {
                    add(plan, file, answer);
                }
            }
        }
        return plan;
    }

    private JsonNode preupload(RepoRef repo, List<LocalFile> files) throws InterruptedException {
        var body = JSON.createObjectNode();
        var list = body.putArray("files");
        for (var file : files) {
            list.addObject().put("path", file.path()).put("sample", reading(file, LocalFile::sample)).put("size", file.size());
        }
        var url = http.api(repo).addPathSegment("preupload").addPathSegment(repo.revision().name()).build();
        return client.json(post(url, body), repo, Patience.LONG);
    }

    private static void add(Plan plan, LocalFile file, JsonNode answer) {
        String there = answer.path("oid").asText("");
        boolean large = answer.path("uploadMode").asText().equals("lfs") && file.size() > 0;
        String hash = reading(file, large ? LocalFile::sha256 : LocalFile::blobId);
        if (hash.equals(there)) {
            return;
        }
        ObjectNode line = JSON.createObjectNode().put("key", large ? "lfsFile" : "file");
        ObjectNode value = line.putObject("value").put("path", file.path());
        if (large) {
            value.put("algo", "sha256").put("oid", hash).put("size", file.size());
            plan.large().put(hash, file);
        } else {
            value.put("encoding", "base64").put("content", reading(file, LocalFile::base64));
        }
        plan.lines().add(line.toString());
    }

    /// One commit upon the head that was seen. It must not be sent twice: if the answer is lost, the branch tells whether it was made.
    private Push.Pushed commit(Push push, List<LocalFile> files, Plan plan, String head) throws InterruptedException {
        var first = JSON.createObjectNode().put("key", "header");
        first.putObject("value").put("summary", push.message()).put("description", "").put("parentCommit", head);
        String body = first + "\n" + String.join("\n", plan.lines()) + "\n";
        var url = http.api(push.repo()).addPathSegment("commit").addPathSegment(push.repo().revision().name()).build();
        var request = http.request(url).post(once(body)).build();
        try (var response = http.call(request, push.repo(), new Patience(1, java.time.Duration.ZERO))) {
            JsonNode answer = HubClient.parse(response);
            String commit = answer.path("commitOid").asText();
            return new Push.Pushed(commit, answer.path("commitUrl").asText(commitPage(push.repo(), commit)), true);
        } catch (HubException e) {
            boolean moved = e.error() instanceof HubError.Rejected(int status, String _) && status == 412;
            if (!moved && (!e.error().temporary() || e.error() instanceof HubError.RateLimited)) {
                throw e;
            }
            LOG.infof("the answer to the commit was lost (%s); looking whether it was made", e.getMessage());
            String now = client.commit(push.repo(), Patience.LONG);
            if (now.equals(head) || !plan(push.repo(), files).lines().isEmpty()) {
                throw e;
            }
            return new Push.Pushed(now, commitPage(push.repo(), now), true);
        }
    }

    /// A body that OkHttp does not send a second time by itself when a connection breaks.
    private static RequestBody once(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return new RequestBody() {
            @Override
            public MediaType contentType() {
                return MediaType.get("application/x-ndjson");
            }

            @Override
            public long contentLength() {
                return bytes.length;
            }

            @Override
            public boolean isOneShot() {
                return true;
            }

            @Override
            public void writeTo(okio.BufferedSink sink) throws IOException {
                sink.write(bytes);
            }
        };
    }

    private String commitPage(RepoRef repo, String commit) {
        return http.settings().page(repo) + "/commit/" + commit;
    }

    private Request post(okhttp3.HttpUrl url, JsonNode body) {
        return http.request(url).post(RequestBody.create(body.toString().getBytes(StandardCharsets.UTF_8), MediaType.get("application/json"))).build();
    }

    @FunctionalInterface
    private interface Reading {
        String of(LocalFile file) throws IOException;
    }

    private static String reading(LocalFile file, Reading reading) {
        try {
            return reading.of(file);
        } catch (IOException | UncheckedIOException e) {
            throw HubCache.local(Path.of(file.path()), e instanceof IOException io ? io : ((UncheckedIOException) e).getCause());
        }
    }
}
