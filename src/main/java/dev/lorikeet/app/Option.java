package dev.lorikeet.app;

import java.util.Arrays;
import java.util.Optional;

/// The options of the command line. Each is also an environment variable and a key of the typed configuration
/// ([dev.lorikeet.config.LorikeetConfig], or Quarkus' own for host and port).
enum Option {
    MODEL("lorikeet.model", "DIR", "model to serve: a Hugging Face folder (default: models/demo)"),
    MODEL_ROOT("lorikeet.model-root", "DIRS", "further folders, comma-separated, from which /models/load may load"),
    HOST("lorikeet.host", "NAME", "address to listen on (default: localhost)"),
    PORT("lorikeet.port", "N", "port to listen on (default: 8080)"),
    DEVICE("lorikeet.device", "NAME", "auto, cpu or cuda:N (default: auto)"),
    DTYPE("lorikeet.dtype", "NAME", "auto, float32, bfloat16 or float16 (default: auto, what the checkpoint has)"),
    MAX_BATCH("lorikeet.max-batch", "N", "sequences generated together (default: 16)"),
    MAX_CONTEXT("lorikeet.max-context", "N", "tokens of prompt and answer at most (default: the model's, up to 8192 and to memory)"),
    MAX_QUEUE("lorikeet.max-queue", "N", "requests that may wait (default: 256)"),
    PREFILL_CHUNK("lorikeet.prefill-chunk", "N", "prompt tokens computed in one step beside running streams (default: 512)"),
    THREADS("lorikeet.threads", "N", "CPU threads for tensor arithmetic (default: all cores)"),
    REQUEST_TIMEOUT("lorikeet.request-timeout", "TIME", "longest time a request may take, such as 90s or 10m (default: 10m)"),
    MAX_BODY("lorikeet.max-body", "BYTES", "largest request body (default: 16777216)"),
    KEEP_ALIVE("lorikeet.keep-alive", "TIME", "silence on a stream after which a comment is sent (default: 10s)"),
    CLIENT_PATIENCE("lorikeet.client-patience", "TIME", "a client that reads nothing for this long is dropped (default: 60s)"),
    TRUST_REQUEST_CHAT_TEMPLATE("lorikeet.trust-request-chat-template", "BOOL", "let requests bring a chat_template (default: false)"),
    DATA("lorikeet.data", "DIR", "where everything that is written is kept (default: data)"),
    LOG_LEVEL("quarkus.log.category.\"dev.lorikeet\".level", "NAME", "DEBUG, INFO, WARN or ERROR (default: INFO)");

    private final String property;
    private final String argument;
    private final String help;

    Option(String property, String argument, String help) {
        this.property = property;
        this.argument = argument;
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

    String helpLine() {
        return String.format("  %-38s %-38s %s", flag() + " " + argument, environment(), help);
    }

    static Optional<Option> ofFlag(String flag) {
        return Arrays.stream(values()).filter(option -> option.flag().equals(flag)).findFirst();
    }
}
