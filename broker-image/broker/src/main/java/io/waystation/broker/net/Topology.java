package io.waystation.broker.net;

import io.waystation.channel.Proximity;
import org.jspecify.annotations.Nullable;

/// Where this broker stands; empty names are unknown places, and near to nothing. Immutable.
///
/// @param preferring whether messages go to the nearest consumer that has room
public record Topology(String region, String zone, boolean preferring) {

    /// How near a client is; null when that does not matter.
    @Nullable Proximity proximityOf(String clientRegion, String clientZone) {
        if (!preferring) {
            return null;
        }
        if (!zone.isEmpty() && zone.equals(clientZone)) {
            return Proximity.ZONE;
        }
        return !region.isEmpty() && region.equals(clientRegion) ? Proximity.REGION : Proximity.ELSEWHERE;
    }
}
