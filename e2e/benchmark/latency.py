"""Open-loop latency: the same rates for each contestant, whatever it does with them."""

from .aims import LATENCY_SHARES

# One server that has not seen the traffic before is warmed by it for so long before each rate is recorded.
WARMUP_S = 1.5
# Who sets the rates and is measured at them; nsqd's three modes differ only once its memory queue is full.
CONTESTANTS = ("nsqd-ram", "ours")
RATE_SETTERS = CONTESTANTS


def rates(figures):
    """{share: messages a second}, of the capacity of the slower; empty if it was not measured for both."""
    capacities = [figures.median(contestant, "flow.rate") for contestant in RATE_SETTERS]
    if None in capacities:
        return {}
    return {share: min(capacities) * share / 100 for share in LATENCY_SHARES}


def measure(daemon, rates_by_share, seconds, buffered_seconds):
    """Figures in microseconds for each share; buffered: as clients are by default, with the server's output buffer."""
    daemon.load("capacity", 3, runfor="3s")
    measured = {}
    for share, rate in rates_by_share.items():
        result = _load(daemon, rate, seconds, False)
        for key, value in result["endToEnd"].items():
            measured["latency%d.%s" % (share, key)] = value
        for key, value in result["publish"].items():
            measured["latency%d.publish_%s" % (share, key)] = value
        for key, value in result["generator"].items():
            measured["latency%d.generator_%s" % (share, key)] = value
        measured["latency%d.rate" % share] = rate
        if buffered_seconds > 0:
            for key, value in _load(daemon, rate, buffered_seconds, True)["endToEnd"].items():
                measured["latency%d.buffered_%s" % (share, key)] = value
    return measured


def _load(daemon, rate, seconds, buffered):
    return daemon.load(
        "latency",
        seconds + WARMUP_S,
        rate="%.0f" % rate,
        warmup="%.1fs" % WARMUP_S,
        runfor="%.3fs" % seconds,
        buffered=str(buffered).lower(),
    )
