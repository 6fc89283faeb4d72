package dev.lorikeet.config;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithUnnamedKey;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Every option of the server: `--max-batch 4` on the command line, `LORIKEET_MAX_BATCH=4` in the environment.
@ConfigMapping(prefix = "lorikeet")
public interface LorikeetConfig {
    /// The key in [#rag()] of what is said for no model in particular.
    String ALL_MODELS = "*";

    /// Address to listen on.
    @WithDefault("localhost")
    String host();

    /// Port to listen on; 0 takes any free one.
    @WithDefault("8080")
    int port();

    /// The model to serve: a folder in Hugging Face layout, or `owner/name[@revision]` on the Hugging Face Hub.
    @WithDefault("models/demo")
    String model();

    /// Further folders under which `/models/load` may find models; `<data>/models` is always one.
    Optional<List<String>> modelRoot();

    /// Where everything that the server writes is kept.
    @WithDefault("data")
    String data();

    /// Adapters to load at the start, each `name=folder`.
    Optional<List<String>> adapter();

    /// Further folders under which requests may name adapters; `<data>/adapters` is always one.
    Optional<List<String>> adapterRoot();

    /// Bytes that adapters may take on the device; those not used for longest are evicted.
    @WithDefault("2147483648")
    long adapterMemory();

    /// Bytes that evicted adapters may take in host memory.
    @WithDefault("0")
    long adapterHostMemory();

    /// Whether new folders in `<data>/adapters` are loaded by themselves.
    @WithDefault("false")
    boolean watchAdapters();

    /// `auto`, `cpu` or `cuda:N`.
    @WithDefault("auto")
    String device();

    /// `auto` (what the checkpoint has), `float32`, `bfloat16` or `float16`.
    @WithDefault("auto")
    String dtype();

    /// Sequences generated together.
    @WithDefault("16")
    int maxBatch();

    /// Tokens of prompt and output at most; 0 takes the model's own limit as far as memory allows.
    @WithDefault("0")
    int maxContext();

    /// Requests that may wait.
    @WithDefault("256")
    int maxQueue();

    /// Prompt tokens computed in one step, so that running streams are not held up by long prompts.
    @WithDefault("512")
    int prefillChunk();

    /// CPU threads for tensor arithmetic; 0 takes all cores.
    @WithDefault("0")
    int threads();

    /// Longest time a request may take, waiting included.
    @WithDefault("10m")
    Duration requestTimeout();

    /// Largest request body in bytes.
    @WithDefault("16777216")
    long maxBody();

    /// Largest file that `/v1/files` accepts, in bytes.
    @WithDefault("536870912")
    long maxUpload();

    /// Silence on a stream after which a keep-alive comment is sent.
    @WithDefault("10s")
    Duration keepAlive();

    /// How long a streaming client may read nothing before it is disconnected.
    @WithDefault("60s")
    Duration clientPatience();

    /// How long running requests may go on once the server is asked to stop.
    @WithDefault("20s")
    Duration grace();

    /// Whether a repository that a push makes is for everyone.
    @WithDefault("false")
    boolean pushPublic();

    /// The message of a push's commit.
    @WithDefault("Upload from Lorikeet")
    String pushMessage();

    /// The base model's name on the hub, for the model card of a push.
    Optional<String> pushBase();

    /// Whether a request may bring a `chat_template` of its own.
    @WithDefault("false")
    boolean trustRequestChatTemplate();

    /// What is searched where a request has `web_search_options`: `naver` (Developers Center), `naver-hub` (API HUB), `folder`, or several.
    Optional<List<String>> search();

    /// Where NAVER's search is, in place of its own address.
    Optional<String> searchUrl();

    /// What NAVER searches unless a request or `rag` says otherwise.
    @WithDefault("blog,news,webkr,encyc,kin,cafearticle")
    List<String> searchTypes();

    /// The folder of documents that `search=folder` searches.
    Optional<String> searchFolder();

    /// Longest time that a search may delay an answer.
    @WithDefault("5s")
    Duration searchTimeout();

    /// How long an answer of NAVER's is used again.
    @WithDefault("10m")
    Duration searchMemory();

    /// Grounding of answers: `lorikeet.rag.count` for all models, `lorikeet.rag."name".count` for one.
    @WithUnnamedKey(ALL_MODELS)
    Map<String, RagConfig> rag();
}
