package io.waystation.broker.nsqd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class NsqdLockTest {
    private static final List<String> LOCKS = List.of(
            "1: POSIX  ADVISORY  WRITE 17 08:01:1310722 0 EOF",
            "2: FLOCK  ADVISORY  WRITE 4711 fd:0a:99 0 EOF",
            "2: -> FLOCK  ADVISORY  WRITE 4712 fd:0a:99 0 EOF");

    @Test
    void theHolderIsFoundByDeviceAndInode() {
        var owner = NsqdLock.owner(LOCKS, (0xfd << 8) | 0x0a, 99);

        assertThat(owner).isEqualTo("4711");
    }

    @Test
    void anotherDirectorysLockAndAnotherKindOfLockDoNotCount() {
        assertThat(NsqdLock.owner(LOCKS, (0xfd << 8) | 0x0b, 99)).isNull();
        assertThat(NsqdLock.owner(LOCKS, (0x08 << 8) | 0x01, 1310722)).isNull();
    }
}
