package io.waystation.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HttpIntakeTest {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final HttpIntake intake = new HttpIntake(LIMIT);
    private final EmbeddedChannel channel = new EmbeddedChannel(intake);

    private void send(String text) {
        channel.writeInbound(Unpooled.copiedBuffer(text, StandardCharsets.ISO_8859_1));
    }

    private List<String> pieces() {
        var pieces = new ArrayList<String>();
        for (ByteBuf next = channel.readInbound(); next != null; next = channel.readInbound()) {
            pieces.add(next.toString(StandardCharsets.ISO_8859_1));
            next.release();
        }
        return pieces;
    }

    private void pass(Duration time) {
        channel.advanceTimeBy(time.toNanos(), TimeUnit.NANOSECONDS);
        channel.runScheduledPendingTasks();
    }

    @Test
    void bytesComeInPieces() {
        send("a".repeat(1024) + "b".repeat(1024) + "c");

        assertThat(pieces()).containsExactly("a".repeat(1024), "b".repeat(1024), "c");
    }

    @Test
    void whilePausedNothingComesAndNothingIsRead() {
        intake.pause();

        send("a");
        send("b");

        assertThat(pieces()).isEmpty();
        assertThat(channel.config().isAutoRead()).isFalse();
    }

    @Test
    void whatWaitedComesInOrderAfterwards() {
        intake.pause();
        send("a");
        send("b");

        intake.resume();

        assertThat(String.join("", pieces())).isEqualTo("ab");
        assertThat(channel.config().isAutoRead()).isTrue();
    }

    @Test
    void aRequestThatTakesTooLongEndsItsConnection() {
        channel.freezeTime();
        send("a");
        pass(LIMIT.minusNanos(1));
        assertThat(channel.isOpen()).isTrue();

        pass(Duration.ofNanos(1));

        assertThat(channel.isOpen()).isFalse();
    }

    @Test
    void theTimeOfTheNextRequestBeginsWithItsFirstByte() {
        channel.freezeTime();
        send("a");
        intake.pause();
        intake.resume();
        pass(LIMIT);
        send("b");

        pass(LIMIT.minusNanos(1));

        assertThat(channel.isOpen()).isTrue();
    }

    @Test
    void whatWaitedIsReleasedWithTheConnection() {
        intake.pause();
        var bytes = Unpooled.copiedBuffer("a", StandardCharsets.ISO_8859_1);
        channel.writeInbound(bytes);

        var _ = channel.close();

        assertThat(bytes.refCnt()).isZero();
    }
}
