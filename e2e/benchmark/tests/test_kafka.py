import unittest

from benchmark.daemon import BenchmarkError
from benchmark.kafka_workloads import WORKLOADS, consumed_rate, produced_rate
from benchmark.load import command
from benchmark.programs import LOAD

PRODUCER = """Warmup first 500000 records. Steady state results will print after the complete test summary.
1000000 records sent, 250000.000000 records/sec (47.68 MB/sec), 9.10 ms avg latency, 90.00 ms max latency, 1 ms 50th.
500000 steady state records sent, 500000.000000 records/sec (95.37 MB/sec), 9.10 ms avg latency, 90.00 ms max latency.
"""

CONSUMER = """time, threadId, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec, rebalance.time.ms, fetch.time.ms
2025-11-25 21:00:01:000, 0, 19.0735, 381.4697, 100000, 2000000.0000, 40, 10, 1907.3486, 10000000.0000
2025-11-25 21:00:02:000, 0, 57.2205, 762.9395, 300000, 4000000.0000, 0, 50, 762.9395, 4000000.0000
2025-11-25 21:00:02:500, 0, 190.7349, 762.9395, 1000000, 4000000.0000, 0, 50, 762.9395, 4000000.0000
"""


class KafkaOutputTest(unittest.TestCase):
    def test_the_producers_rate_is_that_after_its_warmup(self):
        self.assertEqual(500_000, produced_rate(PRODUCER))

    def test_the_consumers_rate_is_that_after_its_first_quarter(self):
        self.assertEqual(1_400_000, consumed_rate(CONSUMER, 1_000_000))

    def test_a_consumer_that_gave_up_has_no_rate(self):
        with self.assertRaises(BenchmarkError):
            consumed_rate(CONSUMER + "WARNING: Exiting before consuming the expected number of messages", 1_000_000)

    def test_a_producer_that_failed_has_no_rate(self):
        with self.assertRaises(BenchmarkError):
            produced_rate("org.apache.kafka.common.errors.TimeoutException")


class Broker:
    """A broker that uses a second of processor time for each load of 1 000 messages in half a second."""

    def __init__(self):
        self.loads = []

    def load(self, kind, _seconds, **flags):
        self.loads.append((kind, flags))
        return {"messages": 1000, "seconds": 0.5}

    def reset_peak_rss(self):
        pass

    def cpu_seconds(self):
        return len(self.loads) * 0.75, len(self.loads) * 0.25

    def peak_rss_mb(self):
        return 900


class KafkaLoadTest(unittest.TestCase):
    def measured(self, workload):
        daemon = Broker()
        measured = WORKLOADS[workload](daemon, 1.2)
        return daemon.loads, measured

    def test_one_by_one_is_measured_on_as_many_connections_as_with_nsqs_protocol(self):
        loads, measured = self.measured("pub")

        self.assertEqual([("pub", {"connections": 2, "runfor": "1.200s"})], loads)
        self.assertEqual((2000, 1000, 900), tuple(measured["pub." + key] for key in ("rate", "cpu_us", "peak_rss_mb")))

    def test_the_capacity_of_the_flow_is_measured(self):
        loads, measured = self.measured("flow")

        self.assertEqual([("capacity", {"runfor": "1.200s"})], loads)
        self.assertEqual((2000, 750, 250), tuple(measured["flow." + key] for key in ("rate", "cpu_user_us", "cpu_kernel_us")))

    def test_flags_are_given_as_go_takes_them(self):
        words = command("latency", "a:1", {"rate": 5, "kafka": "true"})

        self.assertEqual([LOAD, "latency", "-address", "a:1", "-rate=5", "-kafka=true"], words)
