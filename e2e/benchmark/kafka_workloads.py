"""The workloads on Kafka: its own kafka-producer-perf-test and kafka-consumer-perf-test, one process each, and `load`."""

import datetime
import re

from .daemon import BenchmarkError
from .measure import Meter, cost_figures, figures

# Of each run so much is the client's own warming up: both are young Java programs, unlike NSQ's.
PRODUCER_WARMUP_S = 1
CONSUMER_WARMUP_SHARE = 0.25
FIRST_RECORDS = 2_000_000
# Both start at the same time, but not equally fast: so long they run beside each other at least.
BOTH_S = 3
PUB_CONNECTIONS = 2

PRODUCED = re.compile(r"(\d+) steady state records sent, ([0-9.]+) records/sec")
CONSUMED = re.compile(r"^(\d{4}-\d\d-\d\d \d\d:\d\d:\d\d:\d{3}), \d+, [0-9.]+, [0-9.]+, (\d+),", re.MULTILINE)


def warm(daemon, seconds, workloads):
    """The same traffic first; its rate tells how many records fill a stretch of time: the programs count records."""
    topic = daemon.new_topic()
    daemon.records_per_s = produced_rate(daemon.produce(topic, FIRST_RECORDS, FIRST_RECORDS * 3 // 4).output())
    daemon.consume(topic, FIRST_RECORDS).output()
    for name in ("pub", "flow"):
        if name in workloads:
            WORKLOADS[name](daemon, seconds)


def publish_and_deliver(daemon, seconds):
    """200-byte records, acks 1; then the backlog read by one consumer of a group, which commits its position."""
    topic = daemon.new_topic()
    records, warmup = _counts(daemon, seconds)
    meter = Meter(daemon)
    rate = produced_rate(daemon.produce(topic, records, warmup).output())
    published = meter.burst(rate, records)
    meter = Meter(daemon)
    rate = consumed_rate(daemon.consume(topic, records).output(), records)
    return {**figures("publish", [published]), **figures("deliver", [meter.burst(rate, records)])}


def both(daemon, seconds):
    """Both at the same time; the cost is per message published or delivered."""
    topic = daemon.new_topic()
    records, warmup = _counts(daemon, max(seconds, BOTH_S))
    meter = Meter(daemon)
    consumer = daemon.consume(topic, records)
    publish_rate = produced_rate(daemon.produce(topic, records, warmup).output())
    deliver_rate = consumed_rate(consumer.output(), records)
    burst = meter.burst(publish_rate, 2 * records)
    return {"both.publish_rate": publish_rate, "both.deliver_rate": deliver_rate, **cost_figures("both", [burst])}


def pub(daemon, seconds):
    """One record a request and one after the other, on 2 connections that each wait for the answer; acks 1, no linger."""
    meter = Meter(daemon)
    result = daemon.load("pub", seconds, connections=PUB_CONNECTIONS, runfor="%.3fs" % seconds)
    return figures("pub", [meter.burst(result["messages"] / result["seconds"], result["messages"])])


def flow(daemon, seconds):
    """Record by record without waiting from 2 producers, consumed at once, 1 000 under way."""
    meter = Meter(daemon)
    result = daemon.load("capacity", seconds, runfor="%.3fs" % seconds)
    return figures("flow", [meter.burst(result["messages"] / result["seconds"], result["messages"])])


def _counts(daemon, seconds):
    warmup = int(daemon.records_per_s * PRODUCER_WARMUP_S)
    return warmup + int(daemon.records_per_s * seconds), warmup


def produced_rate(printed):
    """Records a second after the producer's warm-up."""
    found = PRODUCED.search(printed)
    if not found:
        raise BenchmarkError("kafka-producer-perf-test printed no rate:\n" + printed)
    return float(found.group(2))


def consumed_rate(printed, records):
    """Records a second between the consumer's first quarter and its last report."""
    reports = [(_seconds(at), int(count)) for at, count in CONSUMED.findall(printed)]
    steady = [report for report in reports if report[1] >= records * CONSUMER_WARMUP_SHARE]
    if len(steady) < 2 or "WARNING: Exiting" in printed:
        raise BenchmarkError("kafka-consumer-perf-test did not report on %d records:\n%s" % (records, printed))
    (start_s, start), (end_s, end) = steady[0], steady[-1]
    return (end - start) / (end_s - start_s)


def _seconds(at):
    return datetime.datetime.strptime(at, "%Y-%m-%d %H:%M:%S:%f").timestamp()


WORKLOADS = {"batches": publish_and_deliver, "pub": pub, "both": both, "flow": flow}
