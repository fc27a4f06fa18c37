import unittest

from benchmark import latency
from benchmark.figures import Figures
from benchmark.measure import Burst, figures


class BurstsTest(unittest.TestCase):
    def test_the_cost_is_shared_by_the_messages_of_all_bursts(self):
        bursts = [Burst(100, 1_000_000, 0.5, 0.25, 80), Burst(300, 3_000_000, 1.5, 0.75, 70)]

        measured = figures("publish", bursts)

        self.assertEqual(
            {
                "publish.rate": 200,
                "publish.cpu_us": 0.75,
                "publish.cpu_user_us": 0.5,
                "publish.cpu_kernel_us": 0.25,
                "publish.peak_rss_mb": 80,
            },
            measured,
        )


class RatesTest(unittest.TestCase):
    def test_the_slower_sets_the_rates(self):
        measured = Figures()
        measured.add("nsqd-ram", {"flow.rate": 50_000})
        measured.add("ours", {"flow.rate": 100_000})

        self.assertEqual({10: 5_000, 50: 25_000, 80: 40_000}, latency.rates(measured))

    def test_without_both_capacities_there_are_no_rates(self):
        measured = Figures()
        measured.add("ours", {"flow.rate": 100_000})

        self.assertEqual({}, latency.rates(measured))
