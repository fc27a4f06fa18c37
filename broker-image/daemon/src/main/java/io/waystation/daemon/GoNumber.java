package io.waystation.daemon;

import java.math.BigInteger;
import java.util.Map;
import java.util.regex.Pattern;

/// Whole numbers as Go's flags take them: `1000`, `1_000`, `0x3e8`, `0o1750`, `0b1111101000`; and sizes, which may have
/// one of Kubernetes' units: `1Mi`.
final class GoNumber {
    /// Underscores stand between digits, and after a prefix.
    private static final Pattern WHOLE = Pattern.compile(
            "([+-]?)(0[xX]_?[0-9a-fA-F]+(?:_[0-9a-fA-F]+)*|0[bB]_?[01]+(?:_[01]+)*|0[oO]?_?[0-7]+(?:_[0-7]+)*"
                    + "|0|[1-9][0-9]*(?:_[0-9]+)*)");
    private static final Pattern SIZE = Pattern.compile("([0-9]+)(Ki|Mi|Gi|Ti)");
    private static final Map<String, Integer> UNIT_BITS = Map.of("Ki", 10, "Mi", 20, "Gi", 30, "Ti", 40);
    private static final int DECIMAL = 10;
    private static final int OCTAL = 8;

    private GoNumber() {}

    /// @throws NumberFormatException when the text is no number
    static BigInteger parse(String text) {
        var matcher = WHOLE.matcher(text);
        if (!matcher.matches()) {
            throw new NumberFormatException("no whole number");
        }
        var digits = matcher.group(2).replace("_", "");
        return switch (digits.length() > 1 && digits.charAt(0) == '0' ? Character.toLowerCase(digits.charAt(1)) : ' ') {
            case ' ' -> new BigInteger(matcher.group(1) + digits, DECIMAL);
            case 'x' -> new BigInteger(matcher.group(1) + digits.substring(2), 16);
            case 'b' -> new BigInteger(matcher.group(1) + digits.substring(2), 2);
            case 'o' -> new BigInteger(matcher.group(1) + digits.substring(2), OCTAL);
            default -> new BigInteger(matcher.group(1) + digits.substring(1), OCTAL);
        };
    }

    /// @throws NumberFormatException when the text is no size
    static BigInteger parseSize(String text) {
        var matcher = SIZE.matcher(text);
        if (!matcher.matches()) {
            return parse(text);
        }
        return new BigInteger(matcher.group(1)).shiftLeft(UNIT_BITS.getOrDefault(matcher.group(2), 0));
    }
}
