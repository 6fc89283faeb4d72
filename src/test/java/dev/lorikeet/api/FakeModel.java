package dev.lorikeet.api;

import dev.lorikeet.chat.AdaptedText;
import dev.lorikeet.chat.ChatPrompt;
import dev.lorikeet.chat.GenerationDefaults;
import dev.lorikeet.chat.Prompt;
import dev.lorikeet.chat.TemplateRefusal;
import dev.lorikeet.chat.TextEvent;
import dev.lorikeet.chat.TextEvent.OutputToken;
import dev.lorikeet.chat.TextEvent.ScoredToken;
import dev.lorikeet.chat.TextModel;
import dev.lorikeet.chat.TextRequest;
import dev.lorikeet.chat.TextStream;
import dev.lorikeet.chat.Tokenizer;
import dev.lorikeet.engine.GenerationRequest;
import dev.lorikeet.engine.Generator;
import dev.lorikeet.engine.LoadedAdapter;
import dev.lorikeet.engine.TokenStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/// A model that says what a test's script says. Its tokens are the bytes of UTF-8.
final class FakeModel implements TextModel {
    static final int CONTEXT = 512;
    static final int VOCABULARY = 266;
    static final int EMBEDDING_ROWS = 272;
    static final int EOS = 2;
    static final GenerationDefaults SILENT = new GenerationDefaults(OptionalDouble.empty(), OptionalDouble.empty(), OptionalInt.empty(),
            OptionalDouble.empty(), OptionalDouble.empty(), OptionalDouble.empty(), OptionalInt.empty(), Set.of(EOS), Optional.empty());

    private final List<TextRequest> requests = new CopyOnWriteArrayList<>();
    private final List<ScriptedStream> streams = new CopyOnWriteArrayList<>();
    private final List<LoadedAdapter> released = new CopyOnWriteArrayList<>();
    private final List<ChatPrompt> chats = new CopyOnWriteArrayList<>();
    private volatile Function<TextRequest, Iterator<?>> script;
    private volatile GenerationDefaults defaults = SILENT;
    private volatile int context = CONTEXT;
    private volatile boolean writesDocuments;

    /// Steps of a script: [TextEvent]s, and gates (latches) at which the model falls silent.
    void script(Function<TextRequest, Iterator<?>> steps) {
        this.script = steps;
    }

    /// Says these deltas, then the end token.
    void says(String... deltas) {
        script(request -> saying(request, deltas).iterator());
    }

    void defaults(GenerationDefaults values) {
        this.defaults = values;
    }

    /// Tokens of prompt and answer at most.
    void context(int tokens) {
        this.context = tokens;
    }

    /// Lets the chat template write `documents`.
    void writesDocuments() {
        this.writesDocuments = true;
    }

    void reset() {
        context = CONTEXT;
        writesDocuments = false;
        requests.clear();
        streams.clear();
        chats.clear();
        released.clear();
        defaults = SILENT;
        says("안녕", "하세요", "!");
    }

    List<TextRequest> requests() {
        return requests;
    }

    List<ScriptedStream> streams() {
        return streams;
    }

    /// Adapters that the engine was asked to forget.
    List<LoadedAdapter> released() {
        return released;
    }

    ChatPrompt lastChat() {
        return chats.getLast();
    }

    static List<TextEvent> saying(TextRequest request, String... deltas) {
        List<TextEvent> events = new ArrayList<>();
        request.generation().promptLogprobs().ifPresent(top -> events.add(promptScores(request.generation().promptIds(), top)));
        for (int i = 0; i < deltas.length; i++) {
            events.add(delta(request, 100 + i, deltas[i]));
        }
        events.add(end(request, TextEvent.StopKind.END_TOKEN, Optional.empty(), deltas.length + 1));
        return events;
    }

    static TextEvent.End end(TextRequest request, TextEvent.StopKind kind, Optional<Object> reason, int tokens) {
        return new TextEvent.End(kind, reason, new TextEvent.Usage(request.generation().promptIds().length, tokens, 4));
    }

    static TextEvent.Delta delta(TextRequest request, int id, String text) {
        OptionalInt top = request.generation().topLogprobs();
        return new TextEvent.Delta(text, List.of(new OutputToken(id, top.isPresent() ? Optional.of(scored(id, text, top.getAsInt())) : Optional.empty())));
    }

    static ScoredToken scored(int id, String text, int top) {
        List<ScoredToken> tops = new ArrayList<>();
        for (int i = 0; i < top; i++) {
            String other = i == 0 ? text : "alt" + i;
            tops.add(new ScoredToken(i == 0 ? id : 200 + i, other, other.getBytes(StandardCharsets.UTF_8), -0.5f * (i + 1), i + 1, List.of()));
        }
        return new ScoredToken(id, text, text.getBytes(StandardCharsets.UTF_8), -0.5f, 1, tops);
    }

    private static TextEvent promptScores(int[] ids, int top) {
        List<Optional<ScoredToken>> tokens = new ArrayList<>();
        for (int i = 0; i < ids.length; i++) {
            tokens.add(i == 0 ? Optional.empty() : Optional.of(scored(ids[i], String.valueOf((char) (ids[i] - 10)), top)));
        }
        return new TextEvent.PromptScores(tokens);
    }

    @Override
    public Tokenizer tokenizer() {
        return BytesTokenizer.INSTANCE;
    }

    @Override
    public int embeddingRows() {
        return EMBEDDING_ROWS;
    }

    @Override
    public GenerationDefaults defaults() {
        return defaults;
    }

    @Override
    public String templateSha256() {
        return "00";
    }

    @Override
    public AdaptedText adapted(Path folder, Set<Integer> endTokenIds) {
        return new AdaptedText(this, false, false, Optional.empty());
    }

    @Override
    public Generator generator() {
        return new Generator() {
            @Override
            public TokenStream submit(GenerationRequest request) {
                throw new UnsupportedOperationException();
            }

            @Override
            public void release(LoadedAdapter adapter) {
                released.add(adapter);
            }

            @Override
            public int maxContext() {
                return context;
            }
        };
    }

    @Override
    public Prompt prompt(ChatPrompt chat) {
        chats.add(chat);
        StringBuilder text = new StringBuilder("<bos>");
        chat.messages().forEach(m -> text.append(m.get("role")).append(':').append(m.get("content")).append('\n'));
        if (writesDocuments) {
            chat.documents().forEach(document -> text.append("document:").append(document).append('\n'));
        }
        if (text.indexOf("refuse") >= 0) {
            throw new TemplateRefusal("Conversation roles must alternate");
        }
        String rendered = text.append(chat.addGenerationPrompt() ? "assistant:" : "").toString();
        return new Prompt(rendered, tokenizer().encode(rendered, false));
    }

    @Override
    public Prompt prompt(String text, boolean addSpecialTokens) {
        return new Prompt(text, tokenizer().encode(text, addSpecialTokens));
    }

    @Override
    public TextStream generate(TextRequest request) {
        requests.add(request);
        ScriptedStream stream = new ScriptedStream(script.apply(request));
        streams.add(stream);
        return stream;
    }

    /// Plays a script; a closed gate is silence.
    static final class ScriptedStream implements TextStream {
        private final Iterator<?> steps;
        private final CountDownLatch closed = new CountDownLatch(1);
        private Optional<Object> pending = Optional.empty();
        private volatile int read;

        ScriptedStream(Iterator<?> steps) {
            this.steps = steps;
        }

        @Override
        public Optional<TextEvent> next(Duration timeout) throws InterruptedException {
            Object step = pending.orElseGet(steps::next);
            if (step instanceof CountDownLatch gate) {
                boolean open = gate.await(timeout.toNanos(), TimeUnit.NANOSECONDS);
                pending = open ? Optional.empty() : Optional.of(gate);
                return open ? next(timeout) : Optional.empty();
            }
            if (step instanceof RuntimeException bug) {
                throw bug;
            }
            pending = Optional.empty();
            read++;
            return Optional.of((TextEvent) step);
        }

        int read() {
            return read;
        }

        boolean closedWithin(Duration time) throws InterruptedException {
            return closed.await(time.toMillis(), TimeUnit.MILLISECONDS);
        }

        @Override
        public void close() {
            closed.countDown();
        }
    }

    /// Ids 1–3 are special, the others are bytes + 10.
    enum BytesTokenizer implements Tokenizer {
        INSTANCE;

        private static final List<String> SPECIAL = List.of("<bos>", "</s>", "<end_of_turn>");

        @Override
        public int[] encode(String text, boolean addSpecialTokens) {
            List<Integer> ids = new ArrayList<>();
            if (addSpecialTokens && !text.startsWith("<bos>")) {
                ids.add(1);
            }
            for (String piece : text.splitWithDelimiters("<bos>|</s>|<end_of_turn>", 0)) {
                int special = SPECIAL.indexOf(piece);
                if (special >= 0) {
                    ids.add(special + 1);
                } else {
                    Arrays.stream(encodeLiteral(piece)).forEach(ids::add);
                }
            }
            return ids.stream().mapToInt(Integer::intValue).toArray();
        }

        @Override
        public int[] encodeLiteral(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            int[] ids = new int[bytes.length];
            Arrays.setAll(ids, i -> Byte.toUnsignedInt(bytes[i]) + 10);
            return ids;
        }

        @Override
        public String decode(int[] ids, boolean skipSpecialTokens) {
            var bytes = new java.io.ByteArrayOutputStream();
            for (int id : ids) {
                bytes.writeBytes(isSpecial(id) && skipSpecialTokens ? new byte[0] : bytes(id));
            }
            return bytes.toString(StandardCharsets.UTF_8);
        }

        @Override
        public String token(int id) {
            return isSpecial(id) ? SPECIAL.get(id - 1) : "<0x%02X>".formatted(id - 10);
        }

        @Override
        public byte[] bytes(int id) {
            return isSpecial(id) ? SPECIAL.get(id - 1).getBytes(StandardCharsets.UTF_8) : new byte[] {(byte) (id - 10)};
        }

        @Override
        public boolean isSpecial(int id) {
            return id >= 1 && id <= 3;
        }

        @Override
        public OptionalInt bosId() {
            return OptionalInt.of(1);
        }

        @Override
        public OptionalInt eosId() {
            return OptionalInt.of(EOS);
        }

        @Override
        public int vocabularySize() {
            return VOCABULARY;
        }
    }
}
