"""The workloads on a daemon that speaks NSQ's protocol. Each returns figures by name and fails if messages are missing."""

from collections.abc import Callable
from dataclasses import dataclass

from .daemon import BenchmarkError
from .measure import Meter, cost_figures, figures
from .nsq import RAM_QUEUE, TOPIC

BATCH = 200
# A backlog that did not last is doubled so often before that is an error.
DELIVERY_TRIES = 4
FEW_CONNECTIONS, MANY_CONNECTIONS = 2, 64


@dataclass(frozen=True)
class Clients:
    """Programs that publish in batches and consume; publish(daemon, seconds, messages) stops after so many, if they can."""

    prefix: str  # of their figures' names
    publish: Callable
    deliver: Callable
    burst_s: float  # what nsqd's memory queue holds of them: longer bursts would measure its disk queue
    bursts: int  # so many, when one burst is asked for

    def length_s(self, seconds):
        return min(seconds, self.burst_s)

    def burst_count(self, seconds):
        return self.bursts * max(1, round(seconds / self.burst_s))


def _thin_publish(daemon, seconds, messages):
    flags = {"topic": TOPIC, "batch": BATCH, "runfor": "%.3fs" % seconds}
    return daemon.start_load("publish", seconds, **flags, **({"messages": messages} if messages else {}))


def _thin_deliver(daemon, seconds):
    return daemon.start_load("deliver", seconds, topic=TOPIC, runfor="%.3fs" % seconds)


# bench_writer cannot be bounded, and is too slow to fill nsqd's queue in a burst.
NSQS_OWN = Clients(
    "",
    lambda daemon, seconds, _: daemon.bench("bench_writer", seconds),
    lambda daemon, seconds: daemon.bench("bench_reader", seconds),
    1.2,
    1,
)
# A burst may be over after RAM_QUEUE messages, long before its time: two of them are as much as one of NSQ's own.
THIN = Clients("thin_", _thin_publish, _thin_deliver, 1, 2)


def warm(daemon, seconds, workloads):
    """The same traffic first, so that neither a cold compiler nor an empty heap is measured."""
    daemon.make_topic()
    for clients in (NSQS_OWN, THIN) if "thin" in workloads else (NSQS_OWN,):
        length_s = clients.length_s(seconds)
        for _ in range(2):
            clients.publish(daemon, length_s, RAM_QUEUE).rate()
            _fill(daemon, length_s, clients)
            _drain(daemon, length_s, clients)
            daemon.empty()
    length_s = NSQS_OWN.length_s(seconds)
    daemon.load("pub", length_s, topic=TOPIC, connections=FEW_CONNECTIONS, runfor="%.3fs" % length_s)
    daemon.empty()


def batches(daemon, seconds):
    """With NSQ's own programs: MPUB of 200 messages on each of 2 connections, then the backlog drained by 2 consumers."""
    return _publish_and_deliver(daemon, seconds, NSQS_OWN)


def _publish_and_deliver(daemon, seconds, clients):
    published, delivered, on_disk = [], [], 0
    length_s = clients.length_s(seconds)
    for _ in range(clients.burst_count(seconds)):
        published.append(_publish(daemon, length_s, clients))
        on_disk += daemon.counts()[3]
        delivered.append(_deliver(daemon, length_s, clients))
        daemon.empty()
    publish, deliver = clients.prefix + "publish", clients.prefix + "deliver"
    share = on_disk / max(sum(burst.messages for burst in published), 1)
    return {**figures(publish, published), **figures(deliver, delivered), publish + ".on_disk": share}


def _publish(daemon, seconds, clients):
    before, unfinished_before = daemon.settled()
    meter = Meter(daemon)
    run = clients.publish(daemon, seconds, RAM_QUEUE)
    rate = run.rate()
    after, unfinished = daemon.settled()
    _equal("waiting", unfinished - unfinished_before, after - before)
    if run.messages is not None:
        _equal("published", run.messages, after - before)
    return meter.burst(rate, after - before)


def _equal(what, messages, expected):
    if messages != expected:
        raise BenchmarkError("%s: %d messages (expected: %d)" % (what, messages, expected))


def _deliver(daemon, seconds, clients):
    for _ in range(DELIVERY_TRIES):
        _fill(daemon, seconds, clients)
        meter = Meter(daemon)
        rate, delivered, drained = _drain(daemon, seconds, clients)
        if not drained:
            return meter.burst(rate, delivered)
    raise BenchmarkError("the backlog of %d messages was drained before the time was over" % delivered)


def _fill(daemon, seconds, clients):
    """Publishes until the backlog will last for so long, as far as earlier deliveries tell."""
    while (missing := daemon.backlog_sizes.get(clients, 0) - daemon.settled()[1]) > 0:
        # Whole batches.
        clients.publish(daemon, seconds, (missing // BATCH + 1) * BATCH).rate()


def _drain(daemon, seconds, clients):
    """(rate, delivered messages, whether nothing was left); remembers how much backlog the next time needs."""
    _, before = daemon.settled()
    run = clients.deliver(daemon, seconds)
    rate = run.rate()
    _, after = daemon.settled()
    delivered = before - after
    if run.messages is not None:
        _equal("finished", run.messages, delivered)
    daemon.backlog_sizes[clients] = int(2 * delivered if after == 0 else 1.25 * delivered)
    return rate, delivered, after == 0


def both(daemon, seconds):
    """Publishing in batches and consuming at the same time; the cost is per message published or delivered."""
    return _both(daemon, seconds, NSQS_OWN)


def _both(daemon, seconds, clients):
    daemon.empty()
    before, _ = daemon.settled()
    meter = Meter(daemon)
    consumer = clients.deliver(daemon, seconds)
    producer = clients.publish(daemon, seconds, None)
    publish_rate, deliver_rate = producer.rate(), consumer.rate()
    # Not settled: with its queue on disk nsqd may take longer to hand all of it to the channel than this took.
    after, in_channel, in_topic, _ = daemon.counts()
    burst = meter.burst(publish_rate, 2 * (after - before) - in_channel - in_topic)
    if producer.messages is not None:
        _equal("published", producer.messages, after - before)
    daemon.empty()
    name = clients.prefix + "both"
    return {name + ".publish_rate": publish_rate, name + ".deliver_rate": deliver_rate, **cost_figures(name, [burst])}


def thin(daemon, seconds):
    """All that once more with clients that cost next to nothing."""
    return {**_publish_and_deliver(daemon, seconds, THIN), **_both(daemon, THIN.length_s(seconds), THIN)}


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
    _equal("waiting", unfinished - unfinished_before, result["messages"])
    burst = meter.burst(result["messages"] / result["seconds"], after - before)
    daemon.empty()
    return figures(name, [burst])


def flow(daemon, seconds):
    """PUB on 2 connections without waiting, consumed at once by 2 others, 1 000 messages under way."""
    daemon.load("capacity", seconds, runfor="%.3fs" % NSQS_OWN.length_s(seconds))
    meter = Meter(daemon)
    result = daemon.load("capacity", seconds, runfor="%.3fs" % seconds)
    return figures("flow", [meter.burst(result["messages"] / result["seconds"], result["messages"])])


WORKLOADS = {"batches": batches, "thin": thin, "pub": pub, "pub64": pub_many, "both": both, "flow": flow}
