package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.Bf16.FLOATS;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/// Sums and functions whose bits are the same whether the JVM interprets or compiles them. The Vector API's own `reduceLanes(ADD)`,
/// `EXP` and `TANH` leave their order and rounding open, so a text drawn with a seed would depend on how warm the server is.
final class VectorMath {
    private static final float LOG2_E = 1.44269504f;
    private static final float LN2_HIGH = 0.693359375f;
    private static final float LN2_LOW = -2.12194440e-4f;
    /// Adding 1.5 · 2²³ to a small float rounds it to a whole number, which then stands in the low bits.
    private static final float ROUND = 12_582_912f;
    private static final float SMALLEST = -87.3f;
    private static final int LANES = FLOATS.length();
    // One constant each: the compiler does not see through an array of shuffles.
    private static final VectorShuffle<Float> ACROSS_8 = across(8);
    private static final VectorShuffle<Float> ACROSS_4 = across(4);
    private static final VectorShuffle<Float> ACROSS_2 = across(2);
    private static final VectorShuffle<Float> ACROSS_1 = across(1);

    private VectorMath() {}

    private static VectorShuffle<Float> across(int distance) {
        return VectorShuffle.fromOp(FLOATS, lane -> (lane ^ distance) % LANES);
    }

    /// The sum of all lanes (16, 8 or 4): halves are added to halves.
    static float sum(FloatVector values) {
        var sums = LANES >= 16 ? values.add(values.rearrange(ACROSS_8)) : values;
        sums = LANES >= 8 ? sums.add(sums.rearrange(ACROSS_4)) : sums;
        sums = sums.add(sums.rearrange(ACROSS_2));
        return sums.add(sums.rearrange(ACROSS_1)).lane(0);
    }

    /// The same of lanes in an array. Where a sum is seldom, compared with the loop before it, C2 leaves it as a call, and a vector that a
    /// call is given becomes an object (docs/decisions/java-kernels.md).
    static float sum(float[] values, int at) {
        return sum(FloatVector.fromArray(FLOATS, values, at));
    }

    /// e to the power of each lane, which must be at most 0; below −87.3 it is 0. Relative error below 3e-7 (Cody and Waite's reduction,
    /// Taylor's polynomial of degree 7).
    static FloatVector exp(FloatVector x) {
        var small = x.compare(VectorOperators.LT, SMALLEST);
        var clamped = x.max(SMALLEST);
        var rounded = clamped.mul(LOG2_E).add(ROUND);
        var n = rounded.sub(ROUND);
        var f = n.fma(FloatVector.broadcast(FLOATS, -LN2_HIGH), clamped);
        f = n.fma(FloatVector.broadcast(FLOATS, -LN2_LOW), f);
        var p = FloatVector.broadcast(FLOATS, 1 / 5040f);
        for (float coefficient : new float[] {1 / 720f, 1 / 120f, 1 / 24f, 1 / 6f, 1 / 2f, 1, 1}) {
            p = p.fma(f, FloatVector.broadcast(FLOATS, coefficient));
        }
        var power = rounded.reinterpretAsInts().lanewise(VectorOperators.LSHL, 23);
        return p.reinterpretAsInts().add(power).reinterpretAsFloats().blend(0, small);
    }

    /// tanh of each lane, by way of [#exp].
    static FloatVector tanh(FloatVector x) {
        var power = exp(x.abs().mul(-2));
        var magnitude = FloatVector.broadcast(FLOATS, 1).sub(power).div(power.add(1));
        return magnitude.blend(magnitude.neg(), x.compare(VectorOperators.LT, 0));
    }
}
