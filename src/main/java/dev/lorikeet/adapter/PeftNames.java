package dev.lorikeet.adapter;

/// What names in `adapter_config.json` mean, by PEFT's rules (`tuners_utils.py`, `other.py`).
public final class PeftNames {
    private PeftNames() {}

    /// Whether a name in a list of `target_modules` or `exclude_modules` means this module: it is the whole of its path, or its end after a dot.
    public static boolean isTarget(String name, String module) {
        return module.equals(name) || module.endsWith("." + name);
    }

    /// Whether a name in `modules_to_save` means this module. Here PEFT has no regard to dots: `norm` means `input_layernorm` too.
    public static boolean isSaved(String name, String module) {
        return module.endsWith(name);
    }
}
