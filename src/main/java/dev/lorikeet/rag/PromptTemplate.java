package dev.lorikeet.rag;

import dev.lorikeet.chat.jinja.JinjaTemplate;
import dev.lorikeet.chat.jinja.TemplateException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.random.RandomGenerator;

/// How a question and its documents become one user message: a Jinja template with the variables `question`, `documents` (each with `number`,
/// `title`, `text`, `url`, `source`), `language`, `location` and `boundary`.
///
/// Its result is the text of a message, in which nothing is a control token; so a template may come with a request.
public final class PromptTemplate {
    private static final PromptTemplate STANDARD = new PromptTemplate(standardSource());
    // The random name alone keeps the block closed; this keeps weak models from believing otherwise.
    private static final Pattern FENCE = Pattern.compile("<(?=\\s*/?\\s*documents)", Pattern.CASE_INSENSITIVE);

    private final JinjaTemplate template;
    private final RandomGenerator random = new SecureRandom();

    private PromptTemplate(String source) {
        this.template = JinjaTemplate.compile(source);
    }

    /// The template of `prompt.jinja`.
    public static PromptTemplate standard() {
        return STANDARD;
    }

    /// @throws IllegalArgumentException with the place of an error
    public static PromptTemplate of(String source) {
        try {
            return new PromptTemplate(source);
        } catch (TemplateException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    private static String standardSource() {
        try (InputStream in = PromptTemplate.class.getResourceAsStream("prompt.jinja")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// @param location where the user is, if that was told
    /// @throws IllegalArgumentException with the place where the template fails
    public String render(String question, List<Document> documents, Optional<String> location) {
        List<Map<String, Object>> numbered = new ArrayList<>();
        for (Document document : documents) {
            numbered.add(Map.of("number", (long) numbered.size() + 1, "title", quoted(document.title()), "text", quoted(document.text()),
                    "url", quoted(document.url()), "source", document.source()));
        }
        Map<String, Object> variables = Map.of("question", question, "documents", numbered, "language", AnswerLanguage.of(question),
                "location", location.orElse(""), "boundary", Boundary.draw(random, question, documents));
        try {
            return template.render(Map.of(), variables).text();
        } catch (TemplateException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    // One line, so that every line of the block begins as the template lets it begin.
    private static String quoted(String text) {
        return FENCE.matcher(SnippetText.tidy(text)).replaceAll("&lt;");
    }
}
