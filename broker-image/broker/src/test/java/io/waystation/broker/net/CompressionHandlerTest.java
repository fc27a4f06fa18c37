package io.waystation.broker.net;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.buffer.UnpooledByteBufAllocator;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.embedded.EmbeddedChannel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// A bomb, a thousand times as large as what is sent, before a connection that counts.
class CompressionHandlerTest {
    private static final int BOMB_BYTES = 40 * 1024 * 1024;

    /// Counts bytes; stops to read when told, as a connection does whose session waits.
    private static final class Reader extends ChannelInboundHandlerAdapter {
        long bytes;
        boolean pauseAfterOne;
        Object event = "none";

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) {
            var piece = (ByteBuf) message;
            bytes += piece.readableBytes();
            piece.release();
            if (pauseAfterOne) {
                context.channel().config().setAutoRead(false);
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object told) {
            event = told;
        }
    }

    private final Reader reader = new Reader();
    private final EmbeddedChannel channel = new EmbeddedChannel(
            new CompressionHandler(new DeflateCodec(UnpooledByteBufAllocator.DEFAULT, 6), held -> {}), reader);

    @AfterEach
    void close() {
        channel.finishAndReleaseAll();
    }

    private static ByteBuf bomb() throws IOException {
        var bytes = new ByteArrayOutputStream();
        var writer = new DeflaterOutputStream(bytes, new Deflater(9, true), true);
        writer.write(new byte[BOMB_BYTES]);
        writer.flush();
        return Unpooled.wrappedBuffer(bytes.toByteArray());
    }

    @Test
    void onePassDecodesABoundedAmountAndTheRestFollows() throws IOException {
        channel.pipeline().fireChannelRead(bomb());
        long firstPass = reader.bytes;
        while (channel.hasPendingTasks()) {
            channel.runPendingTasks();
        }

        assertThat(firstPass).isEqualTo(CompressionHandler.PASS_BYTES);
        assertThat(reader.bytes).isEqualTo(BOMB_BYTES);
    }

    @Test
    void aConnectionThatDoesNotWantToReadGetsNothingMore() throws IOException {
        reader.pauseAfterOne = true;
        channel.pipeline().fireChannelRead(bomb());
        channel.runPendingTasks();
        long paused = reader.bytes;
        reader.pauseAfterOne = false;
        channel.config().setAutoRead(true);
        while (channel.hasPendingTasks()) {
            channel.runPendingTasks();
        }

        assertThat(paused).isEqualTo(StreamCodec.MAX_PIECE_BYTES);
        assertThat(reader.bytes).isEqualTo(BOMB_BYTES);
    }

    @Test
    void whatHappensBehindTheBytesIsToldBehindThem() throws IOException {
        channel.pipeline().fireChannelRead(bomb());
        channel.pipeline().fireUserEventTriggered("end");
        var before = reader.event;
        while (channel.hasPendingTasks()) {
            channel.runPendingTasks();
        }

        assertThat(before).isEqualTo("none");
        assertThat(reader.event).isEqualTo("end");
    }

    @Test
    void whatComesBeforeGarbageIsGivenAndTheRestIsToldBehindIt() throws IOException {
        channel.pipeline().fireChannelRead(Unpooled.wrappedBuffer(bomb(), Unpooled.copyInt(-1)));
        var before = reader.event;
        while (channel.hasPendingTasks()) {
            channel.runPendingTasks();
        }

        assertThat(before).isEqualTo("none");
        assertThat(reader.bytes).isEqualTo(BOMB_BYTES);
        assertThat(reader.event).isInstanceOf(CompressionHandler.Broken.class);
    }
}
