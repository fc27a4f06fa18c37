package io.waystation.broker.net;

import io.netty.channel.Channel;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import io.waystation.daemon.ServerTls;
import io.waystation.wire.Frames;
import io.waystation.wire.ProtocolError;
import io.waystation.wire.ProtocolException;
import org.jspecify.annotations.Nullable;

/// Puts the layers that an IDENTIFY agreed on between a socket and its connection, each followed by an `OK` inside it.
/// Confined to the connection's loop; no command runs meanwhile, so the connection does not move.
///
/// ```
///   socket <-> [LastWord] <-> [TLS] <-> [compression] <-> Connection
/// ```
///
/// Without an upgrade the connection stands alone in the pipeline. What the peer sent behind its IDENTIFY belongs
/// to the first new layer.
final class Upgrade {
    private static final byte[] OK = Frames.response("OK");

    /// Told when the layers stand, or that they never will.
    interface Listener {
        void onTls(TlsSession session);

        void onUpgraded();
    }

    private final Connection connection;
    private final Channel channel;
    private final Layers layers;
    private final Listener listener;

    Upgrade(Connection connection, Channel channel, Layers layers, Listener listener) {
        this.connection = connection;
        this.channel = channel;
        this.layers = layers;
        this.listener = listener;
    }

    /// The answer to IDENTIFY must have been sent.
    void begin(@Nullable ServerTls tls) {
        if (layers.tls() && tls != null) {
            startTls(tls);
        } else {
            startCompression();
        }
    }

    private void startTls(ServerTls tls) {
        var lastWord = new LastWord();
        var handler = tls.handler(channel.alloc());
        channel.pipeline().addFirst(lastWord, handler);
        handler.handshakeFuture().addListener(done -> onHandshake(handler, lastWord, done.cause()));
        var early = connection.takeUnread();
        if (early != null) {
            channel.pipeline().fireChannelRead(early);
            channel.pipeline().fireChannelReadComplete();
        }
        // The connection reads nothing while its session waits; the handler asks for more as long as it needs it.
        channel.read();
    }

    private void onHandshake(SslHandler handler, LastWord lastWord, @Nullable Throwable failure) {
        connection.loop().begin();
        if (!connection.isOpen()) {
            return;
        }
        if (failure != null) {
            lastWord.say(Frames.error(
                    new ProtocolException(ProtocolError.E_IDENTIFY_FAILED, "IDENTIFY failed " + cause(failure))));
            return;
        }
        channel.pipeline().remove(lastWord);
        listener.onTls(TlsSession.of(handler.engine()));
        connection.sendNow(OK);
        startCompression();
    }

    /// What is no TLS at all is told in Go's words, without the peer's bytes.
    private static String cause(Throwable failure) {
        return failure instanceof NotSslRecordException
                ? "tls: first record does not look like a TLS handshake"
                : String.valueOf(failure.getMessage());
    }

    private void startCompression() {
        if (layers.snappy()) {
            compress(new SnappyCodec(channel.alloc()));
        } else if (layers.deflate()) {
            compress(new DeflateCodec(channel.alloc(), layers.deflateLevel()));
        }
        listener.onUpgraded();
    }

    private void compress(StreamCodec codec) {
        var handler = new CompressionHandler(codec, connection::onHeldBelow);
        channel.pipeline().addBefore(channel.pipeline().context(connection).name(), null, handler);
        var early = connection.takeUnread();
        if (early != null) {
            handler.channelRead(channel.pipeline().context(handler), early);
        }
        connection.sendNow(OK);
    }
}
