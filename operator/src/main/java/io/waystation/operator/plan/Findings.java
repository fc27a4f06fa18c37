package io.waystation.operator.plan;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a pass has found out by acting. `settingRefusal` is what a broker said to a setting that it was given,
/// `growthRefusal` what Kubernetes said to a larger claim, `obstacle` why an object cannot be as it is to be,
/// `corrected` the objects that somebody else had changed. `outOfDate` says that objects have been changed since
/// they were read.
public record Findings(
        @Nullable String settingRefusal,
        @Nullable String growthRefusal,
        @Nullable Trouble obstacle,
        List<Corrected> corrected,
        boolean outOfDate) {
    public static final Findings NONE = new Findings(null, null, null, List.of(), false);

    public Findings {
        corrected = List.copyOf(corrected);
    }

    Findings withSettingRefusal(String words) {
        return new Findings(words, growthRefusal, obstacle, corrected, outOfDate);
    }

    Findings withGrowthRefusal(String words) {
        return new Findings(settingRefusal, words, obstacle, corrected, outOfDate);
    }

    Findings withObjects(@Nullable Trouble why, List<Corrected> changedBack, boolean changed) {
        return new Findings(settingRefusal, growthRefusal, why, changedBack, outOfDate || changed);
    }
}
