package dev.lorikeet.hub;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Which files of a repository are needed for a purpose. Never a pickle, never code.
public sealed interface Needs {
    Needs MODEL = new Model();
    Needs ADAPTER = new Adapter();

    /// @param fetch brings one file at once and says where it is: an index names the files that hold the weights
    /// @throws HubException the repository does not hold what is needed
    List<RemoteFile> select(RepoRef repo, Listing listing, Fetch fetch) throws InterruptedException;

    @FunctionalInterface
    interface Fetch {
        Path bring(RemoteFile file) throws InterruptedException;
    }

    /// What an unknown repository of type model is: an adapter if it has an adapter's files and no weights of a whole model.
    static Needs ofModelRepository(Listing listing) {
        return listing.has(Adapter.CONFIG) && !listing.has(Model.SINGLE) && !listing.has(Model.INDEX) ? ADAPTER : MODEL;
    }

    /// Names of text files that go with weights of any kind.
    Set<String> TEXT = Set.of("generation_config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
            "tokenizer.model", "vocab.json", "merges.txt", "chat_template.jinja", "chat_template.json");

    private static List<RemoteFile> text(Listing listing) {
        return listing.files().values().stream().filter(file -> TEXT.contains(file.path()) || file.path().matches("additional_chat_templates/[^/]+\\.jinja"))
                .sorted(Comparator.comparing(RemoteFile::path)).toList();
    }

    private static RemoteFile require(RepoRef repo, Listing listing, String path) {
        return listing.file(path).orElseThrow(() -> new HubException(new HubError.MissingFile(repo, path)));
    }

    /// A base model: configuration, tokenizer, and safetensors, those of the index if there is one.
    record Model() implements Needs {
        static final String SINGLE = "model.safetensors";
        static final String INDEX = "model.safetensors.index.json";
        private static final ObjectMapper JSON = new ObjectMapper();

        @Override
        public List<RemoteFile> select(RepoRef repo, Listing listing, Fetch fetch) throws InterruptedException {
            var files = new ArrayList<RemoteFile>();
            files.add(require(repo, listing, "config.json"));
            files.addAll(text(listing));
            // In this order, and not the other way round, since old repositories may have both.
            if (listing.has(INDEX)) {
                RemoteFile index = require(repo, listing, INDEX);
                files.add(index);
                for (String shard : shards(repo, fetch.bring(index))) {
                    files.add(require(repo, listing, shard));
                }
            } else if (listing.has(SINGLE)) {
                files.add(require(repo, listing, SINGLE));
            } else {
                throw new HubException(new HubError.Unsuitable(repo, noWeights(listing)));
            }
            return files;
        }

        private static Set<String> shards(RepoRef repo, Path index) {
            try {
                var names = new TreeSet<String>();
                for (JsonNode name : JSON.readTree(index.toFile()).path("weight_map")) {
                    String shard = name.asText();
                    if (!RemoteFile.isSafe(shard) || shard.contains("/") || !shard.endsWith(".safetensors")) {
                        throw new HubException(new HubError.UnsafeName(repo, shard));
                    }
                    names.add(shard);
                }
                return names;
            } catch (IOException e) {
                throw new HubException(new HubError.Unsuitable(repo, "has an index of its weights that is not valid JSON: " + INDEX), e);
            }
        }

        private static String noWeights(Listing listing) {
            Optional<String> other = listing.files().keySet().stream().filter(path -> path.matches("[^/]*\\.(bin|pt|pth|ckpt|h5|msgpack|gguf)")).sorted().findFirst();
            return "has no " + SINGLE + " and no " + INDEX + other.map(name -> "; " + name + " is not read: pickles can run code, and other formats are "
                    + "not known. Look for a safetensors version, or convert it with transformers").orElse("") + ".";
        }
    }

    /// A PEFT adapter, with the tokenizer if it brings one.
    record Adapter() implements Needs {
        static final String CONFIG = "adapter_config.json";
        /// In it, what the adapter was made upon: a name on the hub, or a path.
        static final String BASE = "base_model_name_or_path";
        static final String WEIGHTS = "adapter_model.safetensors";
        /// What an adapter that was trained here says of itself: end tokens, template, base.
        static final String METADATA = "lorikeet.json";

        @Override
        public List<RemoteFile> select(RepoRef repo, Listing listing, Fetch fetch) {
            var files = new ArrayList<RemoteFile>();
            files.add(require(repo, listing, CONFIG));
            if (!listing.has(WEIGHTS)) {
                throw new HubException(new HubError.Unsuitable(repo, "has no " + WEIGHTS + (listing.has("adapter_model.bin")
                        ? "; adapter_model.bin is a pickle and is never read. Save it again with PEFT 0.6 or newer." : ".")));
            }
            files.add(require(repo, listing, WEIGHTS));
            listing.file(METADATA).ifPresent(files::add);
            files.addAll(text(listing));
            return files;
        }
    }

    /// The rows of a data set's split, as JSONL or Parquet files of the repository.
    ///
    /// @param split such as `train`, or `config/train` where there are several configurations
    record Split(String split) implements Needs {
        private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.-]{1,100}(/[A-Za-z0-9_.-]{1,100})?");

        public Split {
            if (!NAME.matcher(split).matches() || split.contains("..")) {
                throw new IllegalArgumentException("`" + split + "` is no split: write train, or configuration/train");
            }
        }

        @Override
        public List<RemoteFile> select(RepoRef repo, Listing listing, Fetch fetch) {
            var files = rows(listing);
            if (files.isEmpty()) {
                var splits = splits(listing);
                throw new HubException(new HubError.Unsuitable(repo, "has no JSONL or Parquet files of a split `" + split + "`"
                        + (splits.isEmpty() ? "." : "; it has " + String.join(", ", splits) + ".")));
            }
            var configurations = matching(listing).stream().map(file -> configuration(file.path())).collect(Collectors.toCollection(TreeSet::new));
            if (configurations.size() > 1) {
                throw new HubException(new HubError.Unsuitable(repo, "has the split `" + split + "` in several configurations, whose rows do not belong together; write one of "
                        + configurations.stream().map(name -> name + "/" + split).collect(Collectors.joining(", ")) + "."));
            }
            return files;
        }

        /// The folder that stands for a configuration: `ko/train/0000.parquet` and `ko/train.jsonl` are of `ko`, `data/train.jsonl` of none.
        private static String configuration(String path) {
            var folders = new ArrayList<>(List.of(path.split("/")));
            folders.removeLast();
            while (!folders.isEmpty() && (folders.getLast().equals(splitOf(path)) || folders.getLast().equals("data"))) {
                folders.removeLast();
            }
            return folders.isEmpty() ? "" : folders.getLast();
        }

        /// By the names that data sets give their files: `train.jsonl`, `data/train-00000-of-00002.parquet`, `train/0000.parquet`.
        List<RemoteFile> rows(Listing listing) {
            var found = matching(listing);
            // The same rows may be there in both formats.
            var parquet = found.stream().filter(file -> file.path().endsWith(".parquet")).toList();
            return parquet.isEmpty() ? found : parquet;
        }

        private List<RemoteFile> matching(Listing listing) {
            String[] parts = split.split("/");
            String name = parts[parts.length - 1];
            var found = listing.files().values().stream().filter(file -> isRows(file.path()) && splitOf(file.path()).equals(name))
                    .sorted(Comparator.comparing(RemoteFile::path)).collect(Collectors.groupingBy(file -> configuration(file.path())));
            // Who names no configuration means the files that belong to none, or else the one that the hub calls default.
            List<String> meant = parts.length == 2 ? List.of(parts[0]) : List.of("", "default");
            return meant.stream().map(found::get).filter(Objects::nonNull).findFirst()
                    .orElseGet(() -> parts.length == 2 ? List.of() : found.values().stream().flatMap(List::stream).toList());
        }

        private static Set<String> splits(Listing listing) {
            var names = new TreeSet<String>();
            listing.files().keySet().stream().filter(Split::isRows).forEach(path -> names.add(splitOf(path)));
            return names;
        }

        private static boolean isRows(String path) {
            return path.matches("(?i).+\\.(jsonl|parquet)");
        }

        /// `data/train-00000-of-00002.parquet` → `train`; `qa/test/0000.parquet` → `test`.
        private static String splitOf(String path) {
            String file = path.substring(path.lastIndexOf('/') + 1).replaceAll("(?i)\\.(jsonl|parquet)$", "");
            // Numbered as shards, and in older repositories with sixteen digits of a hash behind the number.
            String name = file.replaceAll("[-_.]?[0-9]{4,}(-of-[0-9]+(-[0-9a-f]{16})?)?$", "");
            if (name.isEmpty() && path.contains("/")) {
                String folder = path.substring(0, path.lastIndexOf('/'));
                return folder.substring(folder.lastIndexOf('/') + 1);
            }
            return name;
        }
    }
}
