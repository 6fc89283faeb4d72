package dev.lorikeet.hub;

import static dev.lorikeet.hub.FakeContents.bytes;
import static dev.lorikeet.hub.FakeContents.sharded;
import static dev.lorikeet.hub.FakeContents.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import mockwebserver3.MockResponse;
import okio.Buffer;
import org.junit.jupiter.api.Test;

/// What arrives, where it lies, and that it arrives whole or not at all.
class HubDownloadTest extends HubTestBase {
    private static final RepoRef SHARDED = RepoRef.model("acme/sharded");

    @Test
    void onlyNeededFilesAreTakenAndNeverAPickleOrCode() throws Exception {
        hub.model("acme/sharded").commit(sharded());
        var found = contents(folders().model(SHARDED, Progress.Listener.NONE));
        assertThat(found).containsOnlyKeys("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json", "model.safetensors.index.json",
                "model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors");
        found.forEach((name, content) -> assertThat(content).as(name).isEqualTo(sharded().get(name)));
    }

    @Test
    void theCacheIsLaidOutAsPythonLaysItOut() throws Exception {
        String sha = hub.model("acme/sharded").commit(sharded());
        Path folder = folders().model(SHARDED, Progress.Listener.NONE);
        Path repo = cache.resolve("models--acme--sharded");
        assertThat(folder).isEqualTo(repo.resolve("snapshots").resolve(sha));
        assertThat(repo.resolve("refs/main")).hasContent(sha);
        String shard = FakeRepo.sha256(sharded().get("model-00001-of-00002.safetensors"));
        assertThat(Files.readSymbolicLink(folder.resolve("model-00001-of-00002.safetensors"))).isEqualTo(Path.of("../../blobs/" + shard));
        assertThat(Files.readSymbolicLink(folder.resolve("config.json"))).isEqualTo(Path.of("../../blobs/" + FakeRepo.blobId(sharded().get("config.json"))));
        assertThat(repo.resolve("trees").resolve(sha + ".json")).content().contains("\"lfs_sha256\" : \"" + shard + "\"", "pytorch_model.bin");
        assertThat(cache.resolve("CACHEDIR.TAG")).content().startsWith("Signature: 8a477f597d28d172789f06886806bc55");
        assertThat(blobs("models--acme--sharded")).hasSize(7).allMatch(name -> name.matches("[0-9a-f]{40}|[0-9a-f]{64}"));
    }

    @Test
    void theTokenGoesToTheHubAndNeverToWhereItRedirects() throws Exception {
        hub.model("acme/sharded").commit(sharded());
        folders().model(SHARDED, Progress.Listener.NONE);
        assertThat(hub.asked()).isNotEmpty().allMatch(request -> ("Bearer " + FakeHub.OWNER).equals(request.getHeaders().get("Authorization")));
        assertThat(hub.askedOfStore()).isNotEmpty().allMatch(request -> request.getHeaders().get("Authorization") == null);
    }

    @Test
    void aLargeFileComesInRanges() throws Exception {
        hub.model("acme/sharded").commit(sharded());
        folders().model(SHARDED, Progress.Listener.NONE);
        assertThat(hub.askedOfStore().stream().map(request -> request.getHeaders().get("Range"))).contains("bytes=0-65535", "bytes=65536-131071", "bytes=262144-300000");
    }

    @Test
    void aServerThatIgnoresRangesIsReadOnce() throws Exception {
        hub.model("acme/sharded").commit(sharded());
        hub.objects.ignoresRanges = true;
        var found = contents(folders().model(SHARDED, Progress.Listener.NONE));
        assertThat(found.get("model-00001-of-00002.safetensors")).isEqualTo(sharded().get("model-00001-of-00002.safetensors"));
        assertThat(hub.askedOfStore()).hasSize(2);
    }

    @Test
    void aBodyThatBreaksOffIsGoneOnWithWhereItStopped() throws Exception {
        hub.model("acme/sharded").commit(sharded());
        hub.fault(request -> "bytes=65536-131071".equals(request.getHeaders().get("Range")), 1, response -> cut(response, 1000));
        var found = contents(folders().model(SHARDED, Progress.Listener.NONE));
        assertThat(found.get("model-00001-of-00002.safetensors")).isEqualTo(sharded().get("model-00001-of-00002.safetensors"));
        assertThat(hub.askedOfStore().stream().map(request -> request.getHeaders().get("Range"))).anyMatch(range -> range.matches("bytes=(65[6-9]|66)[0-9]+-131071"));
    }

    @Test
    void aDownloadThatWasGivenUpIsGoneOnWithByTheNext() throws Exception {
        hub.model("acme/sharded").commit(sharded());
        hub.fault(request -> "bytes=262144-300000".equals(request.getHeaders().get("Range")), 5, response -> cut(response, 0));
        assertThat(error(() -> folders().model(SHARDED, Progress.Listener.NONE))).isInstanceOf(HubError.Truncated.class);
        assertThat(blobs("models--acme--sharded")).anyMatch(name -> name.endsWith(".lorikeet.incomplete"));
        hub.askedOfStore().clear();

        var found = contents(folders().model(SHARDED, Progress.Listener.NONE));
        assertThat(found.get("model-00001-of-00002.safetensors")).isEqualTo(sharded().get("model-00001-of-00002.safetensors"));
        assertThat(hub.askedOfStore().stream().map(request -> request.getHeaders().get("Range"))).contains("bytes=262144-300000").doesNotContain("bytes=0-65535");
        assertThat(blobs("models--acme--sharded")).noneMatch(name -> name.contains("lorikeet"));
    }

    @Test
    void whatAnEarlierAttemptLeftDamagedIsFetchedAnew() throws Exception {
        hub.model("acme/sharded").commit(sharded());
        hub.fault(request -> "bytes=262144-300000".equals(request.getHeaders().get("Range")), 5, response -> cut(response, 0));
        assertThat(error(() -> folders().model(SHARDED, Progress.Listener.NONE))).isInstanceOf(HubError.Truncated.class);
        Path partial = partialOf(sharded().get("model-00001-of-00002.safetensors"));
        assertThat(partial).exists();
        Files.write(partial, new byte[200_000]);

        var found = contents(folders().model(SHARDED, Progress.Listener.NONE));
        assertThat(found.get("model-00001-of-00002.safetensors")).isEqualTo(sharded().get("model-00001-of-00002.safetensors"));
    }

    /// What a kill before the end of the first chunk leaves, or an attempt at a larger file.
    @Test
    void bytesThatNoChunkClaimsAreNotKept() throws Exception {
        hub.model("acme/sharded").commit(sharded());
        Path partial = partialOf(sharded().get("model-00002-of-00002.safetensors"));
        Files.createDirectories(partial.getParent());
        Files.write(partial, new byte[200_000]);

        var found = contents(folders().model(SHARDED, Progress.Listener.NONE));
        assertThat(found.get("model-00002-of-00002.safetensors")).isEqualTo(sharded().get("model-00002-of-00002.safetensors"));
    }

    private Path partialOf(byte[] content) {
        return cache.resolve("models--acme--sharded/blobs").resolve(FakeRepo.sha256(content) + ".lorikeet.incomplete");
    }

    @Test
    void anExpiredAddressIsAskedForAgain() throws Exception {
        hub.model("acme/sharded").commit(sharded());
        hub.fault(request -> "bytes=65536-131071".equals(request.getHeaders().get("Range")), 1, response -> {
            hub.objects.expire();
            return new MockResponse.Builder().code(403).build();
        });
        var found = contents(folders().model(SHARDED, Progress.Listener.NONE));
        assertThat(found.get("model-00001-of-00002.safetensors")).isEqualTo(sharded().get("model-00001-of-00002.safetensors"));
    }

    @Test
    void aFileWithTheWrongHashGetsNoName() throws Exception {
        hub.model("acme/adapter").commit(FakeContents.adapter());
        hub.fault(request -> request.getUrl().pathSegments().getFirst().equals("object"), 1, response -> response.newBuilder().body(new Buffer().write(bytes(99, 50_000))).build());
        var error = error(() -> folders().adapter(RepoRef.model("acme/adapter"), Progress.Listener.NONE));
        assertThat(error).isInstanceOf(HubError.WrongHash.class);
        assertThat(error.message()).contains("adapter_model.safetensors", FakeRepo.sha256(FakeContents.adapter().get("adapter_model.safetensors")));
        assertThat(blobs("models--acme--adapter")).noneMatch(name -> name.startsWith(FakeRepo.sha256(FakeContents.adapter().get("adapter_model.safetensors"))));
    }

    @Test
    void aSmallFileIsCheckedByItsGitHash() {
        hub.model("acme/adapter").commit(FakeContents.adapter());
        hub.fault(request -> request.getMethod().equals("GET") && request.getUrl().encodedPath().endsWith("adapter_config.json"), 1,
                response -> response.newBuilder().body("{\"peft_type\": \"EVIL\"}\n").build());
        assertThat(error(() -> folders().adapter(RepoRef.model("acme/adapter"), Progress.Listener.NONE))).isInstanceOf(HubError.WrongHash.class);
    }

    @Test
    void theHashesAreGitsAndSha256s(@org.junit.jupiter.api.io.TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("x"), "{}\n");
        assertThat(ContentHash.like("0".repeat(40), file)).isEqualTo("0967ef424bce6791893e9a57bb952f80fd536e93");
        assertThat(ContentHash.like("0".repeat(64), file)).isEqualTo("ca3d163bab055381827226140568f3bef7eaac187cebd76878e0b63e9e442356");
    }

    @Test
    void aDiskWithoutRoomIsFoundBeforeTheFirstByte() {
        hub.model("acme/sharded").commit(sharded());
        var folders = folders(hub.settings(cache, Optional.empty()), _ -> 1000);
        var error = error(() -> folders.model(SHARDED, Progress.Listener.NONE));
        assertThat(error).isInstanceOf(HubError.DiskFull.class);
        assertThat(error.message()).contains("are free in " + cache, "HF_HUB_CACHE");
        assertThat(hub.askedOfStore()).isEmpty();
    }

    @Test
    void whatIsThereIsNotFetchedAgain() throws Exception {
        hub.model("acme/sharded").commit(sharded());
        folders().model(SHARDED, Progress.Listener.NONE);
        hub.asked().clear();
        hub.askedOfStore().clear();
        folders().model(SHARDED, Progress.Listener.NONE);
        assertThat(hub.asked()).hasSize(1);
        assertThat(hub.askedOfStore()).isEmpty();
    }

    @Test
    void aNewCommitBringsOnlyWhatChanged() throws Exception {
        hub.model("acme/sharded").commit(sharded());
        folders().model(SHARDED, Progress.Listener.NONE);
        String sha = hub.model("acme/sharded").commit(Map.of("config.json", text("{\"model_type\": \"qwen2\"}\n")));
        hub.askedOfStore().clear();
        Path folder = folders().model(SHARDED, Progress.Listener.NONE);
        assertThat(folder).endsWith(Path.of(sha));
        assertThat(folder.resolve("config.json")).hasContent("{\"model_type\": \"qwen2\"}");
        assertThat(hub.askedOfStore()).isEmpty();
    }

    @Test
    void aCommitIsNotAskedForTwice() throws Exception {
        String sha = hub.model("acme/sharded").commit(sharded());
        var pinned = RepoRef.model("acme/sharded@" + sha);
        folders().model(pinned, Progress.Listener.NONE);
        assertThat(cache.resolve("models--acme--sharded/refs")).isEmptyDirectory();
        hub.asked().clear();
        folders().model(pinned, Progress.Listener.NONE);
        assertThat(hub.asked()).isEmpty();
    }

    @Test
    void aRevisionWithSlashesIsOneRevision() throws Exception {
        String sha = hub.model("acme/adapter").commit("refs/pr/1", FakeContents.adapter());
        folders().adapter(RepoRef.model("acme/adapter@refs/pr/1"), Progress.Listener.NONE);
        assertThat(cache.resolve("models--acme--adapter/refs/refs/pr/1")).hasContent(sha);
        assertThat(hub.asked().getFirst().getTarget()).isEqualTo("/api/models/acme/adapter/revision/refs%2Fpr%2F1");
    }

    @Test
    void aRenamedRepositoryIsFollowed() throws Exception {
        hub.model("acme/old").commit(FakeContents.adapter());
        hub.rename("acme/old", "acme/new");
        assertThat(contents(folders().adapter(RepoRef.model("acme/old"), Progress.Listener.NONE))).containsKey("adapter_model.safetensors");
    }

    @Test
    void aNameThatWouldLieOutsideIsRefused() {
        hub.model("acme/evil").commit(Map.of("config.json", text("{}"), "../../../evil.safetensors", bytes(1, 10)));
        assertThat(error(() -> folders().model(RepoRef.model("acme/evil"), Progress.Listener.NONE))).isInstanceOf(HubError.UnsafeName.class);
    }

    @Test
    void anIndexThatNamesAFileElsewhereIsRefused() {
        hub.model("acme/evil").commit(Map.of("config.json", text("{}"), "model.safetensors.index.json", text("{\"weight_map\": {\"a\": \"../x.safetensors\"}}")));
        assertThat(error(() -> folders().model(RepoRef.model("acme/evil"), Progress.Listener.NONE))).isInstanceOf(HubError.UnsafeName.class);
    }

    @Test
    void aRepositoryOfPicklesIsRefusedByTheirName() {
        hub.model("acme/pickled").commit(Map.of("config.json", text("{}"), "pytorch_model.bin", bytes(1, 10)));
        assertThat(error(() -> folders().model(RepoRef.model("acme/pickled"), Progress.Listener.NONE)).message())
                .contains("acme/pickled", "pytorch_model.bin", "pickles", "safetensors");
        hub.model("acme/old-adapter").commit(Map.of("adapter_config.json", text("{}"), "adapter_model.bin", bytes(1, 10)));
        assertThat(error(() -> folders().adapter(RepoRef.model("acme/old-adapter"), Progress.Listener.NONE)).message()).contains("adapter_model.bin", "pickle");
        assertThat(hub.askedOfStore()).isEmpty();
    }

    @Test
    void aSplitIsFoundByTheNamesOfItsFilesOrInTheHubsOwnParquet() throws Exception {
        FakeContents.fill(hub);
        assertThat(folders().dataset(RepoRef.dataset("acme/qa"), "train", Progress.Listener.NONE)).singleElement().asString().endsWith("/train.jsonl");
        assertThat(folders().dataset(RepoRef.dataset("acme/qa"), "test", Progress.Listener.NONE)).singleElement().asString().endsWith("/data/test-00000-of-00001.parquet");
        assertThat(folders().dataset(RepoRef.dataset("datasets/acme/csv"), "default/train", Progress.Listener.NONE)).singleElement().asString()
                .contains("datasets--acme--csv").endsWith("/default/train/0000.parquet");
        assertThat(error(() -> folders().dataset(RepoRef.dataset("acme/qa"), "validation", Progress.Listener.NONE)).message())
                .contains("validation", "it has test, train");
    }

    @Test
    void shardsWithAHashBehindTheirNumberAreOfTheSplitToo() throws Exception {
        hub.dataset("acme/old").commit(Map.of("data/train-00000-of-00002-b42a775f407cee45.parquet", bytes(1, 10), "data/train-00001-of-00002-a09b74b3ef9c3b56.parquet", bytes(2, 10),
                "data/test-00000-of-00001-1234567890123456.parquet", bytes(3, 10)));
        assertThat(folders().dataset(RepoRef.dataset("acme/old"), "train", Progress.Listener.NONE)).hasSize(2);
        assertThat(folders().dataset(RepoRef.dataset("acme/old"), "test", Progress.Listener.NONE)).hasSize(1);
    }

    @Test
    void rowsOfDifferentConfigurationsAreNotMixed() throws Exception {
        hub.dataset("acme/many").commit(Map.of("ko/train.jsonl", text("{}"), "en/train/0000.parquet", bytes(1, 10), "en/train/0001.parquet", bytes(2, 10)));
        hub.dataset("acme/jsonl").commit(Map.of("ko/train.jsonl", text("{}"), "en/train.jsonl", text("{}"), "en/test.jsonl", text("{}")));
        assertThat(error(() -> folders().dataset(RepoRef.dataset("acme/jsonl"), "train", Progress.Listener.NONE)).message())
                .contains("several configurations", "write one of en/train, ko/train");
        assertThat(folders().dataset(RepoRef.dataset("acme/jsonl"), "ko/train", Progress.Listener.NONE)).singleElement().asString().endsWith("/ko/train.jsonl");
        assertThat(folders().dataset(RepoRef.dataset("acme/jsonl"), "test", Progress.Listener.NONE)).singleElement().asString().endsWith("/en/test.jsonl");
        assertThat(error(() -> folders().dataset(RepoRef.dataset("acme/many"), "train", Progress.Listener.NONE)).message()).contains("write one of en/train, ko/train");
        assertThat(folders().dataset(RepoRef.dataset("acme/many"), "en/train", Progress.Listener.NONE)).hasSize(2);
        hub.dataset("acme/many").commit(Map.of("data/train.jsonl", text("{}")));
        assertThat(folders().dataset(RepoRef.dataset("acme/many"), "train", Progress.Listener.NONE)).singleElement().asString().endsWith("/data/train.jsonl");
    }

    @Test
    void whatAnAdapterSaysOfItselfComesWithIt() throws Exception {
        assertThat(Needs.Adapter.METADATA).isEqualTo(dev.lorikeet.adapter.AdapterMetadata.FILE);
        hub.model("acme/mine").commit(Map.of("adapter_config.json", text("{}"), "adapter_model.safetensors", bytes(1, 10), "lorikeet.json", text("{\"end_token_ids\": [7]}")));
        assertThat(folders().adapter(RepoRef.model("acme/mine"), Progress.Listener.NONE).resolve("lorikeet.json")).hasContent("{\"end_token_ids\": [7]}");
    }

    @Test
    void progressEndsWithEveryByteAndNothingLeft() throws Exception {
        hub.model("acme/sharded").commit(sharded());
        List<Progress> told = new CopyOnWriteArrayList<>();
        folders().model(SHARDED, told::add);
        var last = told.getLast();
        assertThat(last.files().keySet()).allMatch(address -> address.startsWith(hub.url() + "acme/sharded/resolve/") && !address.contains("?"));
        assertThat(last.done()).isEqualTo(last.total()).isEqualTo(folderSize());
        assertThat(last.remaining()).contains(java.time.Duration.ZERO);
    }

    private long folderSize() throws IOException {
        long size = 0;
        for (String blob : blobs("models--acme--sharded")) {
            size += Files.size(cache.resolve("models--acme--sharded/blobs").resolve(blob));
        }
        return size;
    }

    @Test
    void speedAndTimeLeftComeFromBytesAndTheClock() {
        var now = new long[1];
        var told = new CopyOnWriteArrayList<Progress>();
        var meter = new TransferMeter(told::add, () -> now[0]);
        meter.add("f", 0, 10_000);
        for (int i = 0; i < 4; i++) {
            now[0] += 1_000_000_000;
            meter.moved("f", 1000);
        }
        assertThat(told).hasSize(4);
        assertThat(told.getLast().bytesPerSecond()).isCloseTo(1000, org.assertj.core.data.Offset.offset(1e-6));
        assertThat(told.getLast().remaining()).contains(java.time.Duration.ofSeconds(6));
    }

    @Test
    void bytesAfterWhichNoMoreComeAreToldAndNothingAfterTheEnd() throws Exception {
        var told = new java.util.concurrent.LinkedBlockingQueue<Progress>();
        try (var meter = new TransferMeter(told::add, () -> 0)) {
            meter.add("f", 0, 10_000);
            meter.moved("f", 1000);
            meter.moved("f", 500);
            assertThat(told.take().done()).isEqualTo(1500);
            meter.moved("f", 1);
        }
        assertThat(told.poll(300, TimeUnit.MILLISECONDS)).isNull();
    }

    @Test
    void anInterruptCancelsAndWhatIsThereStays() throws Exception {
        hub.model("acme/sharded").commit(sharded());
        var begun = new CountDownLatch(1);
        hub.fault(request -> "bytes=131072-196607".equals(request.getHeaders().get("Range")), 1, response -> {
            begun.countDown();
            return response.newBuilder().onResponseStart(mockwebserver3.SocketEffect.Stall.INSTANCE).build();
        });
        var outcome = new java.util.concurrent.CompletableFuture<Throwable>();
        var thread = Thread.ofVirtual().start(() -> {
            try {
                folders().model(SHARDED, Progress.Listener.NONE);
                outcome.complete(null);
            } catch (Throwable e) {
                outcome.complete(e);
            }
        });
        begun.await();
        thread.interrupt();
        assertThat(outcome.get()).isInstanceOf(InterruptedException.class);
        assertThat(contents(folders().model(SHARDED, Progress.Listener.NONE))).hasSize(7);
    }

    @Test
    void twoDownloadsOfTheSameThingFetchEachByteOnce() throws Exception {
        hub.model("acme/sharded").commit(sharded());
        Parallel.run(List.of(() -> folders().model(SHARDED, Progress.Listener.NONE), () -> folders().model(SHARDED, Progress.Listener.NONE)));
        assertThat(hub.askedOfStore().stream().map(request -> request.getUrl().encodedPath() + request.getHeaders().get("Range"))).doesNotHaveDuplicates();
    }
}
