package io.waystation.broker.net;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.broker.auth.AuthQuestion;
import io.waystation.broker.auth.AuthServers;
import io.waystation.wire.ProtocolException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class AccessTest {
    private final Loops loops = new Loops(1);

    @AfterEach
    void close() {
        loops.close();
    }

    @Test
    void aQuestionThatFailsByABugIsAnsweredAsOneThatNobodyAnswers() throws Exception {
        var second = Duration.ofSeconds(1);
        var servers = new AuthServers(
                List.of("127.0.0.1:1"), false, new AuthServers.Timeouts(second, second), null, count -> {
                    throw new IllegalStateException("a bug");
                });
        var loop = loops.all().getFirst();
        var access = new Access(new Questions(servers, 1000));
        var told = new CompletableFuture<Boolean>();

        loop.execute(
                () -> access.ask(new AuthQuestion("", false, "", new byte[] {'s'}), loop, () -> told.complete(true)));

        told.get(10, TimeUnit.SECONDS);
        assertThatThrownBy(access::requireGrant)
                .isInstanceOf(ProtocolException.class)
                .hasMessage("AUTH failed");
        servers.close();
    }
}
