import contextlib
import io
import unittest

from benchmark.contestants import CONTESTANTS
from benchmark.options import parse
from benchmark.run import Run


class OptionsTest(unittest.TestCase):
    def test_everything_is_measured_by_default(self):
        options = parse([])

        self.assertEqual(list(CONTESTANTS), options.contestants)
        self.assertIn("limits", options.workloads)

    def test_a_quick_look_keeps_what_is_said(self):
        options = parse(["--quick", "--rounds", "3"])

        self.assertEqual((3, ["nsqd-ram", "ours"]), (options.rounds, options.contestants))

    def test_an_unknown_contestant_is_refused_with_those_that_are_known(self):
        printed = io.StringIO()

        with contextlib.redirect_stderr(printed), self.assertRaises(SystemExit):
            parse(["--contestants", "ours,rabbit"])

        self.assertIn("rabbit (expected: some of nsqd-ram,", printed.getvalue())

    def test_no_round_is_refused(self):
        with contextlib.redirect_stderr(io.StringIO()), self.assertRaises(SystemExit):
            parse(["--rounds", "0"])


class OrderTest(unittest.TestCase):
    def test_every_second_round_goes_the_other_way(self):
        self.assertEqual([["a", "b", "c"], ["c", "b", "a"]], [Run.in_turn(round_, ["a", "b", "c"]) for round_ in (0, 1)])
