package io.waystation.broker.statsd;

import io.waystation.broker.http.MemoryStats;
import io.waystation.broker.topic.TopicStats;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Pushes the broker's figures to a statsd, time and again. Everything happens on one thread of its own; [#close]
/// is for any thread.
///
/// The packets of a push are spread over the interval less a second, so that a receiver with a small buffer gets them
/// all. What cannot be sent is lost, as is the way of UDP, and logged once a push.
public final class StatsdPush implements AutoCloseable {
    private static final long RESERVE_MS = 1000;
    private static final Logger LOG = LoggerFactory.getLogger(StatsdPush.class);

    /// Where the figures come from; may block.
    @FunctionalInterface
    public interface Figures {
        List<TopicStats> topics() throws IOException;
    }

    private final StatsdSettings settings;
    private final Figures figures;
    private final StatsdReport report;
    private final ScheduledExecutorService thread = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().name("statsd").daemon(true).factory());
    /// Packets of the present push; what is left when the next one begins is sent with that one's first.
    private final ArrayDeque<byte[]> packets = new ArrayDeque<>();

    private long pauseMs;
    private boolean failed;

    public StatsdPush(StatsdSettings settings, Figures figures) {
        this.settings = settings;
        this.figures = figures;
        this.report = new StatsdReport(settings);
    }

    /// The first push comes after one interval.
    public void start() {
        long intervalMs = settings.interval().toMillis();
        var _ = thread.scheduleAtFixedRate(this::push, intervalMs, intervalMs, TimeUnit.MILLISECONDS);
    }

    private void push() {
        try {
            while (!packets.isEmpty()) {
                send(packets.remove());
            }
            failed = false;
            var lines = report.lines(figures.topics(), MemoryStats.read().figures());
            packets.addAll(StatsdReport.packets(lines, settings.packetBytes()));
            long spreadMs = Math.max(0, settings.interval().toMillis() - RESERVE_MS);
            pauseMs = packets.isEmpty() ? 0 : spreadMs / packets.size();
            sendNext();
        } catch (IOException | RuntimeException failure) {
            // A scheduled task that throws would be the last one.
            LOG.atError().setCause(failure).log("statsd: no figures");
        }
    }

    private void sendNext() {
        while (!packets.isEmpty()) {
            send(packets.remove());
            if (pauseMs > 0 && !packets.isEmpty()) {
                var _ = thread.schedule(this::sendNext, pauseMs, TimeUnit.MILLISECONDS);
                return;
            }
        }
    }

    private void send(byte[] packet) {
        try (var socket = new DatagramSocket()) {
            int colon = settings.address().lastIndexOf(':');
            var host = settings.address()
                    .substring(0, Math.max(0, colon))
                    .replace("[", "")
                    .replace("]", "");
            int port = Integer.parseInt(settings.address().substring(colon + 1));
            // Asked each time, since the name may come to stand for another address.
            socket.send(new DatagramPacket(packet, packet.length, InetAddress.getByName(host), port));
        } catch (IOException | IllegalArgumentException failure) {
            if (!failed) {
                failed = true;
                LOG.atWarn()
                        .addKeyValue("address", settings.address())
                        .addKeyValue("cause", String.valueOf(failure.getMessage()))
                        .log("statsd: cannot be sent to");
            }
        }
    }

    @Override
    public void close() {
        thread.shutdownNow();
    }
}
