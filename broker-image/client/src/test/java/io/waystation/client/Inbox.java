package io.waystation.client;

import io.waystation.client.Consumer.Outcome;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/// A handler that keeps what it gets and fails as often as it is told.
final class Inbox implements Consumer.Handler {
    private final List<Message> messages = new ArrayList<>();
    private int failuresLeft;

    static Inbox failing(int times) {
        var inbox = new Inbox();
        inbox.failuresLeft = times;
        return inbox;
    }

    @Override
    public synchronized Outcome handle(Message message) {
        messages.add(message);
        if (failuresLeft > 0) {
            failuresLeft--;
            throw new IllegalStateException("told to fail");
        }
        return Outcome.FINISH;
    }

    synchronized List<String> bodies() {
        return messages.stream()
                .map(message -> new String(message.body(), StandardCharsets.UTF_8))
                .toList();
    }

    synchronized List<Message> messages() {
        return List.copyOf(messages);
    }

    void awaitCount(int count) {
        Awaitility.await(count + " messages").until(() -> messages().size(), size -> size >= count);
    }

    void await(String body) {
        Awaitility.await("message " + body).until(() -> bodies().contains(body));
    }
}
