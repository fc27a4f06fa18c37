package io.waystation.operator.plan;

import java.util.List;

/// Sizes in the one spelling that the API server gives back: `1Gi`, not `1024Mi`.
final class StorageSize {
    private static final List<String> BINARY = List.of("Mi", "Gi", "Ti", "Pi", "Ei");
    private static final List<String> DECIMAL = List.of("M", "G", "T", "P", "E");

    private StorageSize() {}

    static String canonical(String size) {
        boolean binary = size.endsWith("i");
        int digits = size.length() - (binary ? 2 : 1);
        var units = binary ? BINARY : DECIMAL;
        int base = binary ? 1024 : 1000;
        long number = Long.parseLong(size.substring(0, digits));
        int unit = units.indexOf(size.substring(digits));
        while (number % base == 0 && unit + 1 < units.size()) {
            number /= base;
            unit++;
        }
        return number + units.get(unit);
    }
}
