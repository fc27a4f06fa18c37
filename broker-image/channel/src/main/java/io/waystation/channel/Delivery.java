package io.waystation.channel;

import java.util.Arrays;
import java.util.stream.Collectors;

/// How a channel shares its messages among its consumers.
public enum Delivery {
    /// NSQ's: each message goes to whoever has room, in no order.
    SHARED("Shared"),

    /// One consumer gets all of them, one after the other in the order of the log; the others stand by.
    EXCLUSIVE("Exclusive"),

    /// Messages of one key go to one consumer, one after the other in the order of the log; those without a key to
    /// whoever has room.
    KEY_SHARED("KeyShared");

    private final String text;

    Delivery(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    /// The names, for messages.
    public static String names() {
        return Arrays.stream(values()).map(Delivery::text).collect(Collectors.joining(", "));
    }

    public static Delivery of(String text) {
        for (var delivery : values()) {
            if (delivery.text.equals(text)) {
                return delivery;
            }
        }
        throw new IllegalArgumentException("delivery: '" + text + "' (expected: " + names() + ")");
    }
}
