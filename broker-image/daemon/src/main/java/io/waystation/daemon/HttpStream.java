package io.waystation.daemon;

import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http.DefaultHttpContent;
import java.io.IOException;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One answer that is written while it is sent. Confined to the thread that handles the request; what it asks of the
/// connection runs on the connection's loop.
final class HttpStream implements HttpPieces.Sink {
    private static final Logger LOG = LoggerFactory.getLogger(HttpStream.class);

    /// The client takes no more of its answer.
    private static final class ClientGoneException extends IOException {
        private static final long serialVersionUID = 1;
    }

    private final HttpConnection connection;
    private final ChannelHandlerContext context;
    private final HttpReply reply;
    /// Whether the last piece has left.
    private @Nullable CompletableFuture<Boolean> last;

    HttpStream(HttpConnection connection, ChannelHandlerContext context, HttpReply reply) {
        this.connection = connection;
        this.context = context;
        this.reply = reply;
    }

    void run(HttpBodyWriter writer) {
        var pieces = new HttpPieces(this);
        try (var text = new OutputStreamWriter(pieces, StandardCharsets.UTF_8)) {
            writer.write(text);
        } catch (IOException | RuntimeException | Error failure) {
            fail(failure, pieces.isBegun());
            return;
        }
        var rest = pieces.rest();
        context.executor().execute(() -> {
            if (pieces.isBegun()) {
                connection.endStream(context, reply, rest);
            } else {
                connection.answer(context, reply.whole(rest));
            }
        });
    }

    private void fail(Throwable failure, boolean begun) {
        if (failure instanceof ClientGoneException || failure.getCause() instanceof ClientGoneException) {
            LOG.atDebug()
                    .addKeyValue("client", context.channel().remoteAddress())
                    .log("answer not taken to its end");
        } else {
            LOG.atError().setCause(failure).log("request failed");
        }
        context.executor().execute(() -> {
            if (begun) {
                // Without the end of its body the client knows that it is not whole.
                connection.abort(context);
            } else {
                connection.answer(context, HttpReply.error(500, "INTERNAL_ERROR"));
            }
        });
    }

    @Override
    public void send(byte[] piece) throws IOException {
        var before = last;
        // A client that takes nothing is closed after the idle time, which ends this.
        if (before != null && !before.join()) {
            throw new ClientGoneException();
        }
        var left = new CompletableFuture<Boolean>();
        last = left;
        context.executor().execute(() -> {
            if (before == null) {
                connection.beginStream(context, reply);
            }
            context.writeAndFlush(new DefaultHttpContent(Unpooled.wrappedBuffer(piece)))
                    .addListener(written -> left.complete(written.isSuccess()));
        });
    }
}
