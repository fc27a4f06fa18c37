package io.waystation.daemon.metrics;

import static io.waystation.daemon.metrics.MetricFamily.Kind.COUNTER;
import static io.waystation.daemon.metrics.MetricFamily.Kind.GAUGE;
import static io.waystation.daemon.metrics.MetricFamily.Kind.SUMMARY;
import static io.waystation.daemon.metrics.MetricFamily.Unit.BYTES;
import static io.waystation.daemon.metrics.MetricFamily.Unit.NONE;
import static io.waystation.daemon.metrics.MetricFamily.Unit.SECONDS;

import io.waystation.daemon.metrics.MetricFamily.Kind;
import io.waystation.daemon.metrics.MetricFamily.Unit;
import java.util.Arrays;
import java.util.List;

/// What every daemon shows: of its HTTP server, and of process and JVM under the names that Prometheus's own
/// clients give these, so that common dashboards find them.
public enum DaemonMetric {
    HTTP_ANSWERS(COUNTER, NONE, "waystation_http_requests_total", "HTTP requests by the kind of their answer.", "code"),
    CPU(COUNTER, SECONDS, "process_cpu_seconds_total", "CPU time of the process, user and kernel."),
    START_TIME(GAUGE, SECONDS, "process_start_time_seconds", "When the process began, in seconds since 1970."),
    RESIDENT(GAUGE, BYTES, "process_resident_memory_bytes", "Memory of the process that is in RAM."),
    VIRTUAL(GAUGE, BYTES, "process_virtual_memory_bytes", "Address space of the process."),
    OPEN_FILES(GAUGE, NONE, "process_open_fds", "Open file descriptors."),
    MAX_FILES(GAUGE, NONE, "process_max_fds", "How many file descriptors the process may have open."),
    JVM_USED(GAUGE, BYTES, "jvm_memory_used_bytes", "Memory of the JVM in use.", "area"),
    JVM_COMMITTED(GAUGE, BYTES, "jvm_memory_committed_bytes", "Memory that the JVM has from the system.", "area"),
    JVM_MAX(GAUGE, BYTES, "jvm_memory_max_bytes", "What the JVM may take at most.", "area"),
    BUFFERS(GAUGE, BYTES, "jvm_buffer_pool_used_bytes", "Memory of buffers outside the heap.", "pool"),
    GC(SUMMARY, SECONDS, "jvm_gc_collection_seconds", "Runs of the garbage collector and their time.", "gc"),
    THREADS(GAUGE, NONE, "jvm_threads_current", "Platform threads."),
    PEAK_THREADS(GAUGE, NONE, "jvm_threads_peak", "The most platform threads at once since the start."),
    CLASSES(GAUGE, NONE, "jvm_classes_currently_loaded", "Loaded classes.");

    @SuppressWarnings("ImmutableEnumChecker") // a record, and its list is a copy
    private final MetricFamily family;

    DaemonMetric(Kind kind, Unit unit, String name, String help, String... labels) {
        this.family = MetricFamily.of(kind, unit, name, help, labels);
    }

    MetricFamily family() {
        return family;
    }

    /// All of them, in the order of the page.
    public static List<MetricFamily> families() {
        return Arrays.stream(values()).map(DaemonMetric::family).toList();
    }
}
