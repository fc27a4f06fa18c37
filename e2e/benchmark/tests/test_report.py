import unittest

from benchmark.aims import AIMS
from benchmark.contestants import CONTESTANTS
from benchmark.figures import Figures
from benchmark.report import ROWS, is_client_bound, number, summary, table


def measured(**by_contestant):
    figures = Figures()
    for contestant, rounds in by_contestant.items():
        for values in rounds:
            figures.add(contestant.replace("_", "-"), values)
    return figures


def cells_of(text, title):
    """The cells of the row with this title."""
    (row,) = [line for line in text.splitlines() if line.startswith("| %s |" % title)]
    return [cell.strip() for cell in row.strip("|").split("|")][1:]


def chosen(*names):
    return [CONTESTANTS[name] for name in names]


class FiguresTest(unittest.TestCase):
    def test_a_ratio_is_that_of_the_medians(self):
        figures = measured(ours=[{"a": 1}, {"a": 30}, {"a": 5}], nsqd_ram=[{"a": 2}, {"a": 2}, {"a": 200}])

        self.assertEqual(2.5, figures.ratio("ours", "nsqd-ram", "a"))

    def test_there_is_no_ratio_to_what_was_not_measured(self):
        figures = measured(ours=[{"a": 1}])

        self.assertIsNone(figures.ratio("ours", "nsqd-ram", "a"))

    def test_there_is_no_ratio_to_nothing(self):
        figures = measured(ours=[{"a": 1}], nsqd_ram=[{"a": 0}])

        self.assertIsNone(figures.ratio("ours", "nsqd-ram", "a"))


class NumberTest(unittest.TestCase):
    def test_three_digits_are_shown(self):
        shown = [number(value) for value in (0, 0.01234, 0.5, 1.234, 12.34, 123.4, 12345.6)]

        self.assertEqual(["0", "0.0123", "0.500", "1.23", "12.3", "123", "12346"], shown)


class TableTest(unittest.TestCase):
    def test_a_cell_is_the_median_and_its_spread(self):
        figures = measured(ours=[{"publish.rate": 3e6}, {"publish.rate": 1e6}, {"publish.rate": 2e6}])

        cells = cells_of(table(figures, chosen("ours"), 2), "publish, MPUB 200, k msg/s")

        self.assertEqual("2000 (1000–3000)", cells[0])

    def test_what_was_not_measured_has_no_row(self):
        figures = measured(ours=[{"start_ms": 200}])

        text = table(figures, chosen("ours"), 2)

        self.assertEqual(3, len(text.splitlines()))

    def test_aims_stand_beside_what_was_reached(self):
        figures = measured(
            ours=[{"publish.rate": 3e6}], nsqd_ram=[{"publish.rate": 1e6}], nsqd_disk=[{"publish.rate": 0.5e6}]
        )

        cells = cells_of(table(figures, chosen("nsqd-ram", "nsqd-disk", "ours"), 2), "publish, MPUB 200, k msg/s")

        self.assertEqual(["3.00", "6.00"], cells[3:5])
        self.assertEqual("≥ 2.5 × nsqd RAM: 3.00 met; ≥ 10 × nsqd disk: 6.00 **missed**", cells[5])

    def test_an_absolute_aim_is_in_the_unit_of_its_row(self):
        figures = measured(ours=[{"latency50.p99": 4000}])

        cells = cells_of(table(figures, chosen("ours"), 2), "50 %: publish to handler p99, ms")

        self.assertEqual(["4.00", "≤ 5: met"], cells)

    def test_a_rate_that_the_clients_bound_says_so(self):
        figures = measured(
            ours=[{"publish.rate": 2.3e6, "publish.cpu_us": 0.29, "publish.client_cpu_us": 0.55}], nsqd_ram=[{"publish.rate": 1e6}]
        )

        printed = table(figures, chosen("nsqd-ram", "ours"), 2)

        self.assertEqual("≥ 2.5 × nsqd RAM: 2.30 **missed**; client-bound", cells_of(printed, "publish, MPUB 200, k msg/s")[3])
        self.assertEqual("", cells_of(printed, "publish, MPUB 200, CPU µs/msg")[3])

    def test_every_line_has_the_same_number_of_cells(self):
        figures = measured(ours=[{row.figure: 1 for row in ROWS}], nsqd_ram=[{"start_ms": 17}])

        widths = {line.count("|") for line in table(figures, chosen("nsqd-ram", "ours"), 2).splitlines()}

        self.assertEqual(1, len(widths))


class ClientBoundTest(unittest.TestCase):
    def bound(self, processors, **values):
        return is_client_bound(measured(ours=[{"both." + name: value for name, value in values.items()}]), "ours", "both", processors)

    def test_dearer_clients_on_busy_processors_are_the_limit(self):
        self.assertTrue(self.bound(2, publish_rate=1e6, deliver_rate=0.8e6, cpu_us=0.4, client_cpu_us=0.6))

    def test_clients_that_cost_less_than_the_server_are_not(self):
        self.assertFalse(self.bound(2, publish_rate=1e6, deliver_rate=1e6, cpu_us=0.6, client_cpu_us=0.4))

    def test_idle_processors_have_another_reason(self):
        self.assertFalse(self.bound(4, publish_rate=1e6, deliver_rate=0.8e6, cpu_us=0.4, client_cpu_us=0.6))

    def test_a_cost_that_was_not_measured_tells_nothing(self):
        self.assertFalse(self.bound(2, publish_rate=1e6, deliver_rate=1e6, cpu_us=0.6))


class AimTest(unittest.TestCase):
    def test_every_aim_is_of_a_row_of_the_table(self):
        rows = {row.figure for row in ROWS}

        strangers = [aim.figure for aim in AIMS if aim.figure not in rows]

        self.assertEqual([], strangers)

    def test_a_bound_that_is_just_reached_is_met(self):
        figures = measured(ours=[{"start_ms": 250, "idle_rss_mb": 60.1}])

        met = {aim.figure: aim.met(figures) for aim in AIMS if aim.figure in ("start_ms", "idle_rss_mb")}

        self.assertEqual({"start_ms": True, "idle_rss_mb": False}, met)

    def test_the_summary_counts_only_what_was_measured(self):
        figures = measured(ours=[{"start_ms": 100, "idle_rss_mb": 100}])

        self.assertEqual("1 of 2 aims met; %d not measured" % (len(AIMS) - 2), summary(figures))


if __name__ == "__main__":
    unittest.main()
