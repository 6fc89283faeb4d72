package dev.lorikeet.hub;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Names of repositories, and the variables of `huggingface_hub`.
class HubSettingsTest {
    @TempDir
    Path home;

    private HubSettings settings(String... variables) {
        Map<String, String> environment = new HashMap<>();
        for (int i = 0; i < variables.length; i += 2) {
            environment.put(variables[i], variables[i + 1]);
        }
        return HubSettings.of(environment, home);
    }

    private String token(HubSettings settings) {
        return settings.token().map(HubToken::authorization).orElse("none");
    }

    @Test
    void defaultsAreThoseOfPython() {
        var settings = settings();
        assertThat(settings.endpoint()).hasToString("https://huggingface.co/");
        assertThat(settings.cache()).isEqualTo(home.resolve(".cache/huggingface/hub"));
        assertThat(settings.offline()).isFalse();
        assertThat(settings.etagTimeout()).isEqualTo(Duration.ofSeconds(10));
        assertThat(token(settings)).isEqualTo("none");
    }

    @Test
    void theCacheFollowsTheMostSpecificVariable() {
        assertThat(settings("XDG_CACHE_HOME", "/x").cache()).isEqualTo(Path.of("/x/huggingface/hub"));
        assertThat(settings("XDG_CACHE_HOME", "/x", "HF_HOME", "~/h").cache()).isEqualTo(home.resolve("h/hub"));
        assertThat(settings("HF_HOME", "/h", "HUGGINGFACE_HUB_CACHE", "/old").cache()).isEqualTo(Path.of("/old"));
        assertThat(settings("HF_HOME", "/h", "HUGGINGFACE_HUB_CACHE", "/old", "HF_HUB_CACHE", "/c").cache()).isEqualTo(Path.of("/c"));
    }

    @Test
    void theTokenComesFromTheVariableOrTheFile() throws IOException {
        Files.createDirectories(home.resolve(".cache/huggingface"));
        Files.writeString(home.resolve(".cache/huggingface/token"), "hf_file\n");
        Files.writeString(home.resolve("other"), " hf_other \r\n");
        assertThat(token(settings())).isEqualTo("Bearer hf_file");
        assertThat(token(settings("HF_TOKEN_PATH", home.resolve("other").toString()))).isEqualTo("Bearer hf_other");
        assertThat(token(settings("HUGGING_FACE_HUB_TOKEN", "hf_old"))).isEqualTo("Bearer hf_old");
        assertThat(token(settings("HF_TOKEN", "hf_new\r\n", "HUGGING_FACE_HUB_TOKEN", "hf_old"))).isEqualTo("Bearer hf_new");
        assertThat(token(settings("HF_TOKEN", "  "))).isEqualTo("Bearer hf_file");
        assertThat(token(settings("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1"))).isEqualTo("none");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "on", "YES", "True"})
    void offlineIsAnyOfPythonsWordsForTrue(String value) {
        assertThat(settings("HF_HUB_OFFLINE", value).offline()).isTrue();
        assertThat(settings("TRANSFORMERS_OFFLINE", value).offline()).isTrue();
        assertThat(settings("HF_HUB_OFFLINE", "0").offline()).isFalse();
    }

    @Test
    void anEndpointMayHaveASlashAtItsEndAndMustBeAnAddress() {
        assertThat(settings("HF_ENDPOINT", "https://mirror.example/hf/").endpoint()).hasToString("https://mirror.example/hf");
        assertThatThrownBy(() -> settings("HF_ENDPOINT", "mirror")).hasMessageContaining("HF_ENDPOINT");
        assertThatThrownBy(() -> settings("HF_HUB_ETAG_TIMEOUT", "soon")).hasMessageContaining("HF_HUB_ETAG_TIMEOUT");
    }

    @Test
    void aTokenDoesNotTravelUnencrypted() {
        assertThatThrownBy(() -> settings("HF_ENDPOINT", "http://mirror.example", "HF_TOKEN", "hf_secret")).hasMessageContaining("plain http")
                .hasMessageNotContaining("hf_secret");
        assertThat(settings("HF_ENDPOINT", "http://mirror.example").endpoint().isHttps()).isFalse();
        assertThat(settings("HF_ENDPOINT", "http://localhost:1", "HF_TOKEN", "hf_secret").toString()).doesNotContain("hf_secret");
    }

    @Test
    void aTokenThatNoHeaderCanCarryIsRefusedWithoutShowingIt() {
        assertThatThrownBy(() -> settings("HF_TOKEN", "hf_비밀")).hasMessageContaining("HF_TOKEN").hasMessageNotContaining("비밀");
    }

    @Test
    void namesAreReadWithOrWithoutRevision() {
        assertThat(RepoRef.parse("acme/ko-gemma")).isEqualTo(new RepoRef(RepoType.MODEL, new RepoId("acme", "ko-gemma"), Revision.MAIN));
        assertThat(RepoRef.parse("acme/x@refs/pr/1").revision().name()).isEqualTo("refs/pr/1");
        assertThat(RepoRef.parse("datasets/acme/qa@v1")).hasToString("datasets/acme/qa@v1").extracting(RepoRef::type).isEqualTo(RepoType.DATASET);
        assertThat(RepoRef.parse("datasets/acme").type()).isEqualTo(RepoType.MODEL);
        assertThat(RepoRef.parse("acme/x@main")).hasToString("acme/x");
        assertThat(RepoRef.parse("acme/x").cacheFolder()).isEqualTo("models--acme--x");
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "/x", "a/", "a/b/c", "../x", "a/..", "./x", "a/b@", "a/b@../x", "a/b@x y", "a/b@/x", "a/b@x\\y", "a--b/c", "a/b.git", "a/-b", "a/b\u0000", "한글/x"})
    void whatIsNoNameIsRefused(String text) {
        assertThatThrownBy(() -> RepoRef.parse(text)).isInstanceOf(IllegalArgumentException.class);
        assertThat(RepoRef.tryModel(text)).isEmpty();
    }
}
