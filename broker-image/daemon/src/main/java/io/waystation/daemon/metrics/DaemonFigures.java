package io.waystation.daemon.metrics;

import com.sun.management.UnixOperatingSystemMXBean;
import io.waystation.daemon.HttpReplyCounts;
import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Writes what a daemon's HTTP server, the JVM and the kernel tell of it. The management beans are loaded by the
/// first page, not at the start.
public final class DaemonFigures {
    private static final Path STATUS = Path.of("/proc/self/status");
    private static final double MILLIS_PER_SECOND = 1000;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final long BYTES_PER_KIB = 1024;
    private static final Logger LOG = LoggerFactory.getLogger(DaemonFigures.class);

    private DaemonFigures() {}

    public static void write(Exposition page, HttpReplyCounts replies) {
        page.family(DaemonMetric.HTTP_ANSWERS.family());
        for (int digit = 1; digit <= HttpReplyCounts.CLASSES; digit++) {
            page.sample(replies.ofClass(digit), digit + "xx");
        }
        writeProcess(page);
        writeMemory(page);
        writeBuffers(page);
        writeCollections(page);
        var threads = ManagementFactory.getThreadMXBean();
        page.family(DaemonMetric.THREADS.family()).sample(threads.getThreadCount());
        page.family(DaemonMetric.PEAK_THREADS.family()).sample(threads.getPeakThreadCount());
        page.family(DaemonMetric.CLASSES.family())
                .sample(ManagementFactory.getClassLoadingMXBean().getLoadedClassCount());
    }

    private static void writeProcess(Exposition page) {
        if (ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean system) {
            page.family(DaemonMetric.CPU.family()).sample(system.getProcessCpuTime() / NANOS_PER_SECOND);
            page.family(DaemonMetric.OPEN_FILES.family()).sample(system.getOpenFileDescriptorCount());
            page.family(DaemonMetric.MAX_FILES.family()).sample(system.getMaxFileDescriptorCount());
        }
        page.family(DaemonMetric.START_TIME.family())
                .sample(ManagementFactory.getRuntimeMXBean().getStartTime() / MILLIS_PER_SECOND);
        var status = status();
        writeKib(page, DaemonMetric.RESIDENT, status, "VmRSS:");
        writeKib(page, DaemonMetric.VIRTUAL, status, "VmSize:");
    }

    private static void writeKib(Exposition page, DaemonMetric metric, String status, String key) {
        var kib = kib(status, key);
        if (kib.isPresent()) {
            page.family(metric.family()).sample(kib.getAsLong() * BYTES_PER_KIB);
        }
    }

    /// What Linux says of this process; empty elsewhere.
    private static String status() {
        try {
            return Files.readString(STATUS);
        } catch (NoSuchFileException notLinux) {
            return "";
        } catch (IOException unreadable) {
            LOG.atWarn().setCause(unreadable).log("cannot read the memory of the process");
            return "";
        }
    }

    static OptionalLong kib(String status, String key) {
        for (var line : status.split("\n", -1)) {
            if (line.startsWith(key)) {
                var digits = line.substring(key.length()).replace("kB", "").strip();
                return OptionalLong.of(Long.parseLong(digits));
            }
        }
        return OptionalLong.empty();
    }

    private static void writeMemory(Exposition page) {
        var memory = ManagementFactory.getMemoryMXBean();
        var heap = memory.getHeapMemoryUsage();
        var other = memory.getNonHeapMemoryUsage();
        page.family(DaemonMetric.JVM_USED.family())
                .sample(heap.getUsed(), "heap")
                .sample(other.getUsed(), "nonheap");
        page.family(DaemonMetric.JVM_COMMITTED.family())
                .sample(heap.getCommitted(), "heap")
                .sample(other.getCommitted(), "nonheap");
        page.family(DaemonMetric.JVM_MAX.family());
        writeMax(page, heap, "heap");
        writeMax(page, other, "nonheap");
    }

    /// The JVM says -1 where there is no bound.
    private static void writeMax(Exposition page, MemoryUsage usage, String area) {
        if (usage.getMax() >= 0) {
            page.sample(usage.getMax(), area);
        }
    }

    private static void writeBuffers(Exposition page) {
        page.family(DaemonMetric.BUFFERS.family());
        for (var pool : ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class)) {
            page.sample(pool.getMemoryUsed(), pool.getName());
        }
    }

    private static void writeCollections(Exposition page) {
        page.family(DaemonMetric.GC.family());
        for (var collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            page.summary(
                    Math.max(collector.getCollectionCount(), 0),
                    Math.max(collector.getCollectionTime(), 0) / MILLIS_PER_SECOND,
                    collector.getName());
        }
    }
}
