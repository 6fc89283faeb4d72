package dev.lorikeet.api;

import dev.lorikeet.chat.ChatPrompt;
import dev.lorikeet.chat.TextModel;
import dev.lorikeet.engine.ContextLengthException;
import dev.lorikeet.rag.Document;
import dev.lorikeet.rag.PromptTemplate;
import dev.lorikeet.rag.RagOptions;
import dev.lorikeet.rag.RagSettings;
import dev.lorikeet.rag.Retrieval;
import dev.lorikeet.rag.SearchException;
import dev.lorikeet.rag.SearchQuery;
import dev.lorikeet.rag.SearchType;
import dev.lorikeet.rag.TokenBudget;
import dev.lorikeet.registry.ServedModel;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Puts documents into a chat: the caller's own, and those that a search for the last user message finds. Blocks while it searches.
///
/// Where the chat template writes `documents` itself it is given them as they are. Otherwise, or if the request brings a prompt of its own, the
/// last user message becomes a prompt that holds the documents; like any message it is text without control tokens.
@ApplicationScoped
public class Grounder {
    private static final int SHORTEST_ANSWER = 64;
    private static final int TRIES = 8;
    private static final int SPARE_RESULTS = 10;

    private final Retrieval retrieval;
    private final RagSettings settings;

    Grounder(Retrieval retrieval, RagSettings settings) {
        this.retrieval = retrieval;
        this.settings = settings;
    }

    /// @param sources empty if neither documents nor a search were asked for
    record Grounding(ChatPrompt chat, Optional<Sources> sources) {}

    /// @param answer tokens that must be left for the answer; empty: a quarter of the context
    Grounding ground(ChatPrompt chat, RagFields asked, ServedModel served, OptionalInt answer) {
        RagOptions options = settings.of(served.id());
        boolean search = asked.search().orElse(asked.searchField().isPresent() || options.search());
        if (!search && chat.documents().isEmpty()) {
            return new Grounding(chat, Optional.empty());
        }
        if (search && !retrieval.available()) {
            throw ApiException.invalid(asked.searchField().orElse("lorikeet.rag"), "unsupported_value", "'" + asked.searchField().orElse("lorikeet.rag")
                    + "' asks for a search, but this server has nothing to search (see --search).");
        }
        var question = Question.of(chat);
        var found = search ? question.map(last -> find(last.text(), asked, options)).orElse(new Retrieval.Found(List.of(), List.of()))
                : new Retrieval.Found(List.of(), List.of());
        var grounding = new Writer(chat, question, asked.template(), options, served.model(), asked).write(found, answer);
        if (asked.require().orElse(search && options.require()) && grounding.sources().filter(sources -> !sources.documents().isEmpty()).isEmpty()) {
            throw new ApiException(NoSources.error(found, grounding.sources().map(Sources::lack).orElse("")));
        }
        return grounding;
    }

    private Retrieval.Found find(String question, RagFields asked, RagOptions options) {
        int count = asked.count().orElse(options.count());
        List<SearchType> types = asked.types().isEmpty() ? options.types() : asked.types();
        try {
            var found = retrieval.search(new SearchQuery(question, types, Math.max(SPARE_RESULTS, count)));
            return new Retrieval.Found(found.documents().stream().limit(count).toList(), found.failures());
        } catch (InterruptedException _) {
            throw new ChoiceEvents.ClientGone();
        } catch (IllegalArgumentException _) {
            // A message of blanks and invisible characters.
            return new Retrieval.Found(List.of(), List.of());
        }
    }

    /// The last user message. @param index its place
    private record Question(int index, String text) {
        static Optional<Question> of(ChatPrompt chat) {
            return IntStream.range(0, chat.messages().size()).map(i -> chat.messages().size() - 1 - i).filter(i -> "user".equals(chat.messages().get(i).get("role")))
                    .boxed().findFirst().filter(i -> chat.messages().get(i).get("content") instanceof String text && !text.isBlank())
                    .map(i -> new Question(i, (String) chat.messages().get(i).get("content")));
        }
    }

    /// Writes documents into one chat, as many as there is room for.
    private record Writer(ChatPrompt chat, Optional<Question> question, Optional<PromptTemplate> own, RagOptions options, TextModel model, RagFields asked) {

        Grounding write(Retrieval.Found found, OptionalInt answer) {
            boolean byTemplate = own.isEmpty() && model.rendersDocuments(chat);
            List<Document> given = byTemplate ? List.of() : RequestDocuments.read(chat.documents());
            List<Document> documents = Stream.concat(given.stream(), found.documents().stream()).toList();
            List<String> failures = found.failures().stream().map(SearchException::getMessage).toList();
            if (documents.isEmpty() || question.isEmpty()) {
                List<Document> shown = byTemplate ? RequestDocuments.readable(chat.documents()) : List.of();
                String lack = !shown.isEmpty() ? "" : question.isEmpty() ? "no message of the user's asks anything." : failures.isEmpty()
                        ? "nothing was found." : String.join(" ", failures);
                return new Grounding(byTemplate ? chat : chat.withDocuments(List.of()), Optional.of(sources(shown, false, failures, lack)));
            }
            int context = model.generator().maxContext();
            int room = context - answer.orElse(Math.max(SHORTEST_ANSWER, context / 4));
            return fit(documents, room, byTemplate, failures);
        }

        private int tokens(String text) {
            try {
                return model.literal(text).length;
            } catch (ContextLengthException _) {
                // What is too long to be encoded is more than there is room for.
                return model.generator().maxContext() + 1;
            }
        }

        private Grounding fit(List<Document> documents, int room, boolean byTemplate, List<String> failures) {
            ChatPrompt plain = byTemplate ? chat : chat.withDocuments(List.of());
            List<Document> shown = byTemplate ? RequestDocuments.readable(chat.documents()) : List.of();
            // A template made for documents may refuse a chat without any.
            int rest = byTemplate && plain.documents().isEmpty() ? 0 : model.prompt(plain).ids().length;
            int budget = Math.min(asked.contextTokens(), room - rest);
            for (int i = 0; i < TRIES && budget > 0; i++) {
                var tokens = new TokenBudget(budget, this::tokens);
                List<Document> cut = tokens.cut(documents);
                if (cut.isEmpty()) {
                    break;
                }
                ChatPrompt grounded = byTemplate ? chat.withDocuments(RequestDocuments.joined(chat.documents(), cut)) : rewritten(cut);
                int over = model.prompt(grounded).ids().length - room;
                if (over <= 0) {
                    return new Grounding(grounded, Optional.of(sources(Stream.concat(shown.stream(), cut.stream()).toList(), !byTemplate, failures, "")));
                }
                budget = Math.min(budget, tokens.cost(cut)) - over;
            }
            return new Grounding(plain, Optional.of(sources(shown, false, failures,
                    shown.isEmpty() ? "the context leaves no room for a document beside the question and the answer." : "")));
        }

        private Sources sources(List<Document> documents, boolean numbered, List<String> failures, String lack) {
            return new Sources(documents, question.map(Question::text).orElse(""), numbered, failures, lack);
        }

        private ChatPrompt rewritten(List<Document> documents) {
            var last = question.orElseThrow();
            String prompt;
            try {
                prompt = own.orElse(options.template()).render(last.text(), documents, asked.location());
            } catch (IllegalArgumentException e) {
                throw RagFields.badTemplate(e);
            }
            List<Map<String, Object>> messages = new ArrayList<>(chat.messages());
            Map<String, Object> message = new LinkedHashMap<>(messages.get(last.index()));
            message.put("content", prompt);
            messages.set(last.index(), message);
            return chat.withMessages(messages).withDocuments(List.of());
        }
    }
}
