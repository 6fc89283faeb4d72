package dev.lorikeet.model;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Numbers the weights of a decoder as the tensor program does, and says which of them a module of the checkpoint is. A fused module
/// such as `qkv_proj` is several sites.
public final class WeightSites {
    private final Map<String, List<Site>> modules;
    private final int count;

    /// A weight, or the rows of it that a fused module's rows `from` to `from + rows` are. @param rows 0: all rows
    public record Site(int index, long fromRow, long rows) {
        public boolean isEmbedding() {
            return index == Weights.EMBED;
        }

        public boolean isHead() {
            return index == Weights.LM_HEAD;
        }

        /// Whether it is a norm's weight rather than a matrix.
        public boolean isNorm() {
            return index == Weights.FINAL_NORM || index >= Weights.FIRST_LAYER && tensor().name().endsWith("_NORM");
        }

        private LayerTensor tensor() {
            return LayerTensor.values()[(index - Weights.FIRST_LAYER) % LayerTensor.values().length];
        }

        /// The site of this matrix's bias.
        public int bias() {
            if (index < Weights.FIRST_LAYER) {
                return Weights.NO_BIAS;
            }
            var bias = LayerTensor.valueOf(tensor().name().replace("_PROJ", "_BIAS"));
            return index - tensor().ordinal() + bias.ordinal();
        }
    }

    private WeightSites(Map<String, List<Site>> modules, int count) {
        this.modules = modules;
        this.count = count;
    }

    static int count(DecoderConfig config) {
        return Weights.FIRST_LAYER + config.numHiddenLayers() * LayerTensor.values().length;
    }

    static WeightSites of(ModelFamily family, DecoderConfig config) {
        var modules = new LinkedHashMap<String, List<Site>>();
        modules.put("model.embed_tokens", List.of(new Site(Weights.EMBED, 0, 0)));
        modules.put("model.norm", List.of(new Site(Weights.FINAL_NORM, 0, 0)));
        modules.put("lm_head", List.of(new Site(Weights.LM_HEAD, 0, 0)));
        for (int layer = 0; layer < config.numHiddenLayers(); layer++) {
            for (LayerTensor tensor : LayerTensor.values()) {
                if (!tensor.isBias()) {
                    add(modules, family, config, layer, tensor);
                }
            }
        }
        return new WeightSites(modules, count(config));
    }

    private static void add(Map<String, List<Site>> modules, ModelFamily family, DecoderConfig config, int layer, LayerTensor tensor) {
        int index = Weights.FIRST_LAYER + layer * LayerTensor.values().length + tensor.ordinal();
        family.source(config, layer, tensor).ifPresent(source -> {
            modules.computeIfAbsent(module(source.name()), _ -> new ArrayList<>()).add(new Site(index, source.fromRow(), source.rows()));
            if (source.rows() > 0) {
                // An adapter that was trained on a split copy of a fused checkpoint.
                modules.put("model.layers." + layer + "." + module(tensor.suffix()), List.of(new Site(index, 0, 0)));
            }
        });
    }

    private static String module(String tensorName) {
        return tensorName.substring(0, tensorName.length() - ".weight".length());
    }

    /// The sites of a module, such as `model.layers.0.self_attn.q_proj`; empty if the model has no such module.
    public List<Site> of(String module) {
        return modules.getOrDefault(module, List.of());
    }

    /// Every module that has a weight.
    public Set<String> modules() {
        return modules.keySet();
    }

    /// Whether this weight belongs to a layer rather than to one of the ends.
    public boolean isLayer(int site) {
        return site >= Weights.FIRST_LAYER;
    }

    public int layerOf(int site) {
        return (site - Weights.FIRST_LAYER) / LayerTensor.values().length;
    }

    public int count() {
        return count;
    }

    /// Where in its checkpoint a model's site is, by its number; empty for a tensor that its family does not have. A tied head is where
    /// the embedding is.
    public static Optional<TensorSource> source(ModelPlan plan, int site) {
        return switch (site) {
            case Weights.EMBED -> Optional.of(TensorSource.whole(Weights.EMBEDDING));
            case Weights.FINAL_NORM -> Optional.of(TensorSource.whole("model.norm.weight"));
            case Weights.LM_HEAD -> Optional.of(TensorSource.whole(Weights.HEAD));
            case Weights.NO_BIAS -> Optional.empty();
            default -> {
                int number = site - Weights.FIRST_LAYER;
                var tensors = LayerTensor.values();
                yield plan.family().source(plan.config(), number / tensors.length, tensors[number % tensors.length]);
            }
        };
    }

    /// The biases that one switch of `config.json` brings with it: sites of biases to sites of their matrices, all layers.
    public static Map<Integer, Integer> biasesOf(ModelPlan plan, String field) {
        var sites = new LinkedHashMap<Integer, Integer>();
        for (int layer = 0; layer < plan.config().numHiddenLayers(); layer++) {
            int first = Weights.FIRST_LAYER + layer * LayerTensor.values().length;
            for (LayerTensor tensor : LayerTensor.values()) {
                if (tensor.isBias() && plan.family().biasField(tensor).filter(field::equals).isPresent()) {
                    sites.put(first + tensor.ordinal(), first + LayerTensor.valueOf(tensor.name().replace("_BIAS", "_PROJ")).ordinal());
                }
            }
        }
        return sites;
    }

    /// The switch of `config.json` that gives a site's module a bias, if this family has one.
    public static Optional<String> biasField(ModelPlan plan, Site site) {
        return site.bias() == Weights.NO_BIAS ? Optional.empty()
                : plan.family().biasField(LayerTensor.values()[(site.bias() - Weights.FIRST_LAYER) % LayerTensor.values().length]);
    }
}
