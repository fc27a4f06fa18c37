package io.waystation.lookup;

import io.waystation.daemon.HttpApi;
import io.waystation.daemon.Options;
import io.waystation.daemon.Program;
import io.waystation.daemon.Settings;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.UnknownHostException;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The discovery daemon: brokers tell it what they have, consumers ask it where to go. Holds nothing on disk; brokers
/// tell
/// everything again when they connect. Started and closed by `main`'s thread.
public final class Lookup implements Program.Daemon {
    /// Brokers connected at once; one more is closed at once.
    private static final int MAX_CONNECTIONS = 10_000;

    private static final int BACKLOG = 1024;
    private static final int MIN_SILENCE_MS = 60_000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;
    private static final Logger LOG = LoggerFactory.getLogger(Lookup.class);

    private final ServerSocket listener = new ServerSocket();
    private final HttpApi http = new HttpApi();
    private final RegistrationDb registrations;
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private final String broadcastAddress;
    private final String hostname;
    private final int silenceMs;

    private Lookup(Settings settings, Clock clock) throws IOException {
        var inactive = settings.get(LookupOptions.INACTIVE_PRODUCER_TIMEOUT);
        this.registrations = new RegistrationDb(
                clock,
                inactive.toNanos(),
                settings.get(LookupOptions.TOMBSTONE_LIFETIME).toNanos());
        this.silenceMs = Math.clamp(2 * inactive.toMillis(), MIN_SILENCE_MS, Integer.MAX_VALUE);
        this.hostname = hostname();
        var given = settings.get(LookupOptions.BROADCAST_ADDRESS);
        this.broadcastAddress = given.isEmpty() ? hostname : given;
    }

    /// Starts a lookup; when it returns, both ports answer.
    public static Lookup start(Settings settings) throws IOException, UsageException {
        return start(settings, () -> {
            var now = Instant.now();
            return now.getEpochSecond() * NANOS_PER_SECOND + now.getNano();
        });
    }

    static Lookup start(Settings settings, Clock clock) throws IOException, UsageException {
        var tcpAddress = settings.address(LookupOptions.TCP_ADDRESS);
        var httpAddress = settings.address(LookupOptions.HTTP_ADDRESS);
        var lookup = new Lookup(settings, clock);
        try {
            lookup.listen(tcpAddress);
            new LookupApi(lookup.registrations).addTo(lookup.http);
            lookup.http.start(httpAddress);
        } catch (IOException failure) {
            lookup.close();
            throw failure;
        }
        LOG.atInfo()
                .addKeyValue("tcpPort", lookup.tcpPort())
                .addKeyValue("httpPort", lookup.httpPort())
                .log("ready");
        return lookup;
    }

    private void listen(InetSocketAddress address) throws IOException {
        try {
            listener.setReuseAddress(true);
            listener.bind(address, BACKLOG);
        } catch (IOException taken) {
            throw new IOException(
                    "tcp-address: cannot listen on " + address.getHostString() + ":" + address.getPort() + ": "
                            + taken.getMessage(),
                    taken);
        }
        Thread.ofVirtual().name("accept").start(this::accept);
    }

    private void accept() {
        while (!listener.isClosed()) {
            try {
                var socket = listener.accept();
                if (sockets.size() >= MAX_CONNECTIONS) {
                    LOG.atWarn().addKeyValue("limit", MAX_CONNECTIONS).log("connection refused: too many");
                    socket.close();
                    continue;
                }
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException failure) {
                if (!listener.isClosed()) {
                    LOG.atError().setCause(failure).log("cannot accept");
                }
            }
        }
    }

    private void serve(Socket socket) {
        try {
            new LookupConnection(socket, registrations, this::describe, silenceMs).run();
        } catch (IOException gone) {
            LOG.atDebug().addKeyValue("cause", gone.getMessage()).log("client lost");
        } finally {
            sockets.remove(socket);
        }
    }

    private String describe() {
        return LookupConnection.describe(broadcastAddress, hostname, httpPort(), tcpPort(), Options.NSQ_VERSION);
    }

    public int tcpPort() {
        return listener.getLocalPort();
    }

    public int httpPort() {
        return http.port();
    }

    private static String hostname() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "localhost";
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        http.close();
        for (var socket : sockets) {
            socket.close();
        }
    }
}
