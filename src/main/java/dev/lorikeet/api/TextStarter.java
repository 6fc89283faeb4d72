package dev.lorikeet.api;

import dev.lorikeet.api.CompletionRequest.RawPrompt;
import dev.lorikeet.access.Allowance;
import dev.lorikeet.catalog.CatalogException;
import dev.lorikeet.chat.ChatPrompt;
import dev.lorikeet.chat.GenerationDefaults;
import dev.lorikeet.chat.Prompt;
import dev.lorikeet.chat.TextModel;
import dev.lorikeet.chat.TextRequest;
import dev.lorikeet.chat.TextStream;
import dev.lorikeet.config.LorikeetConfig;
import dev.lorikeet.engine.ContextLengthException;
import dev.lorikeet.engine.GenerationRequest;
import dev.lorikeet.metrics.RequestMetrics;
import dev.lorikeet.registry.AdapterException;
import dev.lorikeet.registry.AdapterLeases;
import dev.lorikeet.registry.AdapterRegistry;
import dev.lorikeet.registry.AdapterStatus;
import dev.lorikeet.registry.ServedModel;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Function;

/// Takes a valid request to its model: leases it, makes the prompts, resolves what the request left open, and submits every
/// sequence. All that can be refused is refused here, before the first byte of an answer.
@ApplicationScoped
public class TextStarter {
    private static final String PROMPT = "prompt";
    private static final int COMPLETION_MAX_TOKENS = 16;

    private final AdapterRegistry registry;
    private final LorikeetConfig config;
    private final Callers callers;
    private final JobAccess jobs;
    private final Traces traces;
    private final RequestMetrics metrics;

    TextStarter(AdapterRegistry registry, LorikeetConfig config, Callers callers, JobAccess jobs, Traces traces, RequestMetrics metrics) {
        this.jobs = jobs;
        this.callers = callers;
        this.traces = traces;
        this.metrics = metrics;
        this.registry = registry;
        this.config = config;
    }

    /// A hold on the named model or adapter, or on the default model where a request may leave the name out.
    ServedModel lease(Optional<String> model) {
        return model.map(name -> lease(name, List.of())).orElseGet(() -> registry.leaseDefault(List.of()));
    }

    RunningText start(ChatRequest request) {
        var plan = new Plan(request.sampling(), request.stop(), request.output(), request.logprobs(), request.output().promptLogprobs(),
                request.output().n(), OptionalInt.empty());
        checkSize(plan.perPrompt(), "n");
        return start(new Wanted("chat", request.model(), request.lora()), "messages", plan, model -> List.of(prompt(model, request.chat())));
    }

    RunningText start(CompletionRequest request) {
        OutputFields output = request.output();
        OptionalInt scores = request.bestOf() > output.n() && request.logprobs().isEmpty() ? OptionalInt.of(0) : request.logprobs();
        OptionalInt echoed = request.echo() && request.logprobs().isPresent() ? request.logprobs() : OptionalInt.empty();
        var plan = new Plan(request.sampling(), request.stop(), output, scores, larger(output.promptLogprobs(), echoed), request.bestOf(),
                OptionalInt.of(COMPLETION_MAX_TOKENS));
        checkSize((long) request.prompts().size() * plan.perPrompt(), request.prompts().size() > 1 ? PROMPT : "n");
        return start(new Wanted("text_completion", request.model(), request.lora()), PROMPT, plan, model -> request.prompts().stream()
                .map(raw -> prompt(model, raw, request.addSpecialTokens())).toList());
    }

    Prompt prompt(TextModel model, ChatPrompt chat) {
        return notEmpty(model.prompt(chat), "messages");
    }

    private static Prompt prompt(TextModel model, RawPrompt raw, boolean addSpecialTokens) {
        return switch (raw) {
            case RawPrompt.Text(String text) -> notEmpty(model.prompt(text, addSpecialTokens), PROMPT);
            case RawPrompt.Ids(int[] ids, String path) -> {
                Vocabulary.checkAll(ids, model.embeddingRows(), path);
                yield new Prompt(model.tokenizer().decode(ids, true), ids);
            }
        };
    }

    /// What a request wants to run on. @param operation what it asks for, in OpenTelemetry's words
    private record Wanted(String operation, String model, List<AdapterLeases.Wish> lora) {}

    private RunningText start(Wanted wanted, String field, Plan plan, Function<TextModel, List<Prompt>> makePrompts) {
        var span = traces.begin(wanted.operation(), wanted.model(), plan.sampling(), plan.stop(), plan.perPrompt());
        try {
            return start(wanted, field, plan, makePrompts, span);
        } catch (RuntimeException e) {
            span.fail(e.getClass().getName(), "the request was refused");
            span.end(List.of());
            throw e;
        }
    }

    private RunningText start(Wanted wanted, String field, Plan plan, Function<TextModel, List<Prompt>> makePrompts, GenerationSpan span) {
        ServedModel served = lease(wanted.model(), wanted.lora());
        List<TextStream> streams = new ArrayList<>();
        Optional<Allowance.Running> running = Optional.empty();
        try {
            TextModel model = served.model();
            plan.sampling().checkVocabulary(model.embeddingRows());
            plan.stop().checkVocabulary(model.embeddingRows());
            List<Prompt> prompts = makePrompts.apply(model).stream().map(prompt -> plan.truncate(prompt, model)).toList();
            // All are resolved before the first is submitted, so that a wrong second prompt costs nothing.
            List<TextRequest> requests = prompts.stream().flatMap(prompt -> plan.requests(prompt, served, config).stream()).toList();
            running = Optional.of(callers.begin(prompts.stream().mapToLong(prompt -> prompt.ids().length).sum()));
            requests.forEach(request -> streams.add(submit(model, request)));
            span.running(served.id(), prompts.stream().mapToInt(prompt -> prompt.ids().length).sum(), streams.size());
            return new RunningText(served, prompts, plan.perPrompt(), new ChoiceEvents(streams, running.get(), span, tally(served, plan, requests)), running.get());
        } catch (RuntimeException e) {
            running.ifPresent(Allowance.Running::close);
            streams.forEach(TextStream::close);
            served.close();
            throw e instanceof ContextLengthException ? ApiException.invalid(field, "context_length_exceeded", e.getMessage()) : e;
        }
    }

    /// Told of the tokens of each sequence, counts those of a prompt together, as a request of its own.
    private Consumer<int[]> tally(ServedModel served, Plan plan, List<TextRequest> requests) {
        String base = registry.find(served.id()).map(AdapterStatus::base).orElse(served.id());
        return generated -> {
            for (int from = 0; from < generated.length; from += plan.perPrompt()) {
                metrics.ended(base, plan.output().n(), requests.get(from).generation().stop().maxTokens(), Arrays.copyOfRange(generated, from, from + plan.perPrompt()));
            }
        };
    }

    /// Another key's adapter does not exist for this caller.
    private ServedModel lease(String model, List<AdapterLeases.Wish> lora) {
        if (isHidden(model)) {
            throw new CatalogException.NotFound(model);
        }
        lora.stream().filter(wish -> isHidden(wish.name())).findFirst().ifPresent(wish -> {
            throw AdapterException.NotFound.of(wish);
        });
        try {
            return registry.lease(model, lora);
        } catch (CatalogException.NotFound e) {
            throw jobs.withoutBase(model).orElse(e);
        }
    }

    private boolean isHidden(String model) {
        return registry.find(model).filter(adapter -> !callers.mayUse(adapter)).isPresent();
    }

    /// More texts than can ever wait together would be told to try again for ever.
    private void checkSize(long texts, String field) {
        int most = config.maxQueue() + config.maxBatch();
        if (texts > most) {
            throw ApiException.invalid(field, "The request asks for " + texts + " texts; this server holds at most " + most + " at once.");
        }
    }

    private static TextStream submit(TextModel model, TextRequest request) {
        try {
            return model.generate(request);
        } catch (IllegalStateException _) {
            throw new ApiException(new ApiError.Unavailable("The model is being unloaded. Try again in a few seconds."));
        }
    }

    private static Prompt notEmpty(Prompt prompt, String path) {
        if (prompt.ids().length == 0) {
            throw ApiException.invalid(path, "'" + path + "' gives a prompt without a single token.");
        }
        return prompt;
    }

    private static OptionalInt larger(OptionalInt a, OptionalInt b) {
        return a.isEmpty() || b.isPresent() && b.getAsInt() > a.getAsInt() ? b : a;
    }

    /// How the sequences of a request are made.
    ///
    /// @param maxTokens what a request that names no limit gets; empty: as many as there is room for
    private record Plan(SamplingFields sampling, StopFields stop, OutputFields output, OptionalInt logprobs, OptionalInt promptLogprobs,
                        int perPrompt, OptionalInt maxTokens) {

        List<TextRequest> requests(Prompt prompt, ServedModel served, LorikeetConfig config) {
            GenerationDefaults defaults = served.model().defaults();
            int limit = limit(prompt.ids().length, served.model().generator().maxContext(), defaults);
            var rules = stop.resolve(defaults.endTokenIds(), limit, config.requestTimeout());
            long seed = sampling.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong());
            List<TextRequest> requests = new ArrayList<>();
            for (int choice = 0; choice < perPrompt; choice++) {
                var params = sampling.resolve(defaults, seed + choice);
                // Who names a seed wants the same text again; greedy text and random seeds need no such care.
                boolean reproducible = sampling.seed().isPresent() && params.temperature() > 0;
                var generation = new GenerationRequest(prompt.ids(), params, rules, logprobs, promptLogprobs, output.cacheSalt(), reproducible,
                        served.adapters());
                requests.add(new TextRequest(generation, stop.strings(), stop.includeStopString(), stop.skipSpecialTokens()));
            }
            return requests;
        }

        Prompt truncate(Prompt prompt, TextModel model) {
            int length = prompt.ids().length;
            if (output.truncatePrompt().isEmpty()) {
                return prompt;
            }
            int room = model.generator().maxContext() - stop.maxTokens().orElse(1);
            int keep = output.truncatePrompt().getAsInt() < 0 ? Math.max(1, room) : output.truncatePrompt().getAsInt();
            if (length <= keep) {
                return prompt;
            }
            int[] ids = Arrays.copyOfRange(prompt.ids(), length - keep, length);
            return new Prompt(model.tokenizer().decode(ids, true), ids);
        }

        private int limit(int promptTokens, int maxContext, GenerationDefaults defaults) {
            int room = maxContext - promptTokens;
            int least = stop.maxTokens().orElse(1);
            if (least > room) {
                throw new ContextLengthException(promptTokens, least, maxContext);
            }
            OptionalInt byDefault = maxTokens.isPresent() ? maxTokens : defaults.maxNewTokens();
            return stop.maxTokens().orElse(Math.clamp(byDefault.orElse(room), 1, room));
        }
    }
}
