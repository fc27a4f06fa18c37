package io.waystation.broker.auth;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.google.re2j.Pattern;
import com.google.re2j.PatternSyntaxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// What an auth server grants one client, for a time. Immutable.
public final class Authorizations {
    private static final String SUBSCRIBE = "subscribe";
    private static final String PUBLISH = "publish";
    private static final JsonFactory JSON = new JsonFactory();
    /// A grant for longer holds for so long; nsqd takes what overflows its clock for over.
    private static final long MAX_TTL_SECONDS = Integer.MAX_VALUE;

    private static final char BYTE_ORDER_MARK = '\ufeff';
    private static final int REPLACEMENT = 0xfffd;

    private final String identity;
    private final String identityUrl;
    private final long ttlSeconds;
    private final List<Authorization> entries;
    /// Of the patterns that hold for a part of a name, one; empty when there is none.
    private final String unanchored;

    private Authorizations(Answer answer) throws IOException {
        if (answer.ttlSeconds <= 0) {
            throw new IOException("ttl: " + answer.ttlSeconds + " (expected: more than 0 seconds)");
        }
        this.identity = answer.identity;
        this.identityUrl = answer.identityUrl;
        this.ttlSeconds = Math.min(answer.ttlSeconds, MAX_TTL_SECONDS);
        this.entries = List.copyOf(answer.entries);
        this.unanchored = answer.unanchored;
    }

    /// Reads an auth server's answer; all of it must be right.
    static Authorizations parse(byte[] body) throws IOException {
        return new Authorizations(new Answer(body));
    }

    public String identity() {
        return identity;
    }

    public String identityUrl() {
        return identityUrl;
    }

    public long ttlSeconds() {
        return ttlSeconds;
    }

    public int count() {
        return entries.size();
    }

    String unanchored() {
        return unanchored;
    }

    public boolean maySubscribe(String topic, String channel) {
        return entries.stream().anyMatch(entry -> entry.maySubscribe(topic, channel));
    }

    public boolean mayPublish(String topic) {
        return entries.stream().anyMatch(entry -> entry.mayPublish(topic));
    }

    /// The answer's JSON, as Go reads it: UTF-8 and nothing else, what is none replaced, no byte order mark. Keys match
    /// in any case, unknown ones are ignored, null is as good as absent, also as an element.
    private static final class Answer {
        private long ttlSeconds;
        private String identity = "";
        private String identityUrl = "";
        private final List<Authorization> entries = new ArrayList<>();
        private String unanchored = "";

        Answer(byte[] body) throws IOException {
            var text = new String(body, StandardCharsets.UTF_8);
            require(text.indexOf(BYTE_ORDER_MARK) != 0, "no byte order mark");
            try (var json = JSON.createParser(text)) {
                require(json.nextToken() == JsonToken.START_OBJECT, "an object");
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    read(json.currentName().toLowerCase(Locale.ROOT), json);
                }
                require(json.nextToken() == null, "one object");
            }
        }

        private void read(String key, JsonParser json) throws IOException {
            if (json.nextToken() == JsonToken.VALUE_NULL) {
                return;
            }
            switch (key) {
                case "ttl" -> {
                    require(json.currentToken() == JsonToken.VALUE_NUMBER_INT, "ttl as a whole number");
                    ttlSeconds = json.getLongValue();
                }
                case "identity" -> identity = text(json);
                case "identity_url" -> identityUrl = text(json);
                case "authorizations" -> {
                    require(json.currentToken() == JsonToken.START_ARRAY, "authorizations as an array");
                    while (json.nextToken() != JsonToken.END_ARRAY) {
                        entry(json);
                    }
                }
                default -> json.skipChildren();
            }
        }

        private void entry(JsonParser json) throws IOException {
            boolean isObject = json.currentToken() == JsonToken.START_OBJECT;
            require(isObject || json.currentToken() == JsonToken.VALUE_NULL, "authorizations as objects");
            var topic = "";
            List<String> channels = List.of();
            List<String> permissions = List.of();
            while (isObject && json.nextToken() == JsonToken.FIELD_NAME) {
                var key = json.currentName().toLowerCase(Locale.ROOT);
                if (json.nextToken() == JsonToken.VALUE_NULL) {
                    continue;
                }
                switch (key) {
                    case "topic" -> topic = text(json);
                    case "channels" -> channels = texts(json);
                    case "permissions" -> permissions = texts(json);
                    default -> json.skipChildren();
                }
            }
            entries.add(authorization(topic, channels, permissions));
        }

        private Authorization authorization(String topic, List<String> channels, List<String> permissions)
                throws IOException {
            for (var permission : permissions) {
                require(Set.of(SUBSCRIBE, PUBLISH).contains(permission), "subscribe or publish, not " + permission);
            }
            var patterns = new ArrayList<Pattern>();
            for (var channel : channels) {
                patterns.add(pattern(channel));
            }
            return new Authorization(
                    pattern(topic), patterns, permissions.contains(SUBSCRIBE), permissions.contains(PUBLISH));
        }

        private Pattern pattern(String text) throws IOException {
            boolean whole = text.isEmpty() || text.equals(".*") || (text.startsWith("^") && text.endsWith("$"));
            if (!whole) {
                unanchored = text;
            }
            try {
                return Pattern.compile(text);
            } catch (PatternSyntaxException malformed) {
                throw new IOException("pattern " + text + ": " + malformed.getMessage(), malformed);
            }
        }

        private static String text(JsonParser json) throws IOException {
            require(json.currentToken() == JsonToken.VALUE_STRING, json.currentName() + " as a string");
            return wellFormed(json.getText());
        }

        private static String wellFormed(String text) {
            return text.codePoints()
                    .map(point -> Character.getType(point) == Character.SURROGATE ? REPLACEMENT : point)
                    .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                    .toString();
        }

        private static List<String> texts(JsonParser json) throws IOException {
            var texts = new ArrayList<String>();
            require(json.currentToken() == JsonToken.START_ARRAY, json.currentName() + " as an array");
            while (json.nextToken() != JsonToken.END_ARRAY) {
                texts.add(json.currentToken() == JsonToken.VALUE_NULL ? "" : text(json));
            }
            return texts;
        }

        private static void require(boolean right, String expected) throws IOException {
            if (!right) {
                throw new IOException("malformed answer (expected: " + expected + ")");
            }
        }
    }
}
