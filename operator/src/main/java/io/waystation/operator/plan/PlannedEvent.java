package io.waystation.operator.plan;

import io.waystation.operator.api.EventReason;

/// What a pass has to tell: an act, or a change of mind.
public record PlannedEvent(EventReason reason, String message) {}
