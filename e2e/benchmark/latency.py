"""Open-loop latency: the same rates for each contestant, whatever it does with them."""

from .aims import LATENCY_SHARES

# So long each rate runs before it is recorded.
WARMUP_S = 1.5
# So long a started server is under each load before any is measured.
FIRST_WARMUP_S = 3
# Who sets the rates; nsqd's three modes differ only once its memory queue is full.
PACERS = ("nsqd-ram", "ours")
# Who is measured at them.
CONTESTANTS = ("nsqd-ram", "kafka", "ours")


def rates(figures):
    """{share: messages a second}, of the capacity of the slower; empty if it was not measured for both."""
    capacities = [figures.median(contestant, "flow.rate") for contestant in PACERS]
    if None in capacities:
        return {}
    return {share: min(capacities) * share / 100 for share in LATENCY_SHARES}


def warm(daemon, rates_by_share):
    daemon.load("capacity", FIRST_WARMUP_S, runfor="%ds" % FIRST_WARMUP_S)
    for rate in rates_by_share.values():
        _load(daemon, rate, FIRST_WARMUP_S)


def measure(daemon, rates_by_share, seconds, buffered_seconds):
    """Figures in microseconds for each share; buffered: as NSQ's clients are by default, with the server's output buffer."""
    measured = {}
    for share, rate in rates_by_share.items():
        result = _load(daemon, rate, seconds)
        measured["latency%d.rate" % share] = rate
        measured.update(_named(share, "", result["endToEnd"]))
        measured.update(_named(share, "publish_", result["publish"]))
        measured.update(_named(share, "generator_", result["generator"]))
        if daemon.has_output_buffer:
            measured.update(_named(share, "buffered_", _load(daemon, rate, buffered_seconds, buffered="true")["endToEnd"]))
    return measured


def _named(share, prefix, percentiles):
    return {"latency%d.%s%s" % (share, prefix, key): value for key, value in percentiles.items()}


def _load(daemon, rate, seconds, **flags):
    return daemon.load(
        "latency", seconds + WARMUP_S, rate="%.0f" % rate, warmup="%.1fs" % WARMUP_S, runfor="%.3fs" % seconds, **flags
    )
