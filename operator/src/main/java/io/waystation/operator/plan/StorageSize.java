package io.waystation.operator.plan;

import io.fabric8.kubernetes.api.model.Quantity;
import java.util.List;

/// Sizes of volumes.
final class StorageSize {
    private static final List<String> BINARY = List.of("Mi", "Gi", "Ti", "Pi", "Ei");
    private static final List<String> DECIMAL = List.of("M", "G", "T", "P", "E");

    private StorageSize() {}

    /// In the one spelling that the API server gives back: `1Gi`, not `1024Mi`. `size` is as a spec has it.
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

    /// Whether it is less than the other one, in any spelling that Kubernetes has.
    static boolean isLess(String size, String other) {
        return Quantity.parse(size)
                        .getNumericalAmount()
                        .compareTo(Quantity.parse(other).getNumericalAmount())
                < 0;
    }
}
