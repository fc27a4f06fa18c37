import subprocess
import sys
import unittest

from benchmark.measure import Burst, Meter, figures

BUSY_S = 0.2
BUSY = "import time\nwhile time.process_time() < %g: pass" % BUSY_S


class BurstsTest(unittest.TestCase):
    def test_the_cost_is_shared_by_the_messages_of_all_bursts(self):
        bursts = [Burst(100, 1_000_000, 0.5, 0.25, 1, 80), Burst(300, 3_000_000, 1.5, 0.75, 3, 70)]

        measured = figures("publish", bursts)

        self.assertEqual(
            {
                "publish.rate": 200,
                "publish.cpu_us": 0.75,
                "publish.cpu_user_us": 0.5,
                "publish.cpu_kernel_us": 0.25,
                "publish.client_cpu_us": 1,
                "publish.peak_rss_mb": 80,
            },
            measured,
        )


class IdleDaemon:
    """A daemon that does nothing."""

    def reset_peak_rss(self):
        pass

    def cpu_seconds(self):
        return 7, 8

    def peak_rss_mb(self):
        return 100


class MeterTest(unittest.TestCase):
    def test_a_clients_processor_time_is_its_own_and_not_the_servers(self):
        meter = Meter(IdleDaemon())
        subprocess.run([sys.executable, "-c", BUSY], check=True)

        burst = meter.burst(1, 1)

        self.assertGreaterEqual(burst.clients_s, BUSY_S)
        self.assertEqual((0, 0, 100), (burst.user_s, burst.kernel_s, burst.peak_rss_mb))

    def test_a_client_that_ended_before_is_not_counted(self):
        subprocess.run([sys.executable, "-c", BUSY], check=True)
        meter = Meter(IdleDaemon())

        burst = meter.burst(1, 1)

        self.assertEqual(0, burst.clients_s)
