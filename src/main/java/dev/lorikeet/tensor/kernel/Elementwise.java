package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.Bf16.FLOATS;
import static dev.lorikeet.tensor.kernel.Bf16.VECTOR;
import static dev.lorikeet.tensor.kernel.Bf16.even;
import static dev.lorikeet.tensor.kernel.Bf16.odd;
import static dev.lorikeet.tensor.kernel.Bf16.pairs;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/// Sums and gated products of bfloat16 numbers, computed in float32 and rounded once. Numbers of elements are multiples of [Bf16#PAIRED].
final class Elementwise {
    private static final float SQRT_2_PI = 0.7978845608f;
    private static final float CUBE = 0.044715f;

    private Elementwise() {}

    static void add(long a, long b, long elements, long y) {
        for (long at = 0; at < 2 * elements; at += VECTOR) {
            var first = pairs(a + at);
            var second = pairs(b + at);
            Bf16.store(y + at, even(first).add(even(second)), odd(first).add(odd(second)));
        }
    }

    /// `activation(gate) · up`. @param gelu the activation: GELU in its approximation by tanh, or else SiLU
    static void gate(long gate, long up, long elements, boolean gelu, long y) {
        if (gelu) {
            for (long at = 0; at < 2 * elements; at += VECTOR) {
                var g = pairs(gate + at);
                var u = pairs(up + at);
                Bf16.store(y + at, gelu(even(g)).mul(even(u)), gelu(odd(g)).mul(odd(u)));
            }
        } else {
            for (long at = 0; at < 2 * elements; at += VECTOR) {
                var g = pairs(gate + at);
                var u = pairs(up + at);
                Bf16.store(y + at, silu(even(g)).mul(even(u)), silu(odd(g)).mul(odd(u)));
            }
        }
    }

    private static FloatVector silu(FloatVector x) {
        var power = VectorMath.exp(x.abs().neg());
        var numerator = FloatVector.broadcast(FLOATS, 1).blend(power, x.compare(VectorOperators.LT, 0));
        return x.mul(numerator).div(power.add(1));
    }

    private static FloatVector gelu(FloatVector x) {
        var inner = x.mul(x).mul(x).mul(CUBE).add(x).mul(SQRT_2_PI);
        return x.mul(0.5f).mul(VectorMath.tanh(inner).add(1));
    }
}
