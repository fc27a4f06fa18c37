package io.waystation.broker.topic;

import java.io.IOException;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Loops, the disk's thread and HTTP requests all touch the volume; whatever they see must be one moment of it.
public class VolumeLincheckTest {
    private final Volume volume = new Volume();

    @Operation
    public void fail() {
        volume.fail(new IOException("broken"));
    }

    @Operation
    public void full(boolean isFull) {
        volume.full(isFull ? "full" : null);
    }

    @Operation
    public void cordon(boolean cordoned) {
        volume.cordon(cordoned);
    }

    @Operation
    public boolean isCordoned() {
        return volume.isCordoned();
    }

    @Operation
    public @Nullable String failure() {
        return volume.failure();
    }

    @Operation
    public @Nullable String refusal() {
        return volume.refusal();
    }

    @Test
    void everyoneSeesOneMoment() {
        new ModelCheckingOptions()
                .iterations(20)
                .invocationsPerIteration(500)
                .threads(2)
                .actorsPerThread(3)
                .check(VolumeLincheckTest.class);
    }
}
