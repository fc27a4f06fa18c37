package io.waystation.broker.http;

import java.lang.management.ManagementFactory;
import java.util.LinkedHashMap;
import java.util.Map;

/// The process's memory under the names that nsqd gives to Go's. The collector's pauses are averages of the JVM's own
/// counters; objects are not counted by the JVM and shown as 0.
public record MemoryStats(Map<String, Long> figures) {
    private static final long MICROS_PER_MS = 1000;

    public static MemoryStats read() {
        var heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
        long runs = 0;
        long pausesMs = 0;
        for (var collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            runs += Math.max(collector.getCollectionCount(), 0);
            pausesMs += Math.max(collector.getCollectionTime(), 0);
        }
        long averagePauseUs = runs == 0 ? 0 : pausesMs * MICROS_PER_MS / runs;
        var figures = new LinkedHashMap<String, Long>();
        figures.put("heap_objects", 0L);
        figures.put("heap_idle_bytes", heap.getCommitted() - heap.getUsed());
        figures.put("heap_in_use_bytes", heap.getUsed());
        figures.put("heap_released_bytes", 0L);
        figures.put("gc_pause_usec_100", averagePauseUs);
        figures.put("gc_pause_usec_99", averagePauseUs);
        figures.put("gc_pause_usec_95", averagePauseUs);
        figures.put("next_gc_bytes", heap.getCommitted());
        figures.put("gc_total_runs", runs);
        return new MemoryStats(figures);
    }
}
