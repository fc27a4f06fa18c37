package io.waystation.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.waystation.log.DiskFiles;
import io.waystation.log.ForwardingFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerCloseTest {
    @TempDir
    Path data;

    /// The ephemeral topics' directory, which is removed at the end, cannot be listed once it was made.
    private static final class Unremovable extends ForwardingFiles {
        private volatile boolean made;

        Unremovable() {
            super(new DiskFiles());
        }

        @Override
        public void createDirectories(Path directory) throws IOException {
            super.createDirectories(directory);
            made |= directory.endsWith("t#ephemeral");
        }

        @Override
        public List<String> list(Path directory) throws IOException {
            if (made && directory.endsWith("ephemeral")) {
                throw new IOException("Input/output error");
            }
            return super.list(directory);
        }
    }

    @Test
    void whatFailsToCloseLeavesNothingElseOpen() throws Exception {
        var broker = new TestBroker(new Unremovable(), data);
        broker.post("/pub?topic=kept", "x");
        broker.post("/pub?topic=t%23ephemeral", "x");

        assertThatThrownBy(broker::close).isInstanceOf(IOException.class).hasMessage("Input/output error");

        try (var next = new TestBroker(data)) {
            assertThat(next.get("/stats?format=json").body()).contains("\"topic_name\":\"kept\"");
        }
    }
}
