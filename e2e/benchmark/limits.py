"""Many idle things: what each costs, and whether the rest of the daemon notices."""

import contextlib
import json
import statistics
import subprocess
import time
import urllib.error

from .daemon import BenchmarkError, die_with_parent
from .programs import LOAD

# nsqd with its default queue: a memory queue of two million for each of 10 000 topics would need 160 GB.
CONTESTANTS = ("nsqd", "ours")
MAKE_LIMIT_S = 60
# One in ten of the things is made before the memory is looked at: what the program's first steps take, above all a
# JVM's compiler, is not each thing's.
WARM_PART = 10
# Both give memory back that they need no more, but not at once.
REST_S = 10
IDLE_S = 5
# The time from one heartbeat to the next, unless a client asks for another: each connection has one while it is watched.
HEARTBEAT_S = 30
PROBES = 50


def connections(daemon, count):
    """Idle consumers of one channel, that answer heartbeats."""
    return _measured("connections", daemon, count, HEARTBEAT_S, _hold_connections)


def topics(daemon, count):
    """Topics with one message each, and no channel."""
    return _measured("topics", daemon, count, IDLE_S, _make_topics)


def channels(daemon, count):
    """Channels of one topic, with one message for all."""
    return _measured("channels", daemon, count, IDLE_S, _make_channels)


KINDS = {"connections": connections, "topics": topics, "channels": channels}


def _measured(name, daemon, count, seconds, make):
    daemon.make_topic("elsewhere")
    with contextlib.ExitStack() as stack:
        release, warm = make(daemon, max(count // WARM_PART, 1), "warm")
        stack.callback(release)
        time.sleep(REST_S)
        before_mb = daemon.rss_mb()
        began = time.monotonic()
        release, made = make(daemon, count - warm, "many")
        stack.callback(release)
        make_s = time.monotonic() - began
        time.sleep(REST_S)
        return {
            name + ".count": warm + made,
            name + ".make_s": make_s,
            name + ".rss_mb": daemon.rss_mb(),
            name + ".bytes_each": (daemon.rss_mb() - before_mb) * 1024 * 1024 / made,
            # The first time that each thing has its turn, and after that.
            name + ".cpu_first_percent": _idle_cpu_percent(daemon, seconds),
            name + ".cpu_percent": _idle_cpu_percent(daemon, seconds),
            **{"%s.%s" % (name, probe): value for probe, value in _probes(daemon).items()},
        }


def _idle_cpu_percent(daemon, seconds):
    before, began = sum(daemon.cpu_seconds()), time.monotonic()
    time.sleep(seconds)
    return (sum(daemon.cpu_seconds()) - before) / (time.monotonic() - began) * 100


def _probes(daemon):
    """What others notice: medians of short requests, one of each long one."""
    probes = {
        "ping_ms": _median_ms(lambda: daemon.get("/ping")),
        "publish_ms": _median_ms(lambda: daemon.get("/pub?topic=elsewhere", "POST", b"x" * 200)),
        "stats_ms": _ms(lambda: daemon.get("/stats?format=json")),
    }
    try:
        probes["metrics_ms"] = _ms(lambda: daemon.get("/metrics"))
    except urllib.error.HTTPError:
        pass  # nsqd has none
    return probes


def _ms(request):
    began = time.monotonic()
    request()
    return (time.monotonic() - began) * 1000


def _median_ms(request):
    return statistics.median(_ms(request) for _ in range(PROBES))


def _hold_connections(daemon, count, _):
    process = subprocess.Popen(
        [LOAD, "connections", "-address", daemon.address, "-count", str(count), "-limit", "10m"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        preexec_fn=die_with_parent,
    )
    printed = process.stdout.readline()
    if not printed:
        process.kill()
        raise BenchmarkError("load connections could not hold %d connections" % count)

    def release():
        try:
            process.communicate("\n", timeout=60)
        finally:
            process.kill()
        if process.returncode != 0:
            raise BenchmarkError("load connections lost some of %d connections" % count)

    return release, json.loads(printed)["count"]


def _make_topics(daemon, count, prefix):
    result = daemon.load("topics", MAKE_LIMIT_S, count=count, prefix=prefix, runfor="%ds" % MAKE_LIMIT_S)
    return lambda: None, result["count"]


def _make_channels(daemon, count, topic):
    end = time.monotonic() + MAKE_LIMIT_S
    daemon.get("/topic/create?topic=" + topic, "POST")
    made = 0
    while made < count and time.monotonic() < end:
        daemon.get("/channel/create?topic=%s&channel=channel-%d" % (topic, made), "POST")
        made += 1
    daemon.get("/pub?topic=" + topic, "POST", b"x" * 200)
    return lambda: None, made
