package io.waystation.wire;

/// The grammar of topic and channel names: `^[.a-zA-Z0-9_-]+(#ephemeral)?$`, 1 to 64 bytes with the suffix.
public final class Names {
    public static final int MAX_LENGTH = 64;
    public static final String EPHEMERAL_SUFFIX = "#ephemeral";

    private Names() {}

    public static boolean isValid(CharSequence name) {
        int length = name.length();
        if (length == 0 || length > MAX_LENGTH) {
            return false;
        }
        int plain = isEphemeral(name) ? length - EPHEMERAL_SUFFIX.length() : length;
        if (plain == 0) {
            return false;
        }
        for (int i = 0; i < plain; i++) {
            if (!isNameCharacter(name.charAt(i))) {
                return false;
            }
        }
        return true;
    }

    /// Whether what bears this name lives in memory only and vanishes with its last user.
    public static boolean isEphemeral(CharSequence name) {
        int start = name.length() - EPHEMERAL_SUFFIX.length();
        if (start < 0) {
            return false;
        }
        return EPHEMERAL_SUFFIX.contentEquals(name.subSequence(start, name.length()));
    }

    private static boolean isNameCharacter(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || c == '.'
                || c == '_'
                || c == '-';
    }
}
