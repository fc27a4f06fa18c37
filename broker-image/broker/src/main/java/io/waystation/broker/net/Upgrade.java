package io.waystation.broker.net;

import io.netty.channel.Channel;
import io.netty.handler.ssl.NotSslRecordException;
import io.netty.handler.ssl.SslHandler;
import io.waystation.daemon.ServerTls;
import io.waystation.daemon.TlsLayer;
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

    /// What one handshake holds at most, with a client's certificates: messages of 32 KiB, a record that is not whole,
    /// and the engine.
    static final long HANDSHAKE_BYTES = 64 * 1024;

    private final Connection connection;
    private final Turns turns;
    private final Channel channel;
    private final Layers layers;
    private final Listener listener;
    private @Nullable Handshake handshake;

    Upgrade(Connection connection, Turns turns, Channel channel, Layers layers, Listener listener) {
        this.connection = connection;
        this.turns = turns;
        this.channel = channel;
        this.layers = layers;
        this.listener = listener;
    }

    /// The answer to IDENTIFY must have been sent.
    void begin(@Nullable ServerTls tls) {
        if (layers.tls() && tls != null) {
            var turn = new Handshake(tls);
            handshake = turn;
            turns.ask(turn);
        } else {
            startCompression();
        }
    }

    /// Nothing more of it is wanted.
    void onClosed() {
        if (handshake != null) {
            turns.leave(handshake);
        }
    }

    /// One handshake, from waiting for its turn to its end. What the peer sends meanwhile waits in its socket.
    private final class Handshake implements Turns.Waiter {
        private final ServerTls tls;

        Handshake(ServerTls tls) {
            this.tls = tls;
        }

        @Override
        public void onTurn() {
            connection.execute(() -> {
                if (connection.isOpen()) {
                    startTls(this, tls);
                }
            });
        }
    }

    private void startTls(Handshake turn, ServerTls tls) {
        var lastWord = new LastWord();
        var layer = tls.layer(channel.alloc());
        layer.whenLate(() -> lastWord.say(failed(TlsLayer.TIMED_OUT)));
        layer.whenHeld(connection::onHeldInRecord);
        channel.pipeline().addFirst(lastWord, layer);
        layer.handshakeFuture().addListener(done -> {
            turns.leave(turn);
            onHandshake(layer, lastWord, done.cause());
        });
        var early = connection.takeUnread();
        if (early != null) {
            channel.pipeline().fireChannelRead(early);
            channel.pipeline().fireChannelReadComplete();
        }
        // The connection reads nothing while its session waits; the handler asks for more as long as it needs it.
        channel.read();
    }

    private static byte[] failed(String cause) {
        return Frames.error(new ProtocolException(ProtocolError.E_IDENTIFY_FAILED, "IDENTIFY failed " + cause));
    }

    private void onHandshake(SslHandler handler, LastWord lastWord, @Nullable Throwable failure) {
        connection.loop().begin();
        if (!connection.isOpen()) {
            return;
        }
        if (failure != null) {
            lastWord.say(failed(cause(failure)));
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
