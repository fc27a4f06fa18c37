package io.waystation.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class PublishCountsTest {
    @Test
    void topicsBeyondTheBoundOfAConnectionAreCountedTogether() {
        var counts = new PublishCounts(new Room(PublishCounts.MAX_COUNTS));
        for (int i = 0; i < PublishCounts.MAX_TOPICS + 10; i++) {
            counts.add("t" + i, 2);
        }
        counts.add("t0", 1);

        var copy = counts.copy();

        assertThat(copy).hasSize(PublishCounts.MAX_TOPICS + 1).containsEntry("t0", 3L);
        assertThat(copy).containsEntry(PublishCounts.OTHER, 20L);
    }

    @Test
    void whatConnectionsMayCountTogetherIsBoundedAndGivenBack() {
        var room = new Room(2);
        var first = new PublishCounts(room);
        var second = new PublishCounts(room);
        first.add("a", 1);
        first.add("b", 1);
        second.add("a", 1);
        assertThat(second.copy()).isEqualTo(Map.of(PublishCounts.OTHER, 1L));

        first.close();
        second.add("a", 1);

        assertThat(second.copy()).isEqualTo(Map.of("a", 1L, PublishCounts.OTHER, 1L));
        assertThat(room.taken()).isEqualTo(1);
    }
}
