package dev.lorikeet.tensor.kernel;

import static dev.lorikeet.tensor.kernel.Bf16.FLOATS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.SplittableRandom;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class VectorMathTest {
    @Test
    void exponentialsAreThoseOfMath() {
        for (float x = -90; x <= 0; x += 0.0037f) {
            float actual = VectorMath.exp(FloatVector.broadcast(FLOATS, x)).lane(0);
            assertThat(actual).isCloseTo(x < -87.3f ? 0 : (float) Math.exp(x), within((float) Math.exp(x) * 4e-7f + 1e-37f));
        }
        assertThat(VectorMath.exp(FloatVector.broadcast(FLOATS, Float.NEGATIVE_INFINITY)).lane(0)).isZero();
        assertThat(VectorMath.exp(FloatVector.zero(FLOATS)).lane(0)).isEqualTo(1);
    }

    @Test
    void hyperbolicTangentsAreThoseOfMath() {
        for (float x = -12; x <= 12; x += 0.0013f) {
            assertThat(VectorMath.tanh(FloatVector.broadcast(FLOATS, x)).lane(0)).isCloseTo((float) Math.tanh(x), within(2e-7f));
        }
    }

    /// The first calls are interpreted, later ones compiled, at some point in between.
    @Test
    void bitsDoNotChangeAsTheCodeWarmsUp() {
        var random = new SplittableRandom(1);
        float[] values = new float[FLOATS.length()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (-random.nextDouble() * 20);
        }
        float first = VectorMath.sum(VectorMath.exp(FloatVector.fromArray(FLOATS, values, 0)));
        for (int i = 0; i < 200_000; i++) {
            assertThat(Float.floatToRawIntBits(VectorMath.sum(VectorMath.exp(FloatVector.fromArray(FLOATS, values, 0))))).isEqualTo(Float.floatToRawIntBits(first));
        }
    }
}
