package dev.lorikeet.hub;

import static dev.lorikeet.hub.FakeContents.bytes;
import static dev.lorikeet.hub.FakeContents.text;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import mockwebserver3.MockResponse;
import mockwebserver3.SocketEffect;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A folder becomes one commit, and only what the hub lacks is sent.
class HubUploadTest extends HubTestBase {
    private static final RepoRef TARGET = RepoRef.model("acme/law-lora");

    @TempDir
    Path folder;
    private final byte[] weights = bytes(11, 250_000);

    @BeforeEach
    void adapter() throws IOException {
        Files.writeString(folder.resolve("adapter_config.json"), "{\"peft_type\": \"LORA\", \"r\": 8, \"lora_alpha\": 16, \"base_model_name_or_path\": \"google/gemma-2-2b-it\"}\n");
        Files.write(folder.resolve("adapter_model.safetensors"), weights);
        Files.write(folder.resolve("optimizer.pt"), new byte[10]);
        Files.writeString(folder.resolve(".env"), "SECRET=1");
        hub.objects.partSize = 100_000;
    }

    private HubUpload upload(String token) {
        return new HubUpload(new HubClient(hub.settings(cache, Optional.ofNullable(token)), pauses::add));
    }

    private Push.Pushed push() throws InterruptedException {
        return upload(FakeHub.OWNER).push(Push.of(folder, TARGET), Progress.Listener.NONE);
    }

    private Map<String, byte[]> onHub() {
        return hub.model("acme/law-lora").files("main").orElseThrow();
    }

    private long sentToStore() {
        return hub.askedOfStore().stream().filter(request -> request.getMethod().equals("PUT")).mapToLong(request -> request.getBodySize()).sum();
    }

    @Test
    void aFolderBecomesOneCommitInAPrivateRepository() throws Exception {
        var pushed = push();
        assertThat(pushed.changed()).isTrue();
        assertThat(pushed.url()).isEqualTo(hub.url() + "acme/law-lora/commit/" + pushed.commit());
        assertThat(onHub()).containsOnlyKeys("README.md", "adapter_config.json", "adapter_model.safetensors");
        assertThat(onHub().get("adapter_model.safetensors")).isEqualTo(weights);
        assertThat(hub.model("acme/law-lora").access).isEqualTo(FakeRepo.Access.PRIVATE);
        assertThat(hub.model("acme/law-lora").commits()).isEqualTo(2);
    }

    @Test
    void aLargeFileGoesInPartsAndTheTokenDoesNotGoWithIt() throws Exception {
        push();
        assertThat(hub.askedOfStore()).hasSize(3).allMatch(request -> request.getUrl().pathSegments().getFirst().equals("part") && request.getHeaders().get("Authorization") == null);
        assertThat(hub.askedOfStore().stream().map(request -> request.getBodySize())).containsExactlyInAnyOrder(100_000L, 100_000L, 50_000L);
    }

    @Test
    void aFileOfOnePartGoesWhole() throws Exception {
        hub.objects.partSize = 1 << 20;
        push();
        assertThat(hub.askedOfStore()).singleElement().matches(request -> request.getUrl().pathSegments().getFirst().equals("upload"));
        assertThat(onHub().get("adapter_model.safetensors")).isEqualTo(weights);
    }

    @Test
    void theCardNamesBaseLibraryTagsAndMetrics() throws Exception {
        upload(FakeHub.OWNER).push(new Push(folder, TARGET, false, "Trained", Optional.empty(), Map.of("eval_loss", 1.25)), Progress.Listener.NONE);
        assertThat(new String(onHub().get("README.md"))).startsWith("""
                ---
                base_model: google/gemma-2-2b-it
                library_name: peft
                pipeline_tag: text-generation
                tags:
                - base_model:adapter:google/gemma-2-2b-it
                - lora
                - lorikeet
                ---

                # law-lora
                """).contains("Rank 8, alpha 16", "| eval_loss | 1.25 |");
        assertThat(hub.model("acme/law-lora").access).isEqualTo(FakeRepo.Access.PUBLIC);
    }

    @Test
    void aBaseThatIsAFolderIsNamedByItsNameAndContentAndNeverByItsPath(@TempDir Path elsewhere) throws Exception {
        Path base = Files.createDirectories(elsewhere.resolve("my-base"));
        Files.writeString(base.resolve("config.json"), "{}");
        Files.writeString(folder.resolve("adapter_config.json"), "{\"base_model_name_or_path\": \"" + base + "\"}");
        push();
        assertThat(new String(onHub().get("README.md"))).containsPattern("`my-base@[0-9a-f]{12}`").doesNotContain(elsewhere.toString(), "base_model:");
        Path cached = Files.createDirectories(elsewhere.resolve("models--google--gemma-2-2b-it/snapshots/" + "a".repeat(40)));
        Files.writeString(folder.resolve("adapter_config.json"), "{\"base_model_name_or_path\": \"" + cached + "\"}");
        assertThat(ModelCard.of(Push.of(folder, TARGET))).contains("base_model: google/gemma-2-2b-it\n");
    }

    @Test
    void theConfigurationNamesTheBaseByItsNameOnTheHubAndNeverByAPathOfThisMachine(@TempDir Path elsewhere) throws Exception {
        String config = "{\"r\": 8, \"base_model_name_or_path\": \"" + elsewhere.resolve("my-base") + "\", \"lora_alpha\": 16}";
        Files.writeString(folder.resolve("adapter_config.json"), config);
        push();
        assertThat(FakeHub.JSON.readTree(onHub().get("adapter_config.json"))).isEqualTo(FakeHub.JSON.readTree(config.replace(elsewhere + "/", "")));
        upload(FakeHub.OWNER).push(new Push(folder, TARGET, true, "m", Optional.of("google/gemma-2-2b-it"), Map.of()), Progress.Listener.NONE);
        assertThat(FakeHub.JSON.readTree(onHub().get("adapter_config.json")).path("base_model_name_or_path").asText()).isEqualTo("google/gemma-2-2b-it");
        assertThat(Files.readString(folder.resolve("adapter_config.json"))).as("the folder stays as it is").isEqualTo(config);
    }

    @Test
    void aConfigurationThatIsNoJsonIsNamed() throws Exception {
        Files.writeString(folder.resolve("adapter_config.json"), "{");
        assertThat(error(this::push).message()).contains("adapter_config.json", "no valid JSON");
    }

    @Test
    void aBaseInACardThatTheHubCannotKnowIsReplacedOrLeftOut() throws Exception {
        String card = "---\nlibrary_name: peft\nbase_model: %s\ntags:\n- 'base_model:adapter:%s'\n- lora\n---\n\n# Mine\n\nbase_model: demo\n";
        var known = Push.of(folder, TARGET);
        var told = new Push(folder, TARGET, true, "m", Optional.of("acme/other"), Map.of());
        for (String unknown : List.of("/srv/models/demo", "demo", "")) {
            assertThat(ModelCard.mended(card.formatted("'" + unknown + "'", unknown), known))
                    .isEqualTo(card.formatted("google/gemma-2-2b-it", "google/gemma-2-2b-it").replace("'", ""));
        }
        assertThat(ModelCard.mended(card.formatted("acme/mine", "acme/mine"), known)).as("a name on the hub stays").isEqualTo(card.formatted("acme/mine", "acme/mine"));
        assertThat(ModelCard.mended(card.formatted("acme/mine", "acme/mine"), told)).contains("base_model: acme/other\n", "- base_model:adapter:acme/other\n");
        Files.writeString(folder.resolve("adapter_config.json"), "{\"base_model_name_or_path\": \"/srv/models/demo\"}");
        assertThat(ModelCard.mended(card.formatted("demo", "demo"), known)).isEqualTo("---\nlibrary_name: peft\ntags:\n- lora\n---\n\n# Mine\n\nbase_model: demo\n");
        String several = "---\nbase_model:\n- acme/a\n- acme/b\n---\n";
        assertThat(ModelCard.mended(several, known)).isEqualTo(several);
    }

    @Test
    void theSamePushWithAMendedCardAgainMakesNoCommitEvenIfTheAnswerIsLost() throws Exception {
        Files.writeString(folder.resolve("README.md"), "---\nbase_model: demo\n---\n# Mine\n");
        hub.fault(request -> request.getUrl().pathSegments().contains("commit"), 1, response -> response.newBuilder().onResponseStart(new SocketEffect.CloseSocket()).build());
        assertThat(push().changed()).isTrue();
        assertThat(push().changed()).isFalse();
        assertThat(new String(onHub().get("README.md"))).isEqualTo("---\nbase_model: google/gemma-2-2b-it\n---\n# Mine\n");
    }

    @Test
    void aCardThatIsThereKeepsAllElseAndABrokenOneIsRefusedBeforeAnythingIsSent() throws Exception {
        Files.writeString(folder.resolve("README.md"), "---\nlicense: mit\n---\n# Mine\n");
        push();
        assertThat(onHub().get("README.md")).isEqualTo(text("---\nbase_model: google/gemma-2-2b-it\nlicense: mit\n---\n# Mine\n"));
        Files.writeString(folder.resolve("README.md"), "---\nlicense mit\n---\n# Mine\n");
        hub.askedOfStore().clear();
        assertThat(error(this::push).message()).contains("README.md", "no YAML");
        assertThat(hub.askedOfStore()).isEmpty();
    }

    @Test
    void theSameAgainMakesNoCommit() throws Exception {
        var first = push();
        hub.askedOfStore().clear();
        assertThat(push()).isEqualTo(new Push.Pushed(first.commit(), first.url(), false));
        assertThat(hub.askedOfStore()).isEmpty();
    }

    @Test
    void onlyWhatChangedIsSent() throws Exception {
        push();
        long before = sentToStore();
        Files.writeString(folder.resolve("adapter_config.json"), "{\"peft_type\": \"LORA\", \"r\": 16}\n");
        push();
        assertThat(sentToStore()).isEqualTo(before);
        assertThat(onHub().get("adapter_config.json")).isEqualTo(text("{\"peft_type\": \"LORA\", \"r\": 16}\n"));
    }

    @Test
    void anUploadThatFailedBeforeTheCommitIsGoneOnWith() throws Exception {
        hub.fault(request -> request.getUrl().pathSegments().contains("commit"), 1, _ -> FakeHub.error(400, "", "the branch is being rebased"));
        assertThat(error(this::push).message()).contains("the branch is being rebased");
        long sent = sentToStore();
        push();
        assertThat(sentToStore()).isEqualTo(sent);
        assertThat(onHub().get("adapter_model.safetensors")).isEqualTo(weights);
    }

    @Test
    void aPartThatFailsIsSentAgain() throws Exception {
        hub.fault(request -> request.getUrl().encodedPath().endsWith("/2"), 2, _ -> new MockResponse.Builder().code(500).build());
        push();
        assertThat(onHub().get("adapter_model.safetensors")).isEqualTo(weights);
    }

    @Test
    void aCommitWhoseAnswerIsLostIsNotMadeTwice() throws Exception {
        hub.fault(request -> request.getUrl().pathSegments().contains("commit"), 1, response -> response.newBuilder().onResponseStart(new SocketEffect.CloseSocket()).build());
        var pushed = push();
        assertThat(pushed.changed()).isTrue();
        assertThat(hub.model("acme/law-lora").commits()).isEqualTo(2);
        assertThat(hub.model("acme/law-lora").sha("main")).contains(pushed.commit());
    }

    @Test
    void whoMayNotWriteIsTold() {
        assertThat(error(() -> upload(null).push(Push.of(folder, TARGET), Progress.Listener.NONE)).message()).contains("write permission", "no token was sent");
        assertThat(error(() -> upload(FakeHub.STRANGER).push(Push.of(folder, TARGET), Progress.Listener.NONE)).message()).contains("write to acme/law-lora", "write permission");
        assertThat(error(() -> upload("hf_wrong").push(Push.of(folder, TARGET), Progress.Listener.NONE))).isInstanceOf(HubError.BadToken.class);
        assertThat(error(() -> upload(FakeHub.OWNER).push(Push.of(folder, RepoRef.model("other/x")), Progress.Listener.NONE)).message()).contains("write to other/x");
    }

    @Test
    void aRepositoryThatOneMayNotMakeButWriteToIsWrittenTo() throws Exception {
        hub.model("acme/law-lora");
        hub.fault(request -> request.getTarget().equals("/api/repos/create"), 1, _ -> FakeHub.error(403, "", "no scope to create"));
        assertThat(push().changed()).isTrue();
    }

    @Test
    void anEmptyFolderIsRefused(@TempDir Path empty) {
        assertThat(error(() -> upload(FakeHub.OWNER).push(Push.of(empty, TARGET), Progress.Listener.NONE)).message()).contains(empty.toString(), "nothing to upload");
    }

    @Test
    void progressBeginsWhenTheHubHasAgreedAndCountsTheBytesOfLargeFiles() throws Exception {
        List<Progress> told = new CopyOnWriteArrayList<>();
        upload(FakeHub.OWNER).push(Push.of(folder, TARGET), told::add);
        assertThat(told.getFirst()).isEqualTo(Progress.NOTHING_YET);
        assertThat(told.getLast().done()).isEqualTo(told.getLast().total()).isEqualTo(250_000);
    }

    @Test
    void bytesThatGoTwiceAreCountedOnce() throws Exception {
        hub.fault(request -> request.getUrl().encodedPath().endsWith("/2"), 2, _ -> new MockResponse.Builder().code(500).build());
        List<Progress> told = new CopyOnWriteArrayList<>();
        upload(FakeHub.OWNER).push(Push.of(folder, TARGET), told::add);
        assertThat(told.getLast().done()).isEqualTo(250_000);
    }

    @Test
    void aRefusedPushTellsNoProgress() {
        List<Progress> told = new CopyOnWriteArrayList<>();
        error(() -> upload(FakeHub.STRANGER).push(Push.of(folder, TARGET), told::add));
        assertThat(told).isEmpty();
    }
}
