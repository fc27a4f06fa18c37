package io.waystation.broker.net;

import io.waystation.broker.auth.AuthQuestion;
import io.waystation.broker.auth.Authorizations;
import io.waystation.broker.loop.Loop;
import io.waystation.broker.topic.AuthStats;
import io.waystation.wire.ProtocolError;
import io.waystation.wire.ProtocolException;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// What one client may do where auth servers decide. Confined to the connection's loop; a question waits for its turn
/// and runs on a virtual thread, and meanwhile the session is paused.
///
/// A grant holds for its time to live and is renewed by the next command that needs it. A subscription that runs is not
/// asked about again. Without a grant nothing is kept of a question, whose secret may be as long as a body.
final class Access {
    private static final long MS_PER_SECOND = 1000;
    private static final Logger LOG = LoggerFactory.getLogger(Access.class);

    private final Questions questions;
    private @Nullable AuthQuestion question;
    private @Nullable Asking asking;
    /// Of secrets that are held here.
    private long secretBytes;

    private @Nullable Authorizations granted;
    private long expiresMs;
    private boolean renewalFailed;
    /// The topic of the last publish that was allowed, so that patterns are not tried with every message.
    private String publishTopic = "";

    Access(Questions questions) {
        this.questions = questions;
    }

    boolean isGranted() {
        return granted != null && granted.count() > 0;
    }

    /// What a client that was granted something is shown as.
    @Nullable AuthStats stats() {
        return granted == null || granted.count() == 0
                ? null
                : new AuthStats(granted.identity(), granted.identityUrl());
    }

    /// The client's first question; `then` runs on the loop.
    void ask(AuthQuestion first, Loop loop, Runnable then) {
        forget();
        int bytes = first.secret().length();
        if (!questions.secrets().take(bytes)) {
            giveUp(first, "the secrets of all clients reached their bound");
            take(first, null, loop);
            then.run();
            return;
        }
        secretBytes = bytes;
        query(first, loop, then);
    }

    boolean isExpired(Loop loop) {
        return isGranted() && !renewalFailed && loop.nowMs() >= expiresMs;
    }

    /// Asks again what was asked first; `then` runs on the loop.
    void renew(Loop loop, Runnable then) {
        var same = question;
        if (same == null) {
            throw new IllegalStateException("nothing was asked");
        }
        query(same, loop, then);
    }

    private void query(AuthQuestion asked, Loop loop, Runnable then) {
        var turn = new Asking(asked, loop, then);
        asking = turn;
        questions.turns().ask(turn);
    }

    /// The connection is at its end: what waits for its turn needs none.
    void onClosed() {
        var waiting = asking;
        if (waiting == null) {
            forget();
        } else {
            waiting.onClosed();
        }
    }

    /// Nothing is asked again.
    private void forget() {
        question = null;
        questions.secrets().give(secretBytes);
        secretBytes = 0;
    }

    private void giveUp(AuthQuestion asked, String cause) {
        questions.onGivenUp();
        LOG.atWarn()
                .addKeyValue("client", asked.remoteIp())
                .addKeyValue("cause", cause)
                .log("AUTH failed");
    }

    /// One question, from waiting for its turn to its answer.
    private final class Asking implements Turns.Waiter {
        private final AuthQuestion asked;
        private final Loop loop;
        private final Runnable then;
        private final long sinceMs;
        private boolean begun;
        private boolean closed;

        Asking(AuthQuestion asked, Loop loop, Runnable then) {
            this.asked = asked;
            this.loop = loop;
            this.then = then;
            this.sinceMs = loop.nowMs();
        }

        @Override
        public void onTurn() {
            loop.execute(this::begin);
        }

        private void begin() {
            if (closed) {
                return;
            }
            begun = true;
            if (loop.nowMs() - sinceMs > questions.servers().patienceMs()) {
                questions.turns().leave(this);
                giveUp(asked, "it waited for its turn for longer than a question may take");
                end(null);
            } else {
                Thread.startVirtualThread(this::run);
            }
        }

        void onClosed() {
            closed = true;
            if (!begun) {
                questions.turns().leave(this);
                forget();
            }
        }

        private void run() {
            var answer = answer(asked);
            questions.turns().leave(this);
            loop.execute(() -> end(answer));
        }

        private void end(@Nullable Authorizations answer) {
            asking = null;
            take(asked, answer, loop);
            if (closed) {
                forget();
            }
            then.run();
        }
    }

    private @Nullable Authorizations answer(AuthQuestion asked) {
        try {
            return questions.servers().ask(asked);
        } catch (IOException failure) {
            LOG.atWarn()
                    .addKeyValue("client", asked.remoteIp())
                    .addKeyValue("cause", failure.getMessage())
                    .log("AUTH failed");
        } catch (RuntimeException bug) {
            // The client waits, whatever happens here.
            LOG.atError().addKeyValue("client", asked.remoteIp()).setCause(bug).log("AUTH failed by a bug");
        } catch (InterruptedException closing) {
            Thread.currentThread().interrupt();
        }
        return null;
    }

    private void take(AuthQuestion asked, @Nullable Authorizations answer, Loop loop) {
        publishTopic = "";
        renewalFailed = answer == null;
        if (answer != null) {
            granted = answer;
            expiresMs = loop.nowMs() + answer.ttlSeconds() * MS_PER_SECOND;
        }
        if (isGranted()) {
            question = asked;
        } else {
            forget();
        }
    }

    /// What AUTH is answered.
    Authorizations requireGrant() throws ProtocolException {
        var answer = granted;
        if (renewalFailed || answer == null) {
            throw new ProtocolException(ProtocolError.E_AUTH_FAILED, "AUTH failed");
        }
        if (answer.count() == 0) {
            throw new ProtocolException(ProtocolError.E_UNAUTHORIZED, "AUTH no authorizations found");
        }
        return answer;
    }

    void requirePublish(String command, String topic) throws ProtocolException {
        if (topic.equals(publishTopic) && !renewalFailed) {
            return;
        }
        require(command, topic, "", known(command).mayPublish(topic));
        publishTopic = topic;
    }

    void requireSubscribe(String topic, String channel) throws ProtocolException {
        require("SUB", topic, channel, known("SUB").maySubscribe(topic, channel));
    }

    private Authorizations known(String command) throws ProtocolException {
        var answer = granted;
        if (answer == null) {
            throw new ProtocolException(ProtocolError.E_AUTH_FIRST, "AUTH required before " + command);
        }
        if (renewalFailed) {
            throw new ProtocolException(ProtocolError.E_AUTH_FAILED, "AUTH failed");
        }
        return answer;
    }

    private static void require(String command, String topic, String channel, boolean allowed)
            throws ProtocolException {
        if (!allowed) {
            throw new ProtocolException(
                    ProtocolError.E_UNAUTHORIZED,
                    "AUTH failed for " + command + " on \"" + topic + "\" \"" + channel + "\"");
        }
    }
}
