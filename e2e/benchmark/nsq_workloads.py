"""The workloads on a daemon that speaks NSQ's protocol. Each returns figures by name and fails if messages are missing."""

from .daemon import BenchmarkError
from .measure import Meter, cost_figures, figures
from .nsq import TOPIC

# What nsqd's memory queue of 2 000 000 messages holds of a fast publisher: longer bursts would measure its disk queue.
BURST_S = 1.2
FEW_CONNECTIONS, MANY_CONNECTIONS = 2, 64


def warm(daemon, seconds):
    """The same traffic first, so that neither a cold compiler nor an empty heap is measured."""
    daemon.make_topic()
    length_s = min(seconds, BURST_S)
    for _ in range(2):
        daemon.bench("bench_writer", length_s).rate()
        _fill(daemon, length_s)
        _drain(daemon, length_s)
        daemon.empty()
    daemon.load("pub", length_s, topic=TOPIC, connections=FEW_CONNECTIONS, runfor="%.3fs" % length_s)
    daemon.empty()


def _burst_count(seconds):
    return max(1, round(seconds / BURST_S))


def publish_and_deliver(daemon, seconds):
    """MPUB of 200 messages on each of 2 connections, then the backlog drained by 2 consumers; in short bursts of both."""
    published, delivered, on_disk = [], [], 0
    for _ in range(_burst_count(seconds)):
        length_s = min(seconds, BURST_S)
        published.append(_publish(daemon, length_s))
        on_disk += daemon.counts()[3]
        delivered.append(_deliver(daemon, length_s))
        daemon.empty()
    share = on_disk / max(sum(burst.messages for burst in published), 1)
    return {**figures("publish", published), **figures("deliver", delivered), "publish.on_disk": share}


def _publish(daemon, seconds):
    before, unfinished_before = daemon.settled()
    meter = Meter(daemon)
    rate = daemon.bench("bench_writer", seconds).rate()
    after, unfinished = daemon.settled()
    if unfinished - unfinished_before != after - before:
        raise BenchmarkError("waiting: %d messages (expected: %d)" % (unfinished - unfinished_before, after - before))
    return meter.burst(rate, after - before)


def _deliver(daemon, seconds):
    _fill(daemon, seconds)
    meter = Meter(daemon)
    rate, delivered, drained = _drain(daemon, seconds)
    if drained:
        raise BenchmarkError("the backlog of %d messages was drained before the time was over" % delivered)
    return meter.burst(rate, delivered)


def _fill(daemon, seconds):
    """Publishes until the backlog will last for so long, as far as earlier deliveries tell."""
    while daemon.settled()[1] < daemon.backlog_size:
        daemon.bench("bench_writer", seconds).rate()


def _drain(daemon, seconds):
    """(rate, delivered messages, whether nothing was left); remembers how much backlog the next time needs."""
    _, before = daemon.settled()
    rate = daemon.bench("bench_reader", seconds).rate()
    _, after = daemon.settled()
    delivered = before - after
    daemon.backlog_size = 2 * delivered if after == 0 else 1.25 * delivered
    return rate, delivered, after == 0


def both(daemon, seconds):
    """Publishing in batches and consuming at the same time; the cost is per message published or delivered."""
    daemon.empty()
    before, _ = daemon.settled()
    meter = Meter(daemon)
    reader = daemon.bench("bench_reader", seconds)
    writer = daemon.bench("bench_writer", seconds)
    publish_rate, deliver_rate = writer.rate(), reader.rate()
    # Not settled: with its queue on disk nsqd may take longer to hand all of it to the channel than this took.
    after, in_channel, in_topic, _ = daemon.counts()
    burst = meter.burst(publish_rate, 2 * (after - before) - in_channel - in_topic)
    daemon.empty()
    return {"both.publish_rate": publish_rate, "both.deliver_rate": deliver_rate, **cost_figures("both", [burst])}


def pub(daemon, seconds):
    """One PUB after the other on 2 connections."""
    return _pub(daemon, "pub", FEW_CONNECTIONS, seconds)


def pub_many(daemon, seconds):
    """One PUB after the other on each of 64 connections."""
    return _pub(daemon, "pub64", MANY_CONNECTIONS, seconds)


def _pub(daemon, name, connections, seconds):
    before, unfinished_before = daemon.settled()
    meter = Meter(daemon)
    result = daemon.load("pub", seconds, topic=TOPIC, connections=connections, runfor="%.3fs" % seconds)
    after, unfinished = daemon.settled()
    if unfinished - unfinished_before != result["messages"]:
        raise BenchmarkError("waiting: %d (expected: %d)" % (unfinished - unfinished_before, result["messages"]))
    burst = meter.burst(result["messages"] / result["seconds"], after - before)
    daemon.empty()
    return figures(name, [burst])


def flow(daemon, seconds):
    """PUB on 2 connections without waiting, consumed at once by 2 others, 1 000 messages under way."""
    daemon.load("capacity", seconds, runfor="%.3fs" % min(seconds, BURST_S))
    meter = Meter(daemon)
    result = daemon.load("capacity", seconds, runfor="%.3fs" % seconds)
    return figures("flow", [meter.burst(result["messages"] / result["seconds"], result["messages"])])


WORKLOADS = {"batches": publish_and_deliver, "pub": pub, "pub64": pub_many, "both": both, "flow": flow}
