package io.waystation.operator.plan;

import io.waystation.operator.api.Correction;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// What somebody else changed and was changed back, remembered in the status so that nobody fights for ever.
///
/// What comes back changed [#TIMES] times within [#WINDOW] is left as it is for [#LONG], then changed back once,
/// and so on until it stays as it is to be. What stays is forgotten. A new generation begins anew: its values are
/// not those that somebody objected to.
public final class Corrections {
    static final int TIMES = 3;
    static final Duration WINDOW = Duration.ofMinutes(10);
    static final Duration LONG = Duration.ofMinutes(15);

    private Corrections() {}

    /// Those that a status remembers, if it is of this generation.
    public static List<Correction> known(
            @Nullable List<Correction> remembered, @Nullable Long observed, long generation) {
        return remembered == null || !Objects.equals(observed, generation) ? List.of() : remembered;
    }

    /// What is left as it is for now.
    static List<String> held(List<Correction> known, Instant now) {
        return known.stream()
                .filter(correction -> isFought(correction) && now.isBefore(end(correction)))
                .map(Correction::name)
                .toList();
    }

    /// What is to be remembered after a pass that changed these back, by name.
    static List<Correction> after(List<Correction> known, Collection<Corrected> corrected, Instant now) {
        var next = new TreeMap<String, Correction>();
        for (var correction : known) {
            if (now.isBefore(end(correction))) {
                next.put(correction.name(), correction);
            }
        }
        for (var fresh : corrected) {
            var before = find(known, fresh.name());
            boolean again = before != null && (isFought(before) || now.isBefore(end(before)));
            var text = Times.text(now);
            next.put(
                    fresh.name(),
                    before != null && again
                            ? new Correction(fresh.name(), before.times() + 1, before.since(), text, fresh.by())
                            : new Correction(fresh.name(), 1, text, text, fresh.by()));
        }
        return List.copyOf(next.values());
    }

    private static @Nullable Correction find(List<Correction> known, String name) {
        return known.stream()
                .filter(correction -> correction.name().equals(name))
                .findFirst()
                .orElse(null);
    }

    /// When it is forgotten unless it has come back changed by then.
    private static Instant end(Correction correction) {
        return isFought(correction)
                ? Instant.parse(correction.last()).plus(LONG)
                : Instant.parse(correction.since()).plus(WINDOW);
    }

    private static boolean isFought(Correction correction) {
        return correction.times() >= TIMES;
    }

    /// What comes back changed again and again, null when nothing does.
    static @Nullable String fights(List<Correction> corrections) {
        var fights = corrections.stream()
                .filter(Corrections::isFought)
                .collect(Collectors.toMap(Correction::name, Corrections::fight, (one, other) -> one, TreeMap::new));
        return fights.isEmpty() ? null : String.join("; ", ((Map<String, String>) fights).values());
    }

    private static String fight(Correction correction) {
        return correction.name() + " was changed back " + correction.times() + " times since " + correction.since()
                + (correction.by() == null ? "" : ", changed last by " + correction.by())
                + "; it stays as it is until " + Times.text(end(correction));
    }
}
