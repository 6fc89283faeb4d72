package dev.lorikeet.tensor;

import java.util.Arrays;

/// The 256 values that an 8-bit code stands for: bitsandbytes' `create_dynamic_map` (Dettmers et al., 2022). The fewer bits the exponent
/// takes, the more are left for the fraction.
public final class DynamicMap {
    private static final int EXPONENTS = 7;
    private static final int CODES = 256;

    private DynamicMap() {}

    /// From −1 to 1, ascending.
    public static float[] signed() {
        return values(true);
    }

    /// From 0 to 1, ascending.
    public static float[] unsigned() {
        return values(false);
    }

    private static float[] values(boolean signed) {
        var values = new float[CODES];
        int n = 0;
        for (int i = 0; i < EXPONENTS; i++) {
            int fractions = signed ? 1 << i : 1 << i + 1;
            double magnitude = Math.pow(10, i - EXPONENTS + 1);
            for (int k = 0; k < fractions; k++) {
                float mean = (boundary(k, fractions) + boundary(k + 1, fractions)) / 2;
                values[n++] = (float) (magnitude * mean);
                if (signed) {
                    values[n++] = (float) (-magnitude * mean);
                }
            }
        }
        values[n++] = 0;
        values[n] = 1;
        Arrays.sort(values);
        return values;
    }

    /// `torch.linspace(0.1, 1, fractions + 1)`, to the last bit: from both ends towards the middle, each with one rounding.
    private static float boundary(int k, int fractions) {
        float step = (1f - 0.1f) / fractions;
        return k < (fractions + 1) / 2 ? Math.fma(step, k, 0.1f) : Math.fma(-step, fractions - k, 1f);
    }
}
