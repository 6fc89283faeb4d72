package dev.lorikeet.hub;

import static dev.lorikeet.hub.FakeContents.adapter;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import mockwebserver3.MockResponse;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// Each thing that can go wrong has a message of its own, and where the cache can serve, it does.
class HubErrorsTest extends HubTestBase {
    private static final RepoRef ADAPTER = RepoRef.model("acme/adapter");

    @BeforeEach
    void contents() {
        hub.model("acme/adapter").commit(adapter());
    }

    private HubError adapterError(HubFolders folders, String name) {
        return error(() -> folders.adapter(RepoRef.model(name), Progress.Listener.NONE));
    }

    private static Function<MockResponse, MockResponse> answer(int status, String... headers) {
        return _ -> {
            var response = new MockResponse.Builder().code(status);
            for (int i = 0; i < headers.length; i += 2) {
                response.setHeader(headers[i], headers[i + 1]);
            }
            return response.build();
        };
    }

    @Test
    void aGatedRepositoryNamesThePageToVisit() {
        hub.model("acme/adapter").access = FakeRepo.Access.GATED;
        assertThat(adapterError(anonymous(), "acme/adapter").message()).contains("acme/adapter is gated", hub.url() + "acme/adapter", "no token was sent");
        assertThat(adapterError(folders(hub.settings(cache, Optional.of(FakeHub.STRANGER))), "acme/adapter").message())
                .contains(hub.url() + "acme/adapter", "has not been granted access");
    }

    @Test
    void aPrivateOrMissingRepositoryAsksForATokenIfNoneWasSent() {
        hub.model("acme/adapter").access = FakeRepo.Access.PRIVATE;
        for (String name : List.of("acme/adapter", "acme/nothing")) {
            assertThat(adapterError(anonymous(), name)).isInstanceOf(HubError.Missing.class).extracting(HubError::message).asString()
                    .contains("There is no model " + name, "set HF_TOKEN");
            assertThat(adapterError(folders(hub.settings(cache, Optional.of(FakeHub.STRANGER))), name).message()).contains("the present token may not read it");
        }
    }

    @Test
    void aWrongTokenIsCalledThat() {
        assertThat(adapterError(folders(hub.settings(cache, Optional.of("hf_wrongSecret"))), "acme/adapter")).isInstanceOf(HubError.BadToken.class)
                .extracting(HubError::message).asString().doesNotContain("hf_wrongSecret");
    }

    @Test
    void aWrongRevisionIsNamed() {
        assertThat(adapterError(folders(), "acme/adapter@v9").message()).contains("acme/adapter has no revision `v9`");
    }

    @Test
    void aDisabledRepositoryIsCalledThat() {
        hub.model("acme/adapter").access = FakeRepo.Access.DISABLED;
        assertThat(adapterError(folders(), "acme/adapter")).isInstanceOf(HubError.Disabled.class);
    }

    @Test
    void aMissingFileIsNamed() {
        assertThat(error(() -> folders().model(ADAPTER, Progress.Listener.NONE)).message()).contains("acme/adapter", "config.json");
    }

    @Test
    void aRateLimitIsWaitedOutForAsLongAsTheHubSays() throws Exception {
        hub.fault(request -> request.getTarget().contains("/revision/"), 1, answer(429, "RateLimit", "\"api\";r=0;t=118", "RateLimit-Policy", "\"fixed window\";\"api\";q=500;w=300"));
        hub.fault(request -> request.getMethod().equals("HEAD"), 1, answer(429, "Retry-After", "7"));
        folders().adapter(ADAPTER, Progress.Listener.NONE);
        assertThat(pauses).contains(Duration.ofSeconds(119), Duration.ofSeconds(7));
    }

    @Test
    void whoWaitsForAnAnswerIsToldOfARateLimitAtOnce() {
        hub.fault(request -> request.getTarget().contains("/revision/"), 1, answer(429, "Retry-After", "60"));
        var error = error(() -> folders().find(ADAPTER, Patience.BRIEF));
        assertThat(error).isEqualTo(new HubError.RateLimited("localhost", Duration.ofSeconds(60), true));
        assertThat(error.retryAfter()).contains(Duration.ofSeconds(60));
        assertThat(error.message()).contains("in 60 seconds").doesNotContain("HF_TOKEN");
        assertThat(pauses).isEmpty();
    }

    @Test
    void aFaultOfTheServerIsTriedAgainWithGrowingPauses() throws Exception {
        hub.fault(request -> request.getTarget().contains("/revision/"), 4, answer(503));
        folders().adapter(ADAPTER, Progress.Listener.NONE);
        assertThat(pauses).startsWith(Duration.ofSeconds(1), Duration.ofSeconds(2), Duration.ofSeconds(4), Duration.ofSeconds(8));
    }

    @Test
    void aServerThatKeepsFailingIsGivenUpWithItsRequestId() {
        hub.fault(request -> request.getTarget().contains("/revision/"), 5, answer(500, "X-Request-Id", "abc-1"));
        assertThat(adapterError(folders(), "acme/adapter").message()).contains("localhost failed with status 500", "abc-1");
    }

    @Test
    void noNetworkIsCalledThat() {
        int port = hub.url().port();
        hub.close();
        assertThat(adapterError(folders(), "acme/adapter").message()).contains("localhost cannot be reached", "HF_ENDPOINT").doesNotContain(":" + port + "/api");
    }

    @Test
    void aServerThatIsNoHubIsCalledThat() {
        hub.fault(request -> request.getTarget().contains("/revision/"), 1, _ -> new MockResponse.Builder().body("<html>").build());
        assertThat(adapterError(folders(), "acme/adapter")).isInstanceOf(HubError.NotAHub.class);
        hub.fault(request -> request.getMethod().equals("HEAD"), 9, _ -> new MockResponse.Builder().build());
        assertThat(adapterError(folders(), "acme/adapter").message()).contains("X-Repo-Commit");
    }

    @Test
    void aCopyInTheCacheServesWhileTheHubIsAway() throws Exception {
        Path folder = folders().adapter(ADAPTER, Progress.Listener.NONE);
        hub.model("acme/adapter").access = FakeRepo.Access.PRIVATE;
        assertThat(anonymous().adapter(ADAPTER, Progress.Listener.NONE)).isEqualTo(folder);
        hub.fault(request -> request.getTarget().contains("/revision/"), 5, answer(500));
        assertThat(folders().adapter(ADAPTER, Progress.Listener.NONE)).isEqualTo(folder);
        hub.close();
        assertThat(folders().adapter(ADAPTER, Progress.Listener.NONE)).isEqualTo(folder);
    }

    @Test
    void aRevisionThatDoesNotExistIsNotPaperedOver() throws Exception {
        folders().adapter(ADAPTER, Progress.Listener.NONE);
        assertThat(adapterError(folders(), "acme/adapter@gone")).isInstanceOf(HubError.WrongRevision.class);
    }

    @Test
    void offlineServesWhatIsThereAndNamesWhatIsNot() throws Exception {
        Path folder = folders().adapter(ADAPTER, Progress.Listener.NONE);
        hub.asked().clear();
        assertThat(offline().adapter(ADAPTER, Progress.Listener.NONE)).isEqualTo(folder);
        assertThat(adapterError(offline(), "acme/other").message()).contains("acme/other is not in the cache", "HF_HUB_OFFLINE");
        assertThat(hub.asked()).isEmpty();
    }

    @Test
    void aHalfCompleteSnapshotIsNotTakenForComplete() throws Exception {
        hub.model("acme/sharded").commit(FakeContents.sharded());
        var sharded = RepoRef.model("acme/sharded");
        Path folder = folders().model(sharded, Progress.Listener.NONE);
        Files.delete(folder.resolve("model-00002-of-00002.safetensors"));
        assertThat(error(() -> offline().model(sharded, Progress.Listener.NONE)).message()).contains("missing: model-00002-of-00002.safetensors");

        // The same where nobody has kept a listing: the index tells.
        Files.delete(cache.resolve("models--acme--sharded/trees/" + folder.getFileName() + ".json"));
        assertThat(error(() -> offline().model(sharded, Progress.Listener.NONE)).message()).contains("missing: model-00002-of-00002.safetensors");
        Files.delete(folder.resolve("config.json"));
        assertThat(error(() -> offline().model(sharded, Progress.Listener.NONE)).message()).contains("missing: config.json");
        assertThat(folders().model(sharded, Progress.Listener.NONE).resolve("config.json")).exists();
    }

    @Test
    void weightsThatNobodyListedAreMissedByTheirName() throws Exception {
        Path folder = folders().adapter(ADAPTER, Progress.Listener.NONE);
        Files.delete(folder.resolve("adapter_model.safetensors"));
        Files.delete(cache.resolve("models--acme--adapter/trees/" + folder.getFileName() + ".json"));
        assertThat(adapterError(offline(), "acme/adapter").message()).contains("missing: adapter_model.safetensors");
    }

    @Test
    void aBlobThatWasCutShortIsNotTakenForComplete() throws Exception {
        Path folder = folders().adapter(ADAPTER, Progress.Listener.NONE);
        Path blob = folder.resolve("adapter_model.safetensors").toRealPath();
        Files.write(blob, new byte[10]);
        assertThat(adapterError(offline(), "acme/adapter").message()).contains("missing: adapter_model.safetensors");
        folders().adapter(ADAPTER, Progress.Listener.NONE);
        assertThat(blob).hasBinaryContent(adapter().get("adapter_model.safetensors"));
    }

    @Test
    void noMessageHoldsTheTokenOrASignature() {
        hub.fault(request -> request.getTarget().contains("/revision/"), 1, answer(400, "X-Error-Message", "bad token " + FakeHub.OWNER + " at https://x.example/a?X-Amz-Signature=1"));
        var error = adapterError(folders(), "acme/adapter");
        assertThat(error.message()).contains("status 400", "bad token hf_…").doesNotContain(FakeHub.OWNER, "Signature");
        assertThat(hub.settings(cache, Optional.of(FakeHub.OWNER)).toString()).doesNotContain("Secret");
    }
}
