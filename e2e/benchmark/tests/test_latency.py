import unittest

from benchmark import latency
from benchmark.figures import Figures


class RatesTest(unittest.TestCase):
    def test_the_slower_sets_the_rates(self):
        measured = Figures()
        measured.add("nsqd-ram", {"flow.rate": 50_000})
        measured.add("ours", {"flow.rate": 100_000})

        self.assertEqual({10: 5_000, 50: 25_000, 80: 40_000}, latency.rates(measured))

    def test_kafkas_capacity_sets_no_rate(self):
        measured = Figures()
        for contestant, rate in (("nsqd-ram", 50_000), ("kafka", 10), ("ours", 100_000)):
            measured.add(contestant, {"flow.rate": rate})

        self.assertEqual(5_000, latency.rates(measured)[10])

    def test_without_both_capacities_there_are_no_rates(self):
        measured = Figures()
        measured.add("ours", {"flow.rate": 100_000})

        self.assertEqual({}, latency.rates(measured))


class Echo:
    """A daemon whose latencies are the rates."""

    def __init__(self, has_output_buffer):
        self.has_output_buffer = has_output_buffer
        self.loads = []

    def load(self, kind, _seconds, rate, buffered="false", **_flags):
        self.loads.append((kind, rate, buffered))
        times = {"p50": int(rate), "p99": int(rate) * 2}
        return {"endToEnd": times, "publish": times, "generator": times}


class MeasureTest(unittest.TestCase):
    def test_every_share_has_its_figures(self):
        daemon = Echo(True)

        measured = latency.measure(daemon, {10: 5_000.4, 50: 25_000}, 6, 2)

        self.assertEqual(5_000.4, measured["latency10.rate"])
        self.assertEqual((10_000, 10_000), (measured["latency10.p99"], measured["latency10.publish_p99"]))
        self.assertEqual((25_000, 50_000), (measured["latency50.generator_p50"], measured["latency50.buffered_p99"]))
        self.assertEqual([("latency", "5000", "false"), ("latency", "5000", "true")], daemon.loads[:2])

    def test_who_has_no_output_buffer_is_not_measured_with_it(self):
        daemon = Echo(False)

        measured = latency.measure(daemon, {10: 5_000}, 6, 2)

        self.assertEqual([("latency", "5000", "false")], daemon.loads)
        self.assertNotIn("latency10.buffered_p50", measured)
