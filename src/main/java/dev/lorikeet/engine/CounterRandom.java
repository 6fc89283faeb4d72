package dev.lorikeet.engine;

/// A random number as a function of a seed and a counter: the draw at one position depends on nothing else, such as what other
/// sequences drew. The mixing function is that of SplitMix64 (Steele et al., 2014), applied twice.
final class CounterRandom {
    private static final long GOLDEN = 0x9E3779B97F4A7C15L;

    private CounterRandom() {}

    /// In [0, 1), with 53 random bits.
    static double uniform(long seed, long counter) {
        return (mix(mix(seed) + counter * GOLDEN) >>> 11) * 0x1.0p-53;
    }

    private static long mix(long value) {
        long z = value + GOLDEN;
        z = (z ^ z >>> 30) * 0xBF58476D1CE4E5B9L;
        z = (z ^ z >>> 27) * 0x94D049BB133111EBL;
        return z ^ z >>> 31;
    }
}
