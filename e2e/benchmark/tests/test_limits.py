import unittest
from unittest import mock

from benchmark import limits


class FakeDaemon:
    """Has 50 MB, 20 MB more with the first things that are made, and one with each thing."""

    def __init__(self):
        self.things = 0
        self.released = 0

    def make(self, _, count, prefix):
        self.things += count
        return self.release, count

    def release(self):
        self.released += 1

    def make_topic(self, topic):
        pass

    def rss_mb(self):
        return 50 + (20 if self.things else 0) + self.things

    def cpu_seconds(self):
        return 1.0, 0.5

    def get(self, path, method="GET", body=None):
        return b"OK"


class LimitsTest(unittest.TestCase):
    def setUp(self):
        self.daemon = FakeDaemon()
        with mock.patch.object(limits, "REST_S", 0):
            self.figures = limits._measured("things", self.daemon, 100, 0.001, self.daemon.make)

    def test_what_the_first_steps_take_counts_for_no_single_thing(self):
        self.assertEqual(1024 * 1024, self.figures["things.bytes_each"])

    def test_the_first_tenth_is_part_of_the_whole(self):
        self.assertEqual((100, 100), (self.figures["things.count"], self.daemon.things))

    def test_all_of_them_are_given_up_at_the_end(self):
        self.assertEqual(2, self.daemon.released)
