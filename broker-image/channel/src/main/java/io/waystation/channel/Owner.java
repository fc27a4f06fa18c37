package io.waystation.channel;

/// Who declared a topic or channel from outside; nobody else may change or delete it.
///
/// @param uid never used again for another
/// @param ref for people: `<namespace>/<name>`
public record Owner(String uid, String ref) {
    public Owner {
        if (uid.isEmpty() || uid.indexOf(' ') >= 0) {
            throw new IllegalArgumentException("owner uid: '" + uid + "' (expected: a text without spaces)");
        }
    }

    String toProperty() {
        return uid + " " + ref;
    }

    static Owner fromProperty(String text) {
        int space = text.indexOf(' ');
        return new Owner(text.substring(0, space), text.substring(space + 1));
    }
}
