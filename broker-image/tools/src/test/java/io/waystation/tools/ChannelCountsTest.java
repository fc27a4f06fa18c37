package io.waystation.tools;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class ChannelCountsTest {
    private static ChannelCounts counts(long depth, long messages) {
        return new ChannelCounts(depth, 1, 2, 3, 4, 5, messages, 6);
    }

    @Test
    void aRowHasNsqsColumns() {
        var row = ChannelCounts.row(Map.of("a", counts(10, 100)), Map.of("a", counts(30, 150)), 2.0);

        assertThat(ChannelCounts.HEADER.lines())
                .containsExactly(
                        "------rate------+----------------depth----------------+--------------metadata---------------",
                        "ingress  egress |   total     mem    disk inflt   def |     req     t-o         msgs clients");
        assertThat(row)
                .isEqualTo(
                        "     25      15 |      30      29       1     2     3 |       4       5          150       6");
    }

    @Test
    void brokersAreSummed() {
        var last = Map.of("a", counts(0, 0), "b", counts(0, 0));
        var now = Map.of("a", counts(1, 10), "b", counts(2, 20));

        assertThat(ChannelCounts.row(last, now, 1.0))
                .isEqualTo(
                        "     30      27 |       3       1       2     4     6 |       8      10           30      12");
    }

    @Test
    void aBrokerThatJustCameHasNoRate() {
        var now = Map.of("a", counts(0, 10), "b", counts(0, 1_000_000));

        assertThat(ChannelCounts.row(Map.of("a", counts(0, 0)), now, 1.0)).startsWith("     10      10 |");
    }

    @Test
    void aBrokerThatBeganAnewHasNoRate() {
        assertThat(ChannelCounts.row(Map.of("a", counts(0, 500)), Map.of("a", counts(0, 10)), 1.0))
                .startsWith("      0       0 |");
    }
}
