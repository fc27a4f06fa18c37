package io.waystation.client;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One broker's part of a consumer's channel. Safe from any thread: commands go through [NsqConnection], the rest
/// is latches. What comes is passed on on the connection's reading thread.
final class Feed implements NsqConnection.Listener, ReadyShares.Window {
    private static final Logger LOG = LoggerFactory.getLogger(Feed.class);

    private final String address;
    private final Consumer consumer;
    private final NsqConnection connection;
    private final CountDownLatch closeWait = new CountDownLatch(1);
    private volatile boolean gone;

    /// Connects and joins the channel; blocks for it. Nothing is read before [#start].
    Feed(String address, String topic, String channel, ClientOptions options, Consumer consumer) throws IOException {
        this.address = address;
        this.consumer = consumer;
        try {
            this.connection = new NsqConnection(BrokerAddress.parse(address), options, this);
        } catch (IllegalArgumentException noAddress) {
            throw new IOException(noAddress.getMessage(), noAddress);
        }
        try {
            connection.send("SUB " + topic + " " + channel + "\n");
        } catch (IOException failure) {
            connection.close();
            throw failure;
        }
    }

    void start() {
        connection.start();
    }

    String address() {
        return address;
    }

    /// Whether the connection is lost: its messages belong to others by now.
    boolean isGone() {
        return gone;
    }

    @Override
    public int maxReady() {
        return connection.maxReady();
    }

    @Override
    public void ready(int count) {
        send("RDY " + count + "\n");
    }

    void finish(Message message) {
        send("FIN " + message.id() + "\n");
    }

    void requeue(Message message, long delayMs) {
        send("REQ " + message.id() + " " + delayMs + "\n");
    }

    /// Asks for no more messages.
    void stop() {
        send("CLS\n");
    }

    /// What cannot be sent needs no further care: the reading thread finds the connection lost, and the broker
    /// gives the messages to others.
    private void send(String line) {
        try {
            connection.send(line);
        } catch (IOException lost) {
            LOG.atDebug()
                    .addKeyValue("broker", address)
                    .addKeyValue("cause", lost.getMessage())
                    .log("not sent");
        }
    }

    /// Waits until the broker sends no more messages, or until it takes too long.
    void awaitStopped(long timeoutNs) throws InterruptedException {
        if (!closeWait.await(timeoutNs, TimeUnit.NANOSECONDS)) {
            LOG.atDebug().addKeyValue("broker", address).log("no answer to CLS");
        }
    }

    void close() {
        connection.close();
    }

    @Override
    public void onMessage(Message message) {
        consumer.onMessage(this, message);
    }

    @Override
    public void onResponse(String payload) {
        if (payload.equals("CLOSE_WAIT")) {
            closeWait.countDown();
        }
    }

    @Override
    public void onError(String payload) {
        LOG.atWarn()
                .addKeyValue("broker", address)
                .addKeyValue("error", payload)
                .log("broker reported an error");
    }

    @Override
    public void onClosed(String cause) {
        gone = true;
        closeWait.countDown();
        consumer.onLost(this, cause);
    }
}
