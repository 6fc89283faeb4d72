package dev.lorikeet.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.lorikeet.config.LorikeetConfig;
import dev.lorikeet.rag.RagOptions;
import dev.lorikeet.rag.SearchType;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What becomes of the options of search.
class SearchWiringTest {
    private static final String KEY = "key-77d0";

    @TempDir
    Path folder;

    private SmallRyeConfig config(String... pairs) {
        Map<String, String> values = new HashMap<>(Map.of("lorikeet.data", folder.toString()));
        for (int i = 0; i < pairs.length; i += 2) {
            values.put(pairs[i], pairs[i + 1]);
        }
        return new SmallRyeConfigBuilder().withConverter(Duration.class, 200, new DurationConverter()).withMapping(LorikeetConfig.class).withSources(new PropertiesConfigSource(values, "test", 500)).build();
    }

    private static String[] split(String pairs) {
        return Arrays.stream(pairs.split(";")).flatMap(pair -> Arrays.stream(pair.split("=", 2))).toArray(String[]::new);
    }

    private static LorikeetConfig mapping(SmallRyeConfig config) {
        return config.getConfigMapping(LorikeetConfig.class);
    }

    @Test
    void nothingIsSearchedUnlessItIsConfigured() {
        var config = config("NAVER_CLIENT_ID", KEY, "NAVER_CLIENT_SECRET", KEY);
        assertThat(SearchWiring.clients(mapping(config), config)).isEmpty();
    }

    @Test
    void severalAreSearchedTogether() {
        var config = config("lorikeet.search", "naver,naver-hub,folder", "lorikeet.search-folder", folder.toString(), "NAVER_CLIENT_ID", KEY,
                "NAVER_CLIENT_SECRET", KEY, "NCP_APIGW_API_KEY_ID", KEY, "NCP_APIGW_API_KEY", KEY);
        var clients = SearchWiring.clients(mapping(config), config);
        assertThat(clients).hasSize(3);
        assertThat(clients.toString()).doesNotContain(KEY);
        clients.forEach(client -> client.close());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "lorikeet.search=google | search is `google`; it must be naver, naver-hub or folder",
        "lorikeet.search=folder | search=folder needs search-folder",
        "lorikeet.search=folder;lorikeet.search-folder=/no/such/folder | there is no such folder",
        "lorikeet.search=naver | NAVER_CLIENT_ID and NAVER_CLIENT_SECRET",
        "lorikeet.search=naver;NCP_APIGW_API_KEY_ID=key-77d0;NCP_APIGW_API_KEY=key-77d0 | NAVER_CLIENT_ID and NAVER_CLIENT_SECRET",
        "lorikeet.search=naver-hub;NAVER_CLIENT_ID=key-77d0;NAVER_CLIENT_SECRET=key-77d0 | NCP_APIGW_API_KEY_ID and NCP_APIGW_API_KEY",
        "lorikeet.search=naver;NAVER_CLIENT_ID=key-77d0;NAVER_CLIENT_SECRET=key-77d0 key | no HTTP header can carry",
        "lorikeet.search=naver;NAVER_CLIENT_ID=key-77d0;NAVER_CLIENT_SECRET=key-77d0;lorikeet.search-url=http://example.com | use https"})
    void whatIsWrongIsSaidWithoutTheKeys(String pairs, String message) {
        var config = config(split(pairs));
        assertThatThrownBy(() -> SearchWiring.clients(mapping(config), config)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining(message)
                .hasMessageNotContaining(KEY);
    }

    @Test
    void whatIsSaidOfOneModelGoesBeforeWhatIsSaidOfAll() throws Exception {
        Path template = Files.writeString(folder.resolve("prompt.jinja"), "{{ question }}");
        var settings = new SearchWiring().settings(mapping(config("lorikeet.search-types", "blog", "lorikeet.rag.count", "3", "lorikeet.rag.require", "true",
                "lorikeet.rag.template", template.toString(), "lorikeet.rag.\"org/name:tag\".count", "7", "lorikeet.rag.\"org/name:tag\".types", "kin,news")));
        RagOptions general = settings.of("any");
        assertThat(general.count()).isEqualTo(3);
        assertThat(general.types()).containsExactly(SearchType.BLOG);
        assertThat(general.require()).isTrue();
        RagOptions own = settings.of("org/name:tag");
        assertThat(own.count()).isEqualTo(7);
        assertThat(own.types()).containsExactly(SearchType.KIN, SearchType.NEWS);
        assertThat(own.require()).isTrue();
        assertThat(own.search()).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "lorikeet.search-types=blog,shop | `shop` is no type of search; known are blog, news",
        "lorikeet.rag.count=0 | count is 0; it must be 1 to 20",
        "lorikeet.rag.template=/no/such/file | rag.template is `/no/such/file`, which cannot be read"})
    void wrongSettingsAreNamed(String pair, String message) {
        assertThatThrownBy(() -> new SearchWiring().settings(mapping(config(pair.split("=", 2))))).isInstanceOf(ConfigurationException.class)
                .hasMessageContaining(message);
    }
}
