package io.waystation.lookup;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.waystation.daemon.LingeringClose;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One broker's connection, protocol V1: lines in, each answered by `int32 length` and a payload. Confined to the
/// listener's loop.
///
///     MAGIC --"  V1"--> LINE --IDENTIFY--> BODY_SIZE --> BODY --> LINE
///     any state --refusal or end of stream--> ENDED
///
/// A client that does not read its answers is not read from until it does; when that lasts it is silent, and closed.
final class LookupConnection extends ByteToMessageDecoder {
    static final int MAX_LINE_BYTES = 16 * 1024;
    /// A broker's description has a few hundred bytes; it is kept as long as the broker is connected.
    static final int MAX_BODY_BYTES = 4 * 1024;

    static final int MAGIC_TIMEOUT_MS = 10_000;
    private static final String MAGIC = "  V1";
    private static final Logger LOG = LoggerFactory.getLogger(LookupConnection.class);

    private enum State {
        MAGIC,
        LINE,
        BODY_SIZE,
        BODY,
        ENDED
    }

    private final LookupSession session;
    private State state = State.MAGIC;
    /// How far the line that is not complete yet was searched for its end.
    private int searchedBytes;

    private int bodyBytes;

    private LookupConnection(LookupSession session) {
        this.session = session;
    }

    /// Adds what serves a broker to its channel.
    ///
    /// @param silenceMs a broker that says nothing for so long is gone
    static void addTo(ChannelPipeline pipeline, LookupSession session, long silenceMs) {
        pipeline.addLast(new IdleStateHandler(silenceMs, 0, 0, TimeUnit.MILLISECONDS));
        pipeline.addLast(new LookupConnection(session));
    }

    @Override
    public void handlerAdded(ChannelHandlerContext context) {
        var _ = context.executor().schedule(() -> requireMagic(context), MAGIC_TIMEOUT_MS, TimeUnit.MILLISECONDS);
    }

    private void requireMagic(ChannelHandlerContext context) {
        if (state == State.MAGIC) {
            close(context, "no protocol magic in time");
        }
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf input, List<Object> output) {
        try {
            switch (state) {
                case MAGIC -> magic(input);
                case LINE -> line(context, input);
                case BODY_SIZE -> bodySize(context, input);
                case BODY -> body(context, input);
                case ENDED -> input.skipBytes(input.readableBytes());
            }
        } catch (RefusedException refusal) {
            refuse(context, refusal);
        }
    }

    private void magic(ByteBuf input) throws RefusedException {
        if (input.readableBytes() >= MAGIC.length()) {
            var magic = input.readCharSequence(MAGIC.length(), StandardCharsets.ISO_8859_1);
            if (!MAGIC.contentEquals(magic)) {
                throw new RefusedException("E_BAD_PROTOCOL");
            }
            state = State.LINE;
        }
    }

    private void line(ChannelHandlerContext context, ByteBuf input) throws RefusedException {
        int start = input.readerIndex();
        int end = input.indexOf(start + searchedBytes, input.writerIndex(), (byte) '\n');
        int lineBytes = end < 0 ? input.readableBytes() : end + 1 - start;
        if (lineBytes > MAX_LINE_BYTES) {
            throw new RefusedException("E_INVALID line too long (expected: at most " + MAX_LINE_BYTES + " bytes)");
        }
        if (end < 0) {
            searchedBytes = lineBytes;
            return;
        }
        searchedBytes = 0;
        // One character a byte, so that an error can quote what came, whatever it was.
        var words = input.readCharSequence(lineBytes, StandardCharsets.ISO_8859_1)
                .toString()
                .strip()
                .split(" ", -1);
        if (words[0].equals("IDENTIFY")) {
            session.requireFirstIdentify();
            state = State.BODY_SIZE;
        } else {
            answer(context, session.run(words));
        }
    }

    private void bodySize(ChannelHandlerContext context, ByteBuf input) throws RefusedException {
        if (input.readableBytes() >= Integer.BYTES) {
            bodyBytes = input.readInt();
            if (bodyBytes < 0) {
                throw new RefusedException("E_BAD_BODY IDENTIFY invalid body size " + bodyBytes);
            }
            if (bodyBytes > MAX_BODY_BYTES) {
                throw new RefusedException("E_BAD_BODY IDENTIFY body too big " + bodyBytes + " > " + MAX_BODY_BYTES);
            }
            state = State.BODY;
            if (bodyBytes == 0) {
                body(context, input);
            }
        }
    }

    private void body(ChannelHandlerContext context, ByteBuf input) throws RefusedException {
        if (input.readableBytes() >= bodyBytes) {
            var body = new byte[bodyBytes];
            input.readBytes(body);
            answer(context, session.identify(body));
            state = State.LINE;
        }
    }

    private static void answer(ChannelHandlerContext context, byte[] payload) {
        var _ = context.write(frame(context, payload), context.voidPromise());
    }

    private static ByteBuf frame(ChannelHandlerContext context, byte[] payload) {
        return context.alloc()
                .buffer(Integer.BYTES + payload.length)
                .writeInt(payload.length)
                .writeBytes(payload);
    }

    private void refuse(ChannelHandlerContext context, RefusedException refusal) {
        LingeringClose.after(writeLast(context, refusal.answer()));
    }

    private ChannelFuture writeLast(ChannelHandlerContext context, String answer) {
        LOG.atWarn()
                .addKeyValue("client", session.remoteAddress())
                .addKeyValue("answer", answer)
                .log("client refused");
        state = State.ENDED;
        session.end();
        return context.writeAndFlush(frame(context, answer.getBytes(StandardCharsets.ISO_8859_1)));
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext context) throws Exception {
        context.flush();
        super.channelReadComplete(context);
    }

    /// The client sends nothing more. A body cut short is an error; a line or magic cut short is nothing.
    @Override
    protected void decodeLast(ChannelHandlerContext context, ByteBuf input, List<Object> output) {
        switch (state) {
            case BODY_SIZE -> endWith(context, "E_BAD_BODY IDENTIFY failed to read body size");
            case BODY -> endWith(context, "E_BAD_BODY IDENTIFY failed to read body");
            case MAGIC, LINE -> {
                state = State.ENDED;
                context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
            }
            case ENDED -> input.skipBytes(input.readableBytes());
        }
    }

    private void endWith(ChannelHandlerContext context, String answer) {
        writeLast(context, answer).addListener(ChannelFutureListener.CLOSE);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        state = State.ENDED;
        session.end();
        super.channelInactive(context);
    }

    @Override
    public void channelWritabilityChanged(ChannelHandlerContext context) {
        context.channel().config().setAutoRead(context.channel().isWritable() || state == State.ENDED);
        context.fireChannelWritabilityChanged();
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext context, Object event) throws Exception {
        if (event instanceof IdleStateEvent) {
            close(context, "silent for too long");
        } else {
            super.userEventTriggered(context, event);
        }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        if (cause instanceof IOException) {
            close(context, String.valueOf(cause.getMessage()));
        } else {
            LOG.atError()
                    .addKeyValue("client", session.remoteAddress())
                    .setCause(cause)
                    .log("connection closed by a bug");
            var _ = context.close();
        }
    }

    private void close(ChannelHandlerContext context, String cause) {
        LOG.atDebug()
                .addKeyValue("client", session.remoteAddress())
                .addKeyValue("cause", cause)
                .log("connection closed");
        var _ = context.close();
    }
}
