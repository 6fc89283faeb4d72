package dev.lorikeet.rag;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.lorikeet.rag.SearchException.KeysRefused;
import dev.lorikeet.rag.SearchException.Rejected;
import dev.lorikeet.rag.SearchException.Throttled;
import dev.lorikeet.rag.SearchException.Unavailable;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;

/// An answer of NAVER's search, read leniently: gateways answer with HTML, XML or nothing, and a status of 200 may carry an error.
///
/// @param source what was searched, for errors
record NaverAnswer(NaverProvider provider, String source, int status, String body) {
    private static final ObjectReader JSON = JsonMapper.builder().build().readerFor(JsonNode.class);
    private static final Pattern XML_CODE = Pattern.compile("<errorCode>\\s*(?:<!\\[CDATA\\[)?\\s*([A-Za-z0-9]{1,8})", Pattern.CASE_INSENSITIVE);
    private static final Pattern CODE = Pattern.compile("[A-Za-z0-9]{1,8}");

    /// What the answer means.
    private enum Meaning { QUOTA, THROTTLED, KEYS, REJECTED, UNAVAILABLE }

    /// @param gateway whether the gateway of API HUB has written it: its numbers are not those of the search behind it
    private record ErrorCode(String code, boolean gateway) {}

    List<Document> documents(DailyQuota quota) throws SearchException {
        Optional<JsonNode> json = json();
        Optional<JsonNode> items = json.map(node -> node.path("items")).filter(JsonNode::isArray);
        if (status == 200 && items.isPresent()) {
            return read(items.get());
        }
        Optional<ErrorCode> code = json.flatMap(NaverAnswer::code).or(this::xmlCode);
        String named = code.map(found -> "error " + found.code() + ", ").orElse("") + "HTTP " + status;
        throw switch (code.flatMap(this::meaning).orElseGet(this::meaningOfStatus)) {
            case QUOTA -> quota.exhausted(source);
            case THROTTLED -> new Throttled(source);
            case KEYS -> new KeysRefused(source, named, provider.remedy());
            case REJECTED -> new Rejected(source, named);
            case UNAVAILABLE -> new Unavailable(source, status == 200 && code.isEmpty() ? "the answer is not a list of results" : "the provider is at fault ("
                    + named + ")", null);
        };
    }

    private Optional<JsonNode> json() {
        try {
            JsonNode node = JSON.readValue(body);
            return node != null && node.isObject() ? Optional.of(node) : Optional.empty();
        } catch (JsonProcessingException _) {
            return Optional.empty();
        }
    }

    private static Optional<ErrorCode> code(JsonNode node) {
        JsonNode nested = node.path("error").path("errorCode");
        return nested.isMissingNode() ? errorCode(node.path("errorCode"), false) : errorCode(nested, true);
    }

    private static Optional<ErrorCode> errorCode(JsonNode node, boolean gateway) {
        return Optional.of(node.asText()).filter(text -> CODE.matcher(text).matches()).map(text -> new ErrorCode(text, gateway));
    }

    private Optional<ErrorCode> xmlCode() {
        Matcher found = XML_CODE.matcher(body);
        return found.find() ? Optional.of(new ErrorCode(found.group(1), body.contains("<error>") && provider == NaverProvider.API_HUB)) : Optional.empty();
    }

    private Optional<Meaning> meaning(ErrorCode error) {
        return Optional.ofNullable(error.gateway() ? gatewayMeaning(error.code()) : switch (error.code()) {
            case "010" -> Meaning.QUOTA;
            case "012" -> Meaning.THROTTLED;
            case "024" -> Meaning.KEYS;
            case "SE01", "SE02", "SE03", "SE04", "SE05", "SE06" -> Meaning.REJECTED;
            case "SE99" -> Meaning.UNAVAILABLE;
            default -> null;
        });
    }

    private static Meaning gatewayMeaning(String code) {
        return switch (code) {
            case "400" -> Meaning.QUOTA;
            case "410", "420" -> Meaning.THROTTLED;
            case "200", "210" -> Meaning.KEYS;
            case "100", "300", "430" -> Meaning.REJECTED;
            case "500", "510", "900" -> Meaning.UNAVAILABLE;
            default -> null;
        };
    }

    private Meaning meaningOfStatus() {
        return switch (status) {
            case 401, 403 -> Meaning.KEYS;
            case 429 -> Meaning.THROTTLED;
            default -> status >= 400 && status < 500 && status != 408 ? Meaning.REJECTED : Meaning.UNAVAILABLE;
        };
    }

    private List<Document> read(JsonNode items) {
        List<Document> documents = new ArrayList<>();
        for (JsonNode item : items) {
            String title = SnippetText.clean(item.path("title").asText(""));
            String description = SnippetText.clean(item.path("description").asText(""));
            String text = description.isEmpty() ? title : description;
            if (!text.isEmpty()) {
                documents.add(new Document(title, text, address(item), source));
            }
        }
        return documents;
    }

    // Addresses go to pages as links, so what is not HTTP is left out.
    private static String address(JsonNode item) {
        return Optional.ofNullable(HttpUrl.parse(item.path("link").asText(""))).or(() -> Optional.ofNullable(HttpUrl.parse(item.path("originallink").asText(""))))
                .map(HttpUrl::toString).orElse("");
    }
}
