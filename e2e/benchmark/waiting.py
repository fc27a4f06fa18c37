"""The memory of a daemon in which many messages wait."""

import time

from .daemon import BenchmarkError
from .nsq import CHANNEL, TOPIC

CONTESTANTS = ("nsqd-ram", "ours")
FILL_S = 2
FILL_LIMIT_S = 180
REST_S = 2


def measure(daemon, messages):
    """Resident memory with at least so many messages waiting in one channel, some seconds after the last publish."""
    daemon.make_topic(TOPIC, CHANNEL)
    end = time.monotonic() + FILL_LIMIT_S
    while daemon.counts()[0] < messages:
        if time.monotonic() > end:
            raise BenchmarkError("waiting: %d messages after %d s (expected: %d)" % (daemon.counts()[0], FILL_LIMIT_S, messages))
        daemon.bench("bench_writer", FILL_S).rate()
    time.sleep(REST_S)
    return {"waiting_rss_mb": daemon.rss_mb(), "waiting_messages": daemon.counts()[0]}
