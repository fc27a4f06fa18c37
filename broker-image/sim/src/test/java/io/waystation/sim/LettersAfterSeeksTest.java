package io.waystation.sim;

import static org.assertj.core.api.Assertions.assertThat;

import io.waystation.broker.topic.PublishWaiter;
import io.waystation.broker.topic.Topic;
import io.waystation.broker.topic.TopicSettings;
import io.waystation.broker.topic.TopicSettings.Flush;
import io.waystation.broker.topic.TopicSettings.Retention;
import io.waystation.channel.ChannelSettings;
import io.waystation.channel.Cursor;
import io.waystation.channel.Delivery;
import io.waystation.channel.RequeueBackoff;
import io.waystation.log.LogSettings;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// A channel that goes back so often that its ids' generations begin anew.
class LettersAfterSeeksTest {
    private static final String ORDERS = "orders";
    private static final String DEAD = "dead";
    private static final String CHANNEL = "c";

    private final TopicsWorld world = new TopicsWorld(
            new SplittableRandom(1),
            files -> files,
            LogSettings.defaults(),
            new TopicSettings(Flush.OS, Retention.CONSUMED, 0, 1 << 20, 1_000_000));
    private final TopicLedger ledger = new TopicLedger();

    private Topic topic(String name) {
        return Objects.requireNonNull(world.topics.find(name));
    }

    private void publish(Topic topic) {
        var message = ledger.send(10, Long.MIN_VALUE, false, null);
        topic.publish(
                ledger.body(message).flip(),
                0,
                message.length,
                new PublishWaiter() {
                    @Override
                    public void onPublished(int ticket) {
                        ledger.acknowledged(message, false);
                    }

                    @Override
                    public void onPublishFailed(int ticket, String cause) {
                        throw new AssertionError(cause);
                    }
                },
                0);
    }

    /// A consumer takes what is there and gives it back, once.
    private void giveUp() throws IOException {
        var consumer =
                new SimConsumer(CHANNEL, (_, source, position, length, _) -> ledger.read(source, position, length));
        consumer.join(topic(ORDERS).obtainChannel(CHANNEL), 60_000);
        consumer.joined().ready(1);
        world.loop.settle();
        for (var held : List.copyOf(consumer.held)) {
            consumer.joined().requeue(held.id(), 0);
        }
        world.loop.pass(1_000);
        world.loop.settle();
        consumer.joined().leave();
    }

    private void seek(int times) throws IOException {
        var orders = topic(ORDERS);
        for (int i = 0; i < times; i++) {
            orders.obtainChannel(CHANNEL).seek(0);
        }
    }

    private void restart() throws IOException {
        topic(ORDERS).close();
        topic(DEAD).close();
        world.files.kill();
        world.open();
        world.loop.settle();
    }

    @Test
    void eachTimeThatAMessageIsGivenUpHasALetterHoweverOftenItsChannelWentBack() throws IOException {
        world.open();
        world.obtain(DEAD);
        var orders = world.obtain(ORDERS);
        orders.obtainChannel(CHANNEL).declare(new ChannelSettings(Delivery.SHARED, 0, 1, DEAD, 0, RequeueBackoff.NONE));
        publish(orders);

        seek(1);
        giveUp();
        restart();
        seek(Cursor.MAX_GENERATION);
        giveUp();

        assertThat(topic(DEAD).stats(false).depth()).isEqualTo(2);
    }
}
