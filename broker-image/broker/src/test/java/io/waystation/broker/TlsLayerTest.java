package io.waystation.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import io.waystation.daemon.TlsLayer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLEngine;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// How long a handshake may take, in a time of the test's own.
class TlsLayerTest {
    private static final int STEP_MS = 50;

    /// What the handshake has asked other threads for.
    private final Queue<Runnable> arithmetic = new ArrayDeque<>();

    private final EmbeddedChannel server = new EmbeddedChannel();
    private final List<String> told = new ArrayList<>();
    private final SSLEngine client;

    TlsLayerTest() throws GeneralSecurityException, IOException {
        var authority = new TestCertificates("Authority");
        var own = authority.serverContext(authority.issue("broker", TestCertificates.ecKey()));
        var engine = own.createSSLEngine();
        engine.setUseClientMode(false);
        client = authority.clientContext(null).createSSLEngine();
        client.setUseClientMode(true);
        server.freezeTime();
        var layer = new TlsLayer(engine, arithmetic::add);
        layer.whenLate(() -> told.add("late"));
        layer.whenHeld(bytes -> told.add("held " + (bytes > 0)));
        server.pipeline().addLast(layer);
    }

    @AfterEach
    void close() {
        server.finishAndReleaseAll();
    }

    private ByteBuf hello() throws IOException {
        var hello = ByteBuffer.allocate(client.getSession().getPacketBufferSize());
        client.beginHandshake();
        client.wrap(ByteBuffer.allocate(0), hello);
        return Unpooled.wrappedBuffer(hello.flip());
    }

    /// The loop looks at its sockets all the time.
    private void pass(int timeMs) {
        for (int i = 0; i < timeMs / STEP_MS; i++) {
            late(STEP_MS);
        }
    }

    /// The loop comes to look only after so long.
    private void late(int timeMs) {
        server.advanceTimeBy(timeMs, TimeUnit.MILLISECONDS);
        server.runScheduledPendingTasks();
    }

    @Test
    void aPeerThatSaysNothingHasFiveSeconds() {
        pass(4_900);
        boolean open = server.isOpen();

        pass(200);

        assertThat(open).isTrue();
        assertThat(server.isOpen()).isFalse();
        assertThat(told).containsExactly("late");
    }

    @Test
    void whatOurThreadsTakeIsNotCounted() throws IOException {
        server.writeInbound(hello());

        pass(60_000);

        assertThat(arithmetic).isNotEmpty();
        assertThat(server.isOpen()).isTrue();
    }

    @Test
    void thenThePeerHasItsTime() throws IOException {
        server.writeInbound(hello());
        pass(60_000);
        while (!arithmetic.isEmpty()) {
            arithmetic.remove().run();
            server.runPendingTasks();
        }
        server.flushOutbound();
        pass(4_900);
        boolean open = server.isOpen();

        pass(200);

        assertThat(open).isTrue();
        assertThat(server.isOpen()).isFalse();
    }

    @Test
    void aLoopThatIsLateIsNotThePeersFault() throws IOException {
        late(60_000);
        late(60_000);

        server.writeInbound(hello());

        assertThat(arithmetic).isNotEmpty();
        assertThat(server.isOpen()).isTrue();
    }

    @Test
    void aRecordThatIsNotWholeIsTold() throws IOException {
        var hello = hello();
        server.writeInbound(hello.readRetainedSlice(hello.readableBytes() - 1));

        server.writeInbound(hello);

        assertThat(told).containsExactly("held true", "held false");
    }
}
