package io.waystation.lookup;

import com.fasterxml.jackson.core.JsonFactory;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.netty.channel.FixedRecvByteBufAllocator;
import io.netty.channel.WriteBufferWaterMark;
import io.waystation.daemon.HttpApi;
import io.waystation.daemon.Options;
import io.waystation.daemon.Program;
import io.waystation.daemon.Settings;
import io.waystation.daemon.TcpListener;
import io.waystation.daemon.UsageException;
import java.io.IOException;
import java.io.StringWriter;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The discovery daemon: brokers tell it what they have, consumers ask it where to go. Holds nothing on disk; brokers
/// tell everything again when they connect. Started and closed by `main`'s thread.
public final class Lookup implements Program.Daemon {
    /// Brokers connected at once; one more is closed at once.
    private static final int MAX_CONNECTIONS = 10_000;

    /// A read is small, because each of its lines may be answered before the next look at whether answers are read.
    private static final int RECEIVE_BYTES = 4096;

    private static final WriteBufferWaterMark WATER_MARK = new WriteBufferWaterMark(8 * 1024, 32 * 1024);
    /// Brokers ping every 15 s, whatever the timeout is set to.
    private static final long MIN_SILENCE_MS = 60_000;

    private static final Logger LOG = LoggerFactory.getLogger(Lookup.class);

    private final TcpListener tcp = new TcpListener("tcp-address", MAX_CONNECTIONS, this::accept);
    private final HttpApi http = new HttpApi();
    private final RegistrationDb registrations;
    private final String broadcastAddress;
    private final String hostname;
    private final long silenceMs;

    private Lookup(Settings settings, RegistrationLimits limits, Clock clock) {
        var inactive = settings.get(LookupOptions.INACTIVE_PRODUCER_TIMEOUT);
        this.registrations = new RegistrationDb(
                limits,
                clock,
                inactive.toNanos(),
                settings.get(LookupOptions.TOMBSTONE_LIFETIME).toNanos());
        this.silenceMs = Math.max(2 * inactive.toMillis(), MIN_SILENCE_MS);
        this.hostname = hostname();
        var given = settings.get(LookupOptions.BROADCAST_ADDRESS);
        this.broadcastAddress = given.isEmpty() ? hostname : given;
    }

    /// Starts a lookup; when it returns, both ports answer.
    public static Lookup start(Settings settings) throws IOException, UsageException {
        var tcpAddress = settings.address(LookupOptions.TCP_ADDRESS);
        var httpAddress = settings.address(LookupOptions.HTTP_ADDRESS);
        var lookup = new Lookup(settings, RegistrationLimits.defaults(), Clock.system());
        try {
            // HTTP first, because brokers are told its port.
            new LookupApi(lookup.registrations).addTo(lookup.http);
            new MetricsApi(lookup.registrations, lookup.http).addTo(lookup.http);
            lookup.http.start(httpAddress);
            lookup.tcp.start(tcpAddress);
        } catch (IOException | RuntimeException failure) {
            lookup.close();
            throw failure;
        }
        LOG.atInfo()
                .addKeyValue("tcpPort", lookup.tcpPort())
                .addKeyValue("httpPort", lookup.httpPort())
                .log("ready");
        return lookup;
    }

    private void accept(Channel channel) {
        channel.config().setOption(ChannelOption.ALLOW_HALF_CLOSURE, true);
        channel.config().setOption(ChannelOption.RECVBUF_ALLOCATOR, new FixedRecvByteBufAllocator(RECEIVE_BYTES));
        channel.config().setOption(ChannelOption.WRITE_BUFFER_WATER_MARK, WATER_MARK);
        var session =
                new LookupSession(registrations, this::describe, text((InetSocketAddress) channel.remoteAddress()));
        LookupConnection.addTo(channel.pipeline(), session, silenceMs);
    }

    private static String text(InetSocketAddress address) {
        var host = address.getAddress().getHostAddress();
        return (address.getAddress() instanceof Inet6Address ? "[" + host + "]" : host) + ":" + address.getPort();
    }

    private String describe() {
        return describe(broadcastAddress, hostname, httpPort(), tcpPort());
    }

    /// How a lookup describes itself to brokers.
    static String describe(String broadcastAddress, String hostname, int httpPort, int tcpPort) {
        var text = new StringWriter();
        try (var json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            json.writeStringField("broadcast_address", broadcastAddress);
            json.writeStringField("hostname", hostname);
            json.writeNumberField("http_port", httpPort);
            json.writeNumberField("tcp_port", tcpPort);
            json.writeStringField("version", Options.NSQ_VERSION);
            json.writeEndObject();
        } catch (IOException impossible) {
            throw new IllegalStateException(impossible);
        }
        return text.toString();
    }

    public int tcpPort() {
        return tcp.port();
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
    public void close() {
        tcp.close();
        http.close();
    }
}
