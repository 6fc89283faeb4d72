package dev.lorikeet.chat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.lorikeet.store.BadFileException;
import dev.lorikeet.store.JsonFile;
import dev.lorikeet.store.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

/// The chat templates of a model folder: `chat_template.jinja`, else `chat_template` of `tokenizer_config.json` (one template, or
/// a list of named ones: `tool_use` serves chats with tools, `rag` chats with documents, `default` all others).
///
/// A folder without either gets the fallback in `fallback.jinja`: `### Instruction:` and `### Response:` sections, each
/// response followed by the tokenizer's `eos_token`, so that an adapter trained with it learns to stop.
final class ChatTemplate {
    // transformers marks the end of the message that is to be continued with this text and cuts there; its final blank tells whether the
    // template trims messages.
    private static final String END_MARK = "CONTINUE_FINAL_MESSAGE_TAG ";
    private static final int MAX_CACHED = 64;

    private final Map<String, String> sources;
    private final Map<String, Object> trusted;
    private final TemplateLanguage language;
    private final Map<String, TemplateLanguage.Compiled> compiled = new ConcurrentHashMap<>();

    private ChatTemplate(Map<String, String> sources, NamedTokens tokens, TemplateLanguage language) {
        this.sources = sources;
        this.trusted = Map.copyOf(tokens.roles());
        this.language = language;
    }

    static ChatTemplate of(Path folder, NamedTokens tokens, TemplateLanguage language) {
        return new ChatTemplate(sources(folder), tokens, language);
    }

    private static Map<String, String> sources(Path folder) {
        Path file = folder.resolve("chat_template.jinja");
        try {
            if (Files.exists(file)) {
                return Map.of("default", Files.readString(file));
            }
        } catch (IOException e) {
            throw new BadFileException(file, "cannot be read as UTF-8: " + e.getMessage(), e);
        }
        Map<String, String> sources = new LinkedHashMap<>();
        JsonFile.readIfPresent(folder.resolve("tokenizer_config.json")).ifPresent(config -> {
            JsonNode template = config.at("chat_template");
            if (template.isArray()) {
                for (JsonNode named : template) {
                    if (!named.path("name").isTextual() || !named.path("template").isTextual()) {
                        throw config.bad("chat_template", "is a list; its elements must have the strings name and template");
                    }
                    sources.put(named.get("name").textValue(), named.get("template").textValue());
                }
            } else {
                config.string("chat_template").ifPresent(source -> sources.put("default", source));
            }
        });
        return sources.isEmpty() ? Map.of("default", fallback()) : sources;
    }

    private static String fallback() {
        try (InputStream in = ChatTemplate.class.getResourceAsStream("fallback.jinja")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Whether a folder has a template at all.
    static boolean isIn(Path folder) {
        return Files.exists(folder.resolve("chat_template.jinja"))
                || JsonFile.readIfPresent(folder.resolve("tokenizer_config.json")).filter(config -> !config.at("chat_template").isMissingNode()).isPresent();
    }

    /// SHA-256 of the template's text; of several, of `name NUL text NUL` for each in order of name.
    String sha256() {
        return sha256(sources);
    }

    static String sha256(Path folder) {
        return sha256(sources(folder));
    }

    private static String sha256(Map<String, String> sources) {
        String text = sources.size() == 1 && sources.containsKey("default") ? sources.get("default")
                : new TreeMap<>(sources).entrySet().stream().map(named -> named.getKey() + "\0" + named.getValue() + "\0").collect(Collectors.joining());
        return Sha256.of(text.getBytes(StandardCharsets.UTF_8));
    }

    /// Whether one of the templates spells this token.
    boolean mentions(String token) {
        return sources.values().stream().anyMatch(source -> source.contains(token));
    }

    /// The chat as the template writes it.
    ///
    /// @throws TemplateRefusal when the template raises or fails
    List<Segment> render(ChatPrompt chat) {
        String source = chat.template().orElseGet(() -> source(chat));
        if (!chat.continueFinalMessage()) {
            return compiled(source).render(trusted, variables(chat, chat.messages()));
        }
        if (chat.addGenerationPrompt()) {
            throw new TemplateRefusal("add_generation_prompt and continue_final_message exclude each other: a turn is either begun or continued");
        }
        return continued(chat, source);
    }

    private String source(ChatPrompt chat) {
        if (!chat.tools().isEmpty() && sources.containsKey("tool_use")) {
            return sources.get("tool_use");
        }
        if (!chat.documents().isEmpty() && sources.containsKey("rag")) {
            return sources.get("rag");
        }
        if (!sources.containsKey("default")) {
            throw new TemplateRefusal("the model has the chat templates " + sources.keySet() + " but none called default; give chat_template");
        }
        return sources.get("default");
    }

    // Templates that requests bring are compiled once as well, but a client cannot fill the memory with them.
    private TemplateLanguage.Compiled compiled(String source) {
        if (compiled.size() >= MAX_CACHED) {
            compiled.keySet().retainAll(sources.values());
        }
        return compiled.computeIfAbsent(source, language::compile);
    }

    int cached() {
        return compiled.size();
    }

    private static Map<String, Object> variables(ChatPrompt chat, List<Map<String, Object>> messages) {
        Map<String, Object> variables = new HashMap<>();
        variables.put("tools", chat.tools().isEmpty() ? null : chat.tools());
        variables.put("documents", chat.documents().isEmpty() ? null : chat.documents());
        variables.putAll(chat.kwargs());
        variables.put("messages", messages);
        variables.put("add_generation_prompt", chat.addGenerationPrompt());
        return variables;
    }

    private List<Segment> continued(ChatPrompt chat, String source) {
        List<Map<String, Object>> messages = new ArrayList<>(chat.messages());
        if (messages.isEmpty() || !(messages.getLast().get("content") instanceof String content)) {
            throw new TemplateRefusal("continue_final_message: the last message has no content to continue");
        }
        Map<String, Object> last = new LinkedHashMap<>(messages.removeLast());
        last.put("content", content + END_MARK);
        messages.add(last);
        List<Segment> segments = compiled(source).render(trusted, variables(chat, messages));
        String text = text(segments);
        int end = text.lastIndexOf(END_MARK.strip());
        if (end < 0 || !text.contains(stripped(content))) {
            throw new TemplateRefusal("continue_final_message: the chat template does not write the last message as it is, so it cannot be continued");
        }
        boolean trims = !text.startsWith(END_MARK, end);
        return cut(segments, trims ? strippedEnd(text, end) : end);
    }

    static String text(List<Segment> segments) {
        StringBuilder text = new StringBuilder();
        segments.forEach(segment -> text.append(segment.text()));
        return text.toString();
    }

    private static List<Segment> cut(List<Segment> segments, int length) {
        List<Segment> kept = new ArrayList<>();
        int left = length;
        for (Segment segment : segments) {
            if (left > 0) {
                kept.add(new Segment(segment.text().substring(0, Math.min(left, segment.text().length())), segment.origin()));
            }
            left -= segment.text().length();
        }
        return kept;
    }

    private static String stripped(String text) {
        int start = 0;
        while (start < text.length() && isPythonSpace(text.charAt(start))) {
            start++;
        }
        return text.substring(start, Math.max(start, strippedEnd(text, text.length())));
    }

    static int strippedEnd(String text, int end) {
        while (end > 0 && isPythonSpace(text.charAt(end - 1))) {
            end--;
        }
        return end;
    }

    private static boolean isPythonSpace(char c) {
        return Character.isWhitespace(c) || Character.isSpaceChar(c) || c == '\u0085';
    }
}
