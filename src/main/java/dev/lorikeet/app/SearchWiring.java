package dev.lorikeet.app;

import dev.lorikeet.config.LorikeetConfig;
import dev.lorikeet.config.RagConfig;
import dev.lorikeet.rag.FolderSearch;
import dev.lorikeet.rag.NaverKeys;
import dev.lorikeet.rag.NaverProvider;
import dev.lorikeet.rag.NaverSearch;
import dev.lorikeet.rag.PromptTemplate;
import dev.lorikeet.rag.RagOptions;
import dev.lorikeet.rag.RagSettings;
import dev.lorikeet.rag.Retrieval;
import dev.lorikeet.rag.SearchAddress;
import dev.lorikeet.rag.SearchClient;
import dev.lorikeet.rag.SearchType;
import io.quarkus.runtime.StartupEvent;
import io.quarkus.runtime.configuration.ConfigurationException;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.Config;

/// The search clients that the options ask for. What is wrong with the options is told before the server listens.
@ApplicationScoped
class SearchWiring {
    private static final String FOLDER = "folder";
    private static final int DEFAULT_COUNT = 5;

    void start(@Observes StartupEvent event, Retrieval retrieval, RagSettings settings) {
        if (settings.searchesUnasked() && !retrieval.available()) {
            throw new ConfigurationException("lorikeet: rag.search is true, but there is nothing to search; set search to naver, naver-hub or folder");
        }
    }

    @Produces
    @Singleton
    Retrieval retrieval(LorikeetConfig config, Config secrets) {
        return checked(() -> new Retrieval(clients(config, secrets), config.searchTimeout()));
    }

    void close(@Disposes Retrieval retrieval) {
        retrieval.close();
    }

    @Produces
    @Singleton
    RagSettings settings(LorikeetConfig config) {
        return checked(() -> {
            Optional<RagConfig> general = Optional.ofNullable(config.rag().get(LorikeetConfig.ALL_MODELS));
            Map<String, RagOptions> byModel = config.rag().entrySet().stream().filter(entry -> !entry.getKey().equals(LorikeetConfig.ALL_MODELS))
                    .collect(Collectors.toMap(Map.Entry::getKey, entry -> options(Optional.of(entry.getValue()), general, config)));
            return new RagSettings(byModel, options(Optional.empty(), general, config));
        });
    }

    private static <T> T checked(Supplier<T> make) {
        try {
            return make.get();
        } catch (IllegalArgumentException e) {
            throw new ConfigurationException("lorikeet: " + e.getMessage());
        }
    }

    static List<SearchClient> clients(LorikeetConfig config, Config secrets) {
        List<SearchClient> clients = new ArrayList<>();
        for (String name : new LinkedHashSet<>(config.search().orElse(List.of()))) {
            clients.add(switch (name) {
                case "naver" -> naver(NaverProvider.DEVELOPERS_CENTER, keys(secrets, "NAVER_CLIENT_ID", "NAVER_CLIENT_SECRET")
                        .or(() -> keys(secrets, "NAVER_API_ID", "NAVER_API_SECRET")), config);
                case "naver-hub" -> naver(NaverProvider.API_HUB, keys(secrets, "NCP_APIGW_API_KEY_ID", "NCP_APIGW_API_KEY"), config);
                case FOLDER -> folder(config);
                default -> throw new IllegalArgumentException("search is `" + name + "`; it must be naver, naver-hub or folder, or several of them");
            });
        }
        return clients;
    }

    private static SearchClient naver(NaverProvider provider, Optional<NaverKeys> keys, LorikeetConfig config) {
        var account = new NaverSearch.Account(provider, SearchAddress.parse(config.searchUrl().orElse(provider.address())),
                keys.orElseThrow(() -> new IllegalArgumentException("search=" + provider.word() + " needs keys in the environment: " + switch (provider) {
                    case DEVELOPERS_CENTER -> "NAVER_CLIENT_ID and NAVER_CLIENT_SECRET";
                    case API_HUB -> "NCP_APIGW_API_KEY_ID and NCP_APIGW_API_KEY";
                })));
        // A retry must find some time left.
        Duration tryLimit = config.searchTimeout().multipliedBy(3).dividedBy(5);
        return new NaverSearch(account, NaverSearch.http(tryLimit), new SearchGuard(tryLimit), config.searchMemory(), InstantSource.system());
    }

    private static Optional<NaverKeys> keys(Config secrets, String id, String secret) {
        return secrets.getOptionalValue(id, String.class).flatMap(first -> secrets.getOptionalValue(secret, String.class).map(second -> new NaverKeys(first, second)));
    }

    private static SearchClient folder(LorikeetConfig config) {
        Path folder = Path.of(config.searchFolder().orElseThrow(() -> new IllegalArgumentException("search=folder needs search-folder: the folder of your documents")));
        var search = new FolderSearch(folder, Path.of(config.data(), "search"));
        search.prepare();
        return search;
    }

    private static RagOptions options(Optional<RagConfig> own, Optional<RagConfig> general, LorikeetConfig config) {
        var both = List.of(own, general);
        return new RagOptions(first(both, RagConfig::search).orElse(false), first(both, RagConfig::require).orElse(false),
                types(first(both, RagConfig::types).orElse(config.searchTypes())),
                first(both, rag -> rag.count().stream().boxed().findFirst()).orElse(DEFAULT_COUNT),
                first(both, RagConfig::template).map(SearchWiring::template).orElse(PromptTemplate.standard()));
    }

    private static <T> Optional<T> first(List<Optional<RagConfig>> levels, java.util.function.Function<RagConfig, Optional<T>> field) {
        return levels.stream().flatMap(Optional::stream).map(field).flatMap(Optional::stream).findFirst();
    }

    private static List<SearchType> types(List<String> words) {
        return words.stream().map(word -> SearchType.ofWord(word.strip()).orElseThrow(() -> new IllegalArgumentException("`" + word
                + "` is no type of search; known are " + SearchType.words()))).distinct().toList();
    }

    private static PromptTemplate template(String file) {
        try {
            return PromptTemplate.of(Files.readString(Path.of(file)));
        } catch (IOException e) {
            throw new IllegalArgumentException("rag.template is `" + file + "`, which cannot be read: " + e.getMessage());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("rag.template is `" + file + "`: " + e.getMessage());
        }
    }
}
