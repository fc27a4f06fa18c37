package io.waystation.client;

import io.waystation.daemon.UsageException;
import io.waystation.lookup.Lookup;
import io.waystation.lookup.LookupOptions;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import org.awaitility.Awaitility;

/// A lookup in this process on free ports.
public final class LiveLookup implements AutoCloseable {
    private final Lookup lookup;
    private final HttpCalls http = new HttpCalls(Duration.ofSeconds(5), Duration.ofSeconds(5));

    public LiveLookup() throws IOException, UsageException {
        lookup = Lookup.start(LookupOptions.table()
                .parse("--tcp-address=127.0.0.1:0", "--http-address=127.0.0.1:0", "--broadcast-address=127.0.0.1"));
    }

    public String tcpAddress() {
        return "127.0.0.1:" + lookup.tcpPort();
    }

    public String httpAddress() {
        return "127.0.0.1:" + lookup.httpPort();
    }

    /// Waits until the lookup names so many brokers for a topic.
    public void awaitProducers(String topic, int count) {
        Awaitility.await("lookup names " + count + " brokers of " + topic)
                .ignoreExceptionsInstanceOf(IOException.class)
                .until(() -> http.producers(httpAddress(), topic, "tcp_port"), found -> hasSize(found, count));
    }

    private static boolean hasSize(Collection<?> found, int count) {
        return found.size() == count;
    }

    @Override
    public void close() throws IOException {
        lookup.close();
    }
}
