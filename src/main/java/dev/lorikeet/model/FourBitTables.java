package dev.lorikeet.model;

import dev.lorikeet.model.Quantization.Code;

/// The values of bitsandbytes' four-bit codes (`get_4bit_type`), and where its kernels decide between two of them (`dQuantizeNF4`,
/// `dQuantizeFP4` in `csrc/kernels.cu`).
final class FourBitTables {
    private static final float[] NF4 = {-1.0f, -0.6961928009986877f, -0.5250730514526367f, -0.39491748809814453f, -0.28444138169288635f,
        -0.18477343022823334f, -0.09105003625154495f, 0.0f, 0.07958029955625534f, 0.16093020141124725f, 0.24611230194568634f, 0.33791524171829224f,
        0.44070982933044434f, 0.5626170039176941f, 0.7229568362236023f, 1.0f};
    private static final float[] NF4_PIVOTS = {-0.8480964004993439f, -0.6106329262256622f, -0.4599952697753906f, -0.33967943489551544f,
        -0.23460740596055984f, -0.13791173323988914f, -0.045525018125772476f, 0.03979014977812767f, 0.1202552504837513f, 0.2035212516784668f,
        0.2920137718319893f, 0.3893125355243683f, 0.5016634166240692f, 0.6427869200706482f, 0.8614784181118011f};
    private static final float[] FP4_TWELFTHS = {0, 0.0625f, 8, 12, 4, 6, 2, 3};
    /// Between magnitudes in ascending order.
    private static final float[] FP4_PIVOTS = {0.00260417f, 0.0859375f, 0.20833333f, 0.29166667f, 0.4166667f, 0.583333f, 0.8333333f};

    private FourBitTables() {}

    /// By code.
    static float[] values(Code code) {
        return switch (code) {
            case NF4 -> NF4.clone();
            case FP4 -> {
                var values = new float[16];
                for (int i = 0; i < 8; i++) {
                    values[i] = FP4_TWELFTHS[i] / 12;
                    values[i + 8] = -values[i];
                }
                yield values;
            }
        };
    }

    static float[] pivots(Code code) {
        return (code == Code.NF4 ? NF4_PIVOTS : FP4_PIVOTS).clone();
    }

    /// `[256, 2]`: the two values of each byte, that of the upper half first.
    static float[] pairs(Code code) {
        float[] values = values(code);
        var pairs = new float[512];
        for (int b = 0; b < 256; b++) {
            pairs[2 * b] = values[b >> 4];
            pairs[2 * b + 1] = values[b & 15];
        }
        return pairs;
    }
}
