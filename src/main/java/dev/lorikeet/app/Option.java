package dev.lorikeet.app;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// The options of the command line. Each is also an environment variable and a key of the typed configuration
/// ([dev.lorikeet.config.LorikeetConfig], or Quarkus' own for host and port). Those of commands that are no server have no such variable.
enum Option {
    MODEL("lorikeet.model", "DIR", ValueKind.TEXT, "model to serve: a Hugging Face folder, or owner/name[@revision] on the hub (default: models/demo)", Where.MODEL),
    MODEL_ROOT("lorikeet.model-root", "DIRS", ValueKind.TEXT, "further folders, comma-separated, from which /models/load may load"),
    ADAPTER("lorikeet.adapter", "NAME=DIR", ValueKind.TEXT, "adapter to load at the start, several times or comma-separated (of merge: the folder alone)", Where.ADAPTERS),
    ADAPTER_ROOT("lorikeet.adapter-root", "DIRS", ValueKind.TEXT, "further folders, comma-separated, from which requests may load adapters"),
    ADAPTER_MEMORY("lorikeet.adapter-memory", "BYTES", ValueKind.BYTES, "adapters on the device; beyond that the idlest is evicted (default: 2147483648)"),
    ADAPTER_HOST_MEMORY("lorikeet.adapter-host-memory", "BYTES", ValueKind.SIZE, "evicted adapters kept in host memory; useful on a GPU (default: 0)"),
    WATCH_ADAPTERS("lorikeet.watch-adapters", "BOOL", ValueKind.BOOL, "load new folders in <data>/adapters by themselves (default: false)"),
    HOST("lorikeet.host", "NAME", ValueKind.TEXT, "address to listen on (default: localhost)", Where.SERVE),
    PORT("lorikeet.port", "N", ValueKind.PORT, "port to listen on, 0 for any free one (default: 8080)", Where.SERVE),
    INSECURE("lorikeet.insecure", "BOOL", ValueKind.BOOL, "serve other machines than this one without keys (default: false)", Where.SERVE),
    API_KEYS("lorikeet.api-keys", "NAME:KEY", ValueKind.TEXT, "keys of users, comma-separated; better in the environment, where other users do not see them", Where.SERVE),
    ADMIN_KEYS("lorikeet.admin-keys", "NAME:KEY", ValueKind.TEXT, "keys of admins, comma-separated; better in the environment", Where.SERVE),
    KEYS_FILE("lorikeet.keys-file", "FILE", ValueKind.TEXT, "hashed keys, as ./lorikeet key new writes them; read again when it changes", Where.KEYS),
    KEY_REQUESTS_PER_MINUTE("lorikeet.key-requests-per-minute", "N", ValueKind.POSITIVE, "for each user's key (default: no limit)", Where.KEYS),
    KEY_TOKENS_PER_MINUTE("lorikeet.key-tokens-per-minute", "N", ValueKind.POSITIVE, "tokens read and generated, for each user's key (default: no limit)", Where.KEYS),
    KEY_TOKENS_PER_DAY("lorikeet.key-tokens-per-day", "N", ValueKind.POSITIVE, "tokens read and generated, for each user's key (default: no limit)", Where.KEYS),
    KEY_CONCURRENT_REQUESTS("lorikeet.key-concurrent-requests", "N", ValueKind.POSITIVE, "texts generated at a time, for each user's key (default: no limit)", Where.KEYS),
    CORS_ORIGINS("lorikeet.cors-origins", "URLS", ValueKind.TEXT, "origins of pages elsewhere that may use this server, comma-separated (default: none)", Where.SERVE),
    TLS_CERTIFICATE("lorikeet.tls-certificate", "FILE", ValueKind.TEXT, "PEM with the server's certificate and chain: then it speaks HTTPS only", Where.SERVE),
    TLS_KEY("lorikeet.tls-key", "FILE", ValueKind.TEXT, "PEM with the certificate's private key", Where.SERVE),
    MANAGEMENT_PORT("lorikeet.management-port", "N", ValueKind.PORT, "a port for metrics and probes alone; on the other one metrics then need a key (default: none)", Where.SERVE),
    OIDC_ISSUER("lorikeet.oidc-issuer", "URL", ValueKind.TEXT, "an OpenID provider whose tokens are accepted beside keys (default: none)", Where.SERVE),
    OIDC_AUDIENCE("lorikeet.oidc-audience", "NAME", ValueKind.TEXT, "what the aud of such a token must name", Where.SERVE),
    OIDC_ROLES_CLAIM("lorikeet.oidc-roles-claim", "PATH", ValueKind.TEXT, "where its roles stand, with dots between the parts (default: groups)", Where.SERVE),
    OIDC_ADMIN_ROLE("lorikeet.oidc-admin-role", "NAME", ValueKind.TEXT, "the role of admins (default: lorikeet-admin)", Where.SERVE),
    ADMIN("key.admin", "BOOL", ValueKind.BOOL, "of key new: whether it is an admin's key (default: false)", Where.KEY),
    DEVICE("lorikeet.device", "NAME", ValueKind.TEXT, "auto, cpu or cuda:N (default: auto)", Where.COMPUTING),
    DTYPE("lorikeet.dtype", "NAME", ValueKind.TEXT, "auto, float32, bfloat16 or float16 (default: auto, what the checkpoint has)", Where.COMPUTING),
    QUANTIZATION("lorikeet.quantization", "NAME", ValueKind.TEXT, "of the start model's matrices: nf4, fp4, int8, llm-int8 or int4 (default: none)", Where.COMPUTING),
    MAX_BATCH("lorikeet.max-batch", "N", ValueKind.COUNT, "sequences generated together (default: 16)"),
    MAX_CONTEXT("lorikeet.max-context", "N", ValueKind.COUNT, "tokens of prompt and answer at most (default, or 0: the model's, up to 8192 and to memory)"),
    MAX_QUEUE("lorikeet.max-queue", "N", ValueKind.COUNT, "requests that may wait (default: 256)"),
    PREFILL_CHUNK("lorikeet.prefill-chunk", "N", ValueKind.COUNT, "prompt tokens computed in one step beside running streams (default: 512)"),
    THREADS("lorikeet.threads", "N", ValueKind.COUNT, "CPU threads for tensor arithmetic (default, or 0: all cores)", Where.MODEL),
    REQUEST_TIMEOUT("lorikeet.request-timeout", "TIME", ValueKind.TIME, "longest time a request may take, such as 90s or 10m (default: 10m)"),
    MAX_BODY("lorikeet.max-body", "BYTES", ValueKind.BYTES, "largest request body (default: 16777216)"),
    MAX_UPLOAD("lorikeet.max-upload", "BYTES", ValueKind.BYTES, "largest file that may be uploaded (default: 536870912)"),
    KEEP_ALIVE("lorikeet.keep-alive", "TIME", ValueKind.TIME, "silence on a stream after which a comment is sent (default: 10s)"),
    GRACE("lorikeet.grace", "TIME", ValueKind.TIME, "how long running requests may go on once the server is asked to stop (default: 20s)"),
    OTLP_ENDPOINT("lorikeet.otlp-endpoint", "URL", ValueKind.TEXT, "where OpenTelemetry traces go, such as http://localhost:4318 (default: nowhere)"),
    LOG_JSON("lorikeet.log-json", "BOOL", ValueKind.BOOL, "log in JSON, with a line for each request (default: false)"),
    CLIENT_PATIENCE("lorikeet.client-patience", "TIME", ValueKind.TIME, "a client that reads nothing for this long is dropped (default: 60s)"),
    TRUST_REQUEST_CHAT_TEMPLATE("lorikeet.trust-request-chat-template", "BOOL", ValueKind.BOOL, "let requests bring a chat_template (default: false)"),
    SEARCH("lorikeet.search", "NAMES", ValueKind.TEXT, "what web_search_options searches: naver, naver-hub, folder, or several (default: nothing)"),
    SEARCH_URL("lorikeet.search-url", "URL", ValueKind.TEXT, "where NAVER's search is, in place of its own address"),
    SEARCH_TYPES("lorikeet.search-types", "NAMES", ValueKind.TEXT, "what NAVER searches (default: blog,news,webkr,encyc,kin,cafearticle)"),
    SEARCH_FOLDER("lorikeet.search-folder", "DIR", ValueKind.TEXT, "your documents, for --search folder: .txt, .md, .html, .pdf"),
    SEARCH_TIMEOUT("lorikeet.search-timeout", "TIME", ValueKind.TIME, "the longest that a search may delay an answer (default: 5s)"),
    SEARCH_MEMORY("lorikeet.search-memory", "TIME", ValueKind.TIME, "how long an answer of NAVER's is used again (default: 10m)"),
    OUT("merge.out", "DIR", ValueKind.TEXT, "of merge: the folder to make", Where.MERGE),
    SHARD_SIZE("merge.shard-size", "BYTES", ValueKind.BYTES, "of merge: a checkpoint larger than this is written in several files (default: 5000000000)", Where.MERGE),
    URL("client.url", "URL", ValueKind.TEXT, "of chat, train, ps: the server to use (default: of ps http://localhost:8080; of the others see their --help)", Where.CLIENTS),
    TLS_CA("client.tls-ca", "FILE", ValueKind.TEXT, "of chat, train, ps: PEM with the certificates by which an https:// server is known (default: Java's)", Where.CLIENTS),
    SYSTEM("chat.system", "TEXT", ValueKind.TEXT, "of chat: the system prompt (default: none)", Where.CHAT),
    TEMPERATURE("chat.temperature", "N", ValueKind.NUMBER, "of chat: 0 for the likeliest answer, higher for more variety (default: the model's own)", Where.CHAT),
    MAX_TOKENS("chat.max-tokens", "N", ValueKind.COUNT, "of chat: tokens of an answer at most (default: what the context leaves)", Where.CHAT),
    DATA("lorikeet.data", "DIR", ValueKind.TEXT, "where everything that is written is kept (default: data)", Where.COMPUTING),
    PUSH_PUBLIC("lorikeet.push-public", "BOOL", ValueKind.BOOL, "push: whether a repository that is made is for everyone (default: false)", Where.PUSH),
    PUSH_MESSAGE("lorikeet.push-message", "TEXT", ValueKind.TEXT, "push: the commit's message (default: Upload from Lorikeet)", Where.PUSH),
    PUSH_BASE("lorikeet.push-base", "OWNER/NAME", ValueKind.TEXT, "push: the base model's name for the model card", Where.PUSH),
    LOG_LEVEL("quarkus.log.category.\"dev.lorikeet\".level", "NAME", ValueKind.LOG_LEVEL, "DEBUG, INFO, WARN or ERROR (default: INFO)");

    private final String property;
    private final String argument;
    private final ValueKind kind;
    private final String help;
    private final Where where;

    /// An option of a server.
    Option(String property, String argument, ValueKind kind, String help) {
        this(property, argument, kind, help, Where.SERVERS);
    }

    Option(String property, String argument, ValueKind kind, String help, Where where) {
        this.property = property;
        this.argument = argument;
        this.kind = kind;
        this.help = help;
        this.where = where;
    }

    /// Which commands take an option.
    private enum Where {
        SERVERS(Set.of(Command.SERVE, Command.CHAT, Command.TRAIN, Command.WARM_UP)),
        MODEL(SERVERS, Command.MERGE, Command.BENCH, Command.BENCH_ADAPTERS, Command.BENCH_TRAINING),
        COMPUTING(SERVERS, Command.BENCH, Command.BENCH_ADAPTERS, Command.BENCH_TRAINING),
        ADAPTERS(SERVERS, Command.MERGE),
        MERGE(Set.of(Command.MERGE)),
        SERVE(Set.of(Command.SERVE, Command.WARM_UP)),
        PUSH(SERVE, Command.PUSH),
        KEYS(SERVE, Command.KEY),
        KEY(Set.of(Command.KEY)),
        CLIENTS(Set.of(Command.CHAT, Command.TRAIN, Command.PS)),
        CHAT(Set.of(Command.CHAT));

        private final Set<Command> commands;

        Where(Set<Command> commands) {
            this.commands = commands;
        }

        Where(Where first, Command... more) {
            this.commands = EnumSet.copyOf(first.commands);
            commands.addAll(List.of(more));
        }
    }

    /// Those that take it, in the order of [Command].
    Set<Command> commands() {
        return EnumSet.copyOf(where.commands);
    }

    /// What its value is, for people: `DIR`, `N`, `NAME` …
    String argument() {
        return argument;
    }

    ValueKind kind() {
        return kind;
    }

    /// In one line.
    String help() {
        return help;
    }

    /// As typed, for example `--max-batch`.
    String flag() {
        return "--" + name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
    }

    String environment() {
        return property.startsWith("lorikeet.") ? "LORIKEET_" + name() : "";
    }

    String property() {
        return property;
    }

    /// Whether the server takes a list of names and folders here, which may also be given piece by piece.
    boolean isList() {
        return this == ADAPTER;
    }

    /// Whether this is something to be done or not: then the flag alone means yes.
    boolean isSwitch() {
        return kind == ValueKind.BOOL;
    }

    /// @throws IllegalArgumentException when this option cannot have that value
    void check(String value) {
        kind.check(flag(), value);
    }

    String helpLine() {
        return String.format("  %-38s %-38s %s", flag() + " " + argument, environment(), help);
    }

    static Optional<Option> ofFlag(String flag) {
        return Arrays.stream(values()).filter(option -> option.flag().equals(flag)).findFirst();
    }
}
