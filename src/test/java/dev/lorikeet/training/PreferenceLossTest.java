package dev.lorikeet.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.lorikeet.training.PreferenceLoss.Type;
import dev.lorikeet.training.data.Example;
import dev.lorikeet.training.data.PreferencePair;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The numbers themselves are TRL's: [PreferenceGoldenTest].
class PreferenceLossTest {
    private static final double NEARBY = 1e-6;

    private static PreferencePair pair() {
        int[] chosen = {1, 2, 3, 4};
        int[] rejected = {1, 2};
        return new PreferencePair(new Example(chosen, chosen, 1), new Example(rejected, rejected, 1));
    }

    @ParameterizedTest
    @CsvSource({"SIGMOID, 0", "SIGMOID, 0.2", "HINGE, 0", "IPO, 0", "ROBUST, 0.1"})
    void theSlopesAreThoseOfTheLoss(Type type, double smoothing) {
        var loss = new PreferenceLoss(type, 0.3, smoothing);
        for (double chosen = -7; chosen < 8; chosen += 2.5) {
            for (double rejected = -6; rejected < 7; rejected += 2.5) {
                var value = loss.of(pair(), chosen, rejected);
                double chosenSlope = (loss.of(pair(), chosen + NEARBY, rejected).loss() - loss.of(pair(), chosen - NEARBY, rejected).loss()) / (2 * NEARBY);
                double rejectedSlope = (loss.of(pair(), chosen, rejected + NEARBY).loss() - loss.of(pair(), chosen, rejected - NEARBY).loss()) / (2 * NEARBY);
                assertThat(value.chosenSlope()).as("%s at %s", loss, chosen).isCloseTo(chosenSlope, within(1e-6));
                assertThat(value.rejectedSlope()).as("%s at %s", loss, rejected).isCloseTo(rejectedSlope, within(1e-6));
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"SIGMOID, 0", "SIGMOID, 0.2", "ROBUST, 0.1"})
    void farFromTheReferenceItStaysFinite(Type type, double smoothing) {
        for (double ratio : new double[] {-1e5, 1e5}) {
            var value = new PreferenceLoss(type, 1, smoothing).of(pair(), ratio, 0);
            assertThat(value.loss()).isFinite();
            assertThat(value.chosenSlope()).isFinite();
        }
    }
}
