package dev.lorikeet.app;

import java.util.Arrays;
import java.util.Optional;

/// The options of the command line. Each is also an environment variable and a key of the typed configuration
/// ([dev.lorikeet.config.LorikeetConfig], or Quarkus' own for host and port).
enum Option {
    MODEL("lorikeet.model", "DIR", ValueKind.TEXT, "model to serve: a Hugging Face folder, or owner/name[@revision] on the hub (default: models/demo)"),
    MODEL_ROOT("lorikeet.model-root", "DIRS", ValueKind.TEXT, "further folders, comma-separated, from which /models/load may load"),
    ADAPTER("lorikeet.adapter", "NAME=DIR", ValueKind.TEXT, "adapter to load at the start, several times or comma-separated (of merge: the folder alone)"),
    ADAPTER_ROOT("lorikeet.adapter-root", "DIRS", ValueKind.TEXT, "further folders, comma-separated, from which requests may load adapters"),
    ADAPTER_MEMORY("lorikeet.adapter-memory", "BYTES", ValueKind.BYTES, "adapters on the device; beyond that the idlest is evicted (default: 2147483648)"),
    ADAPTER_HOST_MEMORY("lorikeet.adapter-host-memory", "BYTES", ValueKind.SIZE, "evicted adapters kept in host memory; useful on a GPU (default: 0)"),
    WATCH_ADAPTERS("lorikeet.watch-adapters", "BOOL", ValueKind.BOOL, "load new folders in <data>/adapters by themselves (default: false)"),
    HOST("lorikeet.host", "NAME", ValueKind.TEXT, "address to listen on (default: localhost)"),
    PORT("lorikeet.port", "N", ValueKind.PORT, "port to listen on, 0 for any free one (default: 8080)"),
    INSECURE("lorikeet.insecure", "BOOL", ValueKind.BOOL, "serve other machines than this one without keys (default: false)"),
    API_KEYS("lorikeet.api-keys", "NAME:KEY", ValueKind.TEXT, "keys of users, comma-separated; better in the environment, where other users do not see them"),
    ADMIN_KEYS("lorikeet.admin-keys", "NAME:KEY", ValueKind.TEXT, "keys of admins, comma-separated; better in the environment"),
    KEYS_FILE("lorikeet.keys-file", "FILE", ValueKind.TEXT, "hashed keys, as ./lorikeet key new writes them; read again when it changes"),
    KEY_REQUESTS_PER_MINUTE("lorikeet.key-requests-per-minute", "N", ValueKind.POSITIVE, "for each user's key (default: no limit)"),
    KEY_TOKENS_PER_MINUTE("lorikeet.key-tokens-per-minute", "N", ValueKind.POSITIVE, "tokens read and generated, for each user's key (default: no limit)"),
    KEY_TOKENS_PER_DAY("lorikeet.key-tokens-per-day", "N", ValueKind.POSITIVE, "tokens read and generated, for each user's key (default: no limit)"),
    KEY_CONCURRENT_REQUESTS("lorikeet.key-concurrent-requests", "N", ValueKind.POSITIVE, "texts generated at a time, for each user's key (default: no limit)"),
    CORS_ORIGINS("lorikeet.cors-origins", "URLS", ValueKind.TEXT, "origins of pages elsewhere that may use this server, comma-separated (default: none)"),
    TLS_CERTIFICATE("lorikeet.tls-certificate", "FILE", ValueKind.TEXT, "PEM with the server's certificate and chain: then it speaks HTTPS only"),
    TLS_KEY("lorikeet.tls-key", "FILE", ValueKind.TEXT, "PEM with the certificate's private key"),
    MANAGEMENT_PORT("lorikeet.management-port", "N", ValueKind.PORT, "a port for metrics and probes alone; on the other one metrics then need a key (default: none)"),
    OIDC_ISSUER("lorikeet.oidc-issuer", "URL", ValueKind.TEXT, "an OpenID provider whose tokens are accepted beside keys (default: none)"),
    OIDC_AUDIENCE("lorikeet.oidc-audience", "NAME", ValueKind.TEXT, "what the aud of such a token must name"),
    OIDC_ROLES_CLAIM("lorikeet.oidc-roles-claim", "PATH", ValueKind.TEXT, "where its roles stand, with dots between the parts (default: groups)"),
    OIDC_ADMIN_ROLE("lorikeet.oidc-admin-role", "NAME", ValueKind.TEXT, "the role of admins (default: lorikeet-admin)"),
    ADMIN("key.admin", "BOOL", ValueKind.BOOL, "of key new: whether it is an admin's key (default: false)"),
    DEVICE("lorikeet.device", "NAME", ValueKind.TEXT, "auto, cpu or cuda:N (default: auto)"),
    DTYPE("lorikeet.dtype", "NAME", ValueKind.TEXT, "auto, float32, bfloat16 or float16 (default: auto, what the checkpoint has)"),
    QUANTIZATION("lorikeet.quantization", "NAME", ValueKind.TEXT, "of the start model's matrices: nf4, fp4, int8, llm-int8 or int4 (default: none)"),
    MAX_BATCH("lorikeet.max-batch", "N", ValueKind.COUNT, "sequences generated together (default: 16)"),
    MAX_CONTEXT("lorikeet.max-context", "N", ValueKind.COUNT, "tokens of prompt and answer at most (default, or 0: the model's, up to 8192 and to memory)"),
    MAX_QUEUE("lorikeet.max-queue", "N", ValueKind.COUNT, "requests that may wait (default: 256)"),
    PREFILL_CHUNK("lorikeet.prefill-chunk", "N", ValueKind.COUNT, "prompt tokens computed in one step beside running streams (default: 512)"),
    THREADS("lorikeet.threads", "N", ValueKind.COUNT, "CPU threads for tensor arithmetic (default, or 0: all cores)"),
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
    OUT("merge.out", "DIR", ValueKind.TEXT, "of merge: the folder to make"),
    SHARD_SIZE("merge.shard-size", "BYTES", ValueKind.BYTES, "of merge: a checkpoint larger than this is written in several files (default: 5000000000)"),
    URL("train.url", "URL", ValueKind.TEXT, "of train: the server to train on; without it, a server runs for as long as the training"),
    DATA("lorikeet.data", "DIR", ValueKind.TEXT, "where everything that is written is kept (default: data)"),
    PUSH_PUBLIC("lorikeet.push-public", "BOOL", ValueKind.BOOL, "push: whether a repository that is made is for everyone (default: false)"),
    PUSH_MESSAGE("lorikeet.push-message", "TEXT", ValueKind.TEXT, "push: the commit's message (default: Upload from Lorikeet)"),
    PUSH_BASE("lorikeet.push-base", "OWNER/NAME", ValueKind.TEXT, "push: the base model's name for the model card"),
    LOG_LEVEL("quarkus.log.category.\"dev.lorikeet\".level", "NAME", ValueKind.LOG_LEVEL, "DEBUG, INFO, WARN or ERROR (default: INFO)");

    private final String property;
    private final String argument;
    private final ValueKind kind;
    private final String help;

    Option(String property, String argument, ValueKind kind, String help) {
        this.property = property;
        this.argument = argument;
        this.kind = kind;
        this.help = help;
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

    /// Whether only `key` has this option.
    boolean isOfKey() {
        return property.startsWith("key.");
    }

    /// Whether only `merge` has this option.
    boolean isOfMerge() {
        return property.startsWith("merge.");
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
