package dev.lorikeet.model;

/// The tensors of one layer, in the order in which the tensor program finds them. Names are those of Hugging Face's Llama;
/// a tensor that a family does not have is passed as an empty one.
public enum LayerTensor {
    INPUT_NORM("input_layernorm.weight"),
    Q_PROJ("self_attn.q_proj.weight"),
    K_PROJ("self_attn.k_proj.weight"),
    V_PROJ("self_attn.v_proj.weight"),
    O_PROJ("self_attn.o_proj.weight"),
    Q_BIAS("self_attn.q_proj.bias"),
    K_BIAS("self_attn.k_proj.bias"),
    V_BIAS("self_attn.v_proj.bias"),
    O_BIAS("self_attn.o_proj.bias"),
    Q_NORM("self_attn.q_norm.weight"),
    K_NORM("self_attn.k_norm.weight"),
    /// Between attention and its residual sum (Gemma 2 and 3 only).
    POST_ATTENTION_NORM("post_attention_layernorm.weight"),
    /// Before the MLP: Llama calls it `post_attention_layernorm`, Gemma 2 `pre_feedforward_layernorm`.
    PRE_MLP_NORM("post_attention_layernorm.weight"),
    POST_MLP_NORM("post_feedforward_layernorm.weight"),
    GATE_PROJ("mlp.gate_proj.weight"),
    UP_PROJ("mlp.up_proj.weight"),
    DOWN_PROJ("mlp.down_proj.weight"),
    GATE_BIAS("mlp.gate_proj.bias"),
    UP_BIAS("mlp.up_proj.bias"),
    DOWN_BIAS("mlp.down_proj.bias");

    private final String suffix;

    LayerTensor(String suffix) {
        this.suffix = suffix;
    }

    /// The name below `model.layers.N.` in a Llama checkpoint.
    public String suffix() {
        return suffix;
    }

    /// Whether it is the matrix of a linear layer.
    public boolean isMatrix() {
        return switch (this) {
            case Q_PROJ, K_PROJ, V_PROJ, O_PROJ, GATE_PROJ, UP_PROJ, DOWN_PROJ -> true;
            case INPUT_NORM, Q_BIAS, K_BIAS, V_BIAS, O_BIAS, Q_NORM, K_NORM, POST_ATTENTION_NORM, PRE_MLP_NORM, POST_MLP_NORM, GATE_BIAS, UP_BIAS,
                    DOWN_BIAS -> false;
        };
    }

    public boolean isBias() {
        return suffix.endsWith(".bias");
    }
}
