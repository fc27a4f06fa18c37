import unittest

from benchmark.daemon import BenchmarkError
from benchmark.nsq import RAM_QUEUE
from benchmark.nsq_workloads import BATCH, NSQS_OWN, THIN, Clients, batches, thin, warm


class Queue:
    """A daemon that is nothing but counts."""

    def __init__(self):
        self.published, self.unfinished = 0, 0
        self.backlog_sizes = {}
        self.runs = []

    def make_topic(self):
        pass

    def empty(self):
        self.unfinished = 0

    def settled(self):
        return self.published, self.unfinished

    def counts(self):
        return self.published, self.unfinished, 0, 0

    def reset_peak_rss(self):
        pass

    def cpu_seconds(self):
        return 0, 0

    def peak_rss_mb(self):
        return 0

    def bench(self, program, _seconds):
        self.runs.append(program)
        return self.publish(1000) if program == "bench_writer" else self.deliver(400)

    def start_load(self, kind, _seconds, **flags):
        self.runs.append(kind)
        return self.publish(flags.get("messages", 1000)) if kind == "publish" else self.deliver(400)

    def load(self, kind, _seconds, **_flags):
        self.runs.append(kind)

    def publish(self, messages):
        self.published += messages
        self.unfinished += messages
        return Ended(messages)

    def deliver(self, messages):
        messages = min(messages, self.unfinished)
        self.unfinished -= messages
        return Ended(messages)


class Ended:
    """A client that has ended."""

    def __init__(self, messages):
        self.messages = messages

    def rate(self):
        return self.messages


class BatchesTest(unittest.TestCase):
    def test_nsqs_own_programs_and_the_thin_clients_have_figures_of_their_own(self):
        daemon = Queue()
        warm(daemon, 1, ["batches", "thin"])

        measured = {**batches(daemon, 1), **thin(daemon, 1)}

        rates = {name: value for name, value in measured.items() if name.endswith("rate")}
        self.assertEqual(
            {
                "publish.rate": 1000,
                "deliver.rate": 400,
                "thin_publish.rate": RAM_QUEUE,
                "thin_deliver.rate": 400,
                "thin_both.publish_rate": 1000,
                "thin_both.deliver_rate": 0,
            },
            rates,
        )

    def test_a_thin_burst_is_bounded_by_what_nsqds_memory_holds(self):
        daemon = Queue()

        THIN.publish(daemon, 1, RAM_QUEUE)

        self.assertEqual(RAM_QUEUE, daemon.unfinished)
        self.assertEqual(0, RAM_QUEUE % BATCH)

    def test_only_the_clients_of_the_workload_warm_a_daemon(self):
        daemon = Queue()

        warm(daemon, 1, ["batches"])

        self.assertEqual({"bench_writer", "bench_reader", "pub"}, set(daemon.runs))

    def test_a_message_that_the_server_does_not_know_makes_the_run_invalid(self):
        class Losing(Queue):
            def publish(self, messages):
                super().publish(messages - 1)
                return Ended(messages)

        with self.assertRaisesRegex(BenchmarkError, "published: 2000000 messages .expected: 1999999."):
            thin(Losing(), 1)

    def test_a_message_that_was_finished_twice_makes_the_run_invalid(self):
        class Repeating(Queue):
            def deliver(self, messages):
                super().deliver(messages)
                return Ended(messages + 1)

        with self.assertRaisesRegex(BenchmarkError, "finished: 401 messages .expected: 400."):
            thin(Repeating(), 1)

    def test_a_backlog_that_does_not_outlast_the_burst_makes_the_run_invalid(self):
        class Fast(Queue):
            def deliver(self, _messages):
                return super().deliver(self.unfinished)

        with self.assertRaisesRegex(BenchmarkError, "was drained before the time was over"):
            batches(Fast(), 1)


    def test_a_delivery_that_outran_its_backlog_is_measured_with_a_larger_one(self):
        class Growing(Queue):
            def deliver(self, _messages):
                return super().deliver(2_500)

        measured = batches(Growing(), 1)

        self.assertEqual(2_500, measured["deliver.rate"])


class ClientsTest(unittest.TestCase):
    def test_longer_workloads_are_more_bursts_of_the_same_length(self):
        clients = Clients("", None, None, 1.2, 1)

        self.assertEqual([(0.3, 1), (1.2, 1), (1.2, 5)], [(clients.length_s(s), clients.burst_count(s)) for s in (0.3, 1.2, 6)])

    def test_one_burst_of_nsqs_own_is_as_much_as_two_thin_ones(self):
        self.assertEqual((1, 2), (NSQS_OWN.burst_count(1.2), THIN.burst_count(1.2)))
