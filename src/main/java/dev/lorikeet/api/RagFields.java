package dev.lorikeet.api;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.rag.PromptTemplate;
import dev.lorikeet.rag.RagOptions;
import dev.lorikeet.rag.SearchType;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;

/// What a request says about grounding its answer: OpenAI's `web_search_options`, and `lorikeet.rag`.
///
/// @param searchField the field that asks for a search, if one does @param search said outright @param types empty: the model's
/// @param contextTokens the most that documents may take of the prompt
record RagFields(Optional<String> searchField, Optional<Boolean> search, Optional<Boolean> require, List<SearchType> types, OptionalInt count,
                 Optional<PromptTemplate> template, int contextTokens, Optional<String> location) {
    private static final String OPTIONS = "web_search_options";
    private static final Set<String> KNOWN = Set.of("search", "require", "types", "count", "template");
    private static final int MEDIUM = 1536;

    static RagFields read(Fields fields) {
        Optional<Fields> options = fields.object(OPTIONS);
        Optional<Fields> rag = fields.object("lorikeet").flatMap(own -> own.object("rag"));
        rag.ifPresent(RagFields::checkNames);
        Optional<Boolean> search = rag.flatMap(own -> own.optionalFlag("search"));
        Optional<Boolean> require = rag.flatMap(own -> own.optionalFlag("require"));
        List<SearchType> types = rag.map(own -> own.list("types", RagFields::type)).orElse(List.of());
        Optional<String> asks = Stream.of(options.map(_ -> OPTIONS), search.filter(wanted -> wanted).map(_ -> "lorikeet.rag.search"),
                require.filter(wanted -> wanted).map(_ -> "lorikeet.rag.require"), types.stream().map(_ -> "lorikeet.rag.types").findFirst())
                .flatMap(Optional::stream).findFirst();
        return new RagFields(asks, search, require, types,
                rag.map(own -> own.integer("count", 1, RagOptions.MOST_DOCUMENTS)).orElse(OptionalInt.empty()), rag.flatMap(RagFields::template),
                options.flatMap(RagFields::contextTokens).orElse(MEDIUM), options.flatMap(RagFields::location));
    }

    /// This object is our own, so a name that it does not have is a slip.
    private static void checkNames(Fields rag) {
        rag.node().fieldNames().forEachRemaining(name -> {
            if (!KNOWN.contains(name)) {
                throw ApiException.invalid(rag.path(name), "unsupported_value", "'" + rag.path(name) + "' is unknown; '" + rag.path()
                        + "' may have search, require, types, count and template.");
            }
        });
    }

    private static SearchType type(JsonNode node, String path) {
        String word = Fields.text(node, path);
        return SearchType.ofWord(word).orElseThrow(() -> ApiException.invalid(path, "unsupported_value",
                "Invalid value for '" + path + "': '" + word + "'; expected one of " + SearchType.words() + "."));
    }

    private static Optional<PromptTemplate> template(Fields rag) {
        return rag.text("template").map(source -> {
            try {
                return PromptTemplate.of(source);
            } catch (IllegalArgumentException e) {
                throw badTemplate(e);
            }
        });
    }

    static ApiException badTemplate(IllegalArgumentException e) {
        return ApiException.invalid("lorikeet.rag.template", "The template of the prompt fails: " + e.getMessage() + ".");
    }

    private static Optional<Integer> contextTokens(Fields options) {
        return options.text("search_context_size").map(size -> switch (size) {
            case "low" -> 512;
            case "medium" -> MEDIUM;
            case "high" -> 4096;
            default -> throw ApiException.invalid(options.path("search_context_size"), "unsupported_value",
                    "Invalid value for '" + options.path("search_context_size") + "': expected low, medium or high.");
        });
    }

    private static Optional<String> location(Fields options) {
        return options.object("user_location").flatMap(location -> {
            if (!location.requireText("type").equals("approximate")) {
                throw ApiException.invalid(location.path("type"), "unsupported_value", "Invalid value for '" + location.path("type") + "': expected approximate.");
            }
            Fields place = Fields.object(location.require("approximate"), location.path("approximate"));
            place.text("timezone");
            List<String> parts = Stream.of("city", "region", "country").map(place::text).flatMap(Optional::stream).distinct().toList();
            return parts.isEmpty() ? Optional.empty() : Optional.of(String.join(", ", parts));
        });
    }
}
