package io.waystation.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Under flush `os` a power loss takes the end of a topic's log, while what the topic had noted about it may last. The
/// offsets are given to new messages then.
class PowerLossTest {
    @TempDir
    Path data;

    @TempDir
    Path copy;

    /// What a power loss would leave at this moment if the system had written back all but the topic's messages.
    private void losePower() throws IOException {
        TestBroker.killedCopy(data, copy);
        var segment = copy.resolve("shards/1/topics/t/00000000000000000000.log");
        try (var file = FileChannel.open(segment, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            assertThat(file.read(ByteBuffer.allocate(1))).isEqualTo(1);
            file.truncate(0);
        }
    }

    private static void post(TestBroker broker, String path, String body) throws IOException {
        assertThat(broker.post(path, body).status()).isEqualTo(200);
    }

    @Test
    void a_message_is_delivered_though_its_offset_was_emptied_before_the_power_loss()
            throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            post(broker, "/topic/create?topic=t", "");
            post(broker, "/channel/create?topic=t&channel=c", "");
            post(broker, "/topic/pause?topic=t", "");
            post(broker, "/mpub?topic=t", "emptied 0\nemptied 1\nemptied 2");
            post(broker, "/topic/empty?topic=t", "");
            losePower();
        }
        try (var broker = new TestBroker(copy)) {
            post(broker, "/topic/unpause?topic=t", "");
            post(broker, "/pub?topic=t", "new");

            try (var consumer = TestClient.consumer(broker.port(), "t", "c", 1)) {
                assertThat(consumer.message().body()).isEqualTo("new");
            }
        }
    }

    @Test
    void messages_wait_for_the_first_channel_though_others_had_their_offsets_before_the_power_loss()
            throws IOException, UsageException {
        try (var broker = new TestBroker(data)) {
            post(broker, "/topic/create?topic=t", "");
            post(broker, "/channel/create?topic=t&channel=c", "");
            post(broker, "/mpub?topic=t", "had 0\nhad 1\nhad 2");
            post(broker, "/channel/delete?topic=t&channel=c", "");
            losePower();
        }
        try (var broker = new TestBroker(copy)) {
            post(broker, "/mpub?topic=t", "new 0\nnew 1");
        }
        try (var broker = new TestBroker(copy);
                var consumer = TestClient.consumer(broker.port(), "t", "first", 2)) {
            assertThat(consumer.message().body()).isEqualTo("new 0");
            assertThat(consumer.message().body()).isEqualTo("new 1");
        }
    }
}
