package io.waystation.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SettingsTest {
    private static final Option<String> ADDRESS = Option.string("tcp-address", "0.0.0.0:4150", "where to listen");
    private static final Option<Integer> COUNT =
            Option.integer("count", 1, 1, 9, "a number").dynamic();
    private static final Option<List<String>> LOOKUPS =
            Option.strings("lookupd-tcp-address", "a lookup").dynamic();
    private static final Options OPTIONS = Options.of("nsqd", ADDRESS, COUNT, LOOKUPS);

    @ParameterizedTest
    @CsvSource({"127.0.0.1:4150, 127.0.0.1, 4150", "[::1]:0, 0:0:0:0:0:0:0:1, 0"})
    void anAddressIsAHostAndAPort(String text, String host, int port) throws UsageException {
        var settings = OPTIONS.parse("--tcp-address=" + text);

        var address = settings.address(ADDRESS);

        assertThat(address.getAddress().getHostAddress()).isEqualTo(host);
        assertThat(address.getPort()).isEqualTo(port);
    }

    @Test
    void anAddressWithoutAHostIsEveryInterface() throws UsageException {
        var settings = OPTIONS.parse("--tcp-address=:4150");

        var address = settings.address(ADDRESS);

        assertThat(address.getAddress().isAnyLocalAddress()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "localhost", "localhost:", "localhost:http", "localhost:65536", "localhost:-1", "::1:1"})
    void anythingElseIsNoAddress(String text) throws UsageException {
        var settings = OPTIONS.parse("--tcp-address=" + text);

        var refusal = catchThrowableOfType(UsageException.class, () -> settings.address(ADDRESS));

        assertThat(refusal.exitCode()).isEqualTo(1);
        assertThat(refusal).hasMessageStartingWith("tcp-address: '" + text + "' (expected: host:port");
    }

    @Test
    void whatIsChangedWhileRunningHoldsFromThenOn() throws UsageException {
        var settings = OPTIONS.parse("--count=2");

        settings.set(COUNT, "3");

        assertThat(settings.get(COUNT)).isEqualTo(3);
        assertThat(settings.origin(COUNT)).isEqualTo("api");
    }

    @Test
    void aListIsChangedAsOneTextWithCommas() throws UsageException {
        var settings = OPTIONS.parse("--lookupd-tcp-address=a:1");

        settings.set(LOOKUPS, "b:2,c:3");

        assertThat(settings.get(LOOKUPS)).containsExactly("b:2", "c:3");
    }

    @Test
    void aBadChangeChangesNothing() throws UsageException {
        var settings = OPTIONS.parse("--count=2");

        assertThatThrownBy(() -> settings.set(COUNT, "10")).hasMessage("count: 10 (expected: 1..9)");
        assertThat(settings.get(COUNT)).isEqualTo(2);
    }

    @Test
    void whatNeedsARestartIsNotChanged() throws UsageException {
        var settings = OPTIONS.parse();

        assertThatThrownBy(() -> settings.set(ADDRESS, "a:1"))
                .hasMessage("tcp-address: cannot be changed while the program runs (expected: a restart)");
    }

    @Test
    void anotherProgramsOptionHasNoValue() throws UsageException {
        var settings = OPTIONS.parse();

        assertThatThrownBy(() -> settings.get(Option.string("other", "", "of another program")))
                .isInstanceOf(IllegalArgumentException.class);
    }
}
