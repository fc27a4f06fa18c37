"""The table: a row a figure, a column a contestant, then our ratios and the aims."""

import math
from dataclasses import dataclass

from .aims import AIMS, BASE_NAMES, LATENCY_SHARES, OURS


@dataclass(frozen=True)
class Row:
    figure: str
    title: str
    scale: float = 1  # printed = measured / scale


def _workload(name, title, rates=(("rate", ""),)):
    return (
        [Row("%s.%s" % (name, key), "%s%s, k msg/s" % (title, what), 1000) for key, what in rates]
        + [
            Row(name + ".cpu_us", title + ", CPU µs/msg"),
            Row(name + ".cpu_user_us", "– of it user"),
            Row(name + ".cpu_kernel_us", "– of it kernel"),
            Row(name + ".client_cpu_us", "– the clients' own CPU µs/msg"),
            Row(name + ".peak_rss_mb", title + ", peak RSS MB"),
        ]
    )


def _latency(share):
    figure, title = "latency%d." % share, "%d %%: " % share
    return [
        Row(figure + "rate", title + "rate, k msg/s", 1000),
        *[
            Row(figure + prefix + key, "%s%s %s, ms" % (title, what, p), 1000)
            for what, prefix in (("publish to handler", ""), ("publish to OK", "publish_"), ("with clients' buffers", "buffered_"))
            for key, p in (("p50", "p50"), ("p99", "p99"), ("p999", "p99.9"))
        ],
        Row(figure + "generator_p99", title + "the client itself late, p99, ms", 1000),
    ]


# Processors of which so much is used are taken for busy: the rest is what the end of a burst leaves idle.
BUSY_SHARE = 0.85
BOTH_RATES = (("publish_rate", ": publish"), ("deliver_rate", ": deliver"))
ROWS = [
    *_workload("publish", "publish, MPUB 200"),
    *_workload("thin_publish", "publish, MPUB 200, thin client"),
    *_workload("deliver", "deliver"),
    *_workload("thin_deliver", "deliver, thin client"),
    *_workload("both", "both at once", BOTH_RATES),
    *_workload("thin_both", "both at once, thin client", BOTH_RATES),
    *_workload("pub", "PUB, 2 connections"),
    *_workload("pub64", "PUB, 64 connections"),
    *_workload("flow", "PUB to handler, 1 000 under way"),
    *[row for share in LATENCY_SHARES for row in _latency(share)],
    Row("start_ms", "start to /ping, ms"),
    Row("idle_rss_mb", "idle RSS MB"),
    Row("waiting_rss_mb", "RSS with messages waiting, MB"),
    *[
        row
        for kind, what in (("connections", "idle consumers"), ("topics", "topics"), ("channels", "channels"))
        for row in (
            Row(kind + ".make_s", what + ": time to make, s"),
            Row(kind + ".rss_mb", what + ": RSS MB"),
            Row(kind + ".bytes_each", what + ": bytes each"),
            Row(kind + ".cpu_percent", what + ": idle CPU, % of a core"),
            Row(kind + ".ping_ms", what + ": /ping, ms"),
            Row(kind + ".publish_ms", what + ": publish elsewhere, ms"),
            Row(kind + ".stats_ms", what + ": /stats, ms"),
            Row(kind + ".metrics_ms", what + ": /metrics, ms"),
        )
    ],
]


def number(value):
    """Three significant digits, never an exponent."""
    if value == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(value))))
    return "%.*f" % (digits, value)


def cell(figures, contestant, row):
    if not figures.has(contestant, row.figure):
        return ""
    median = number(figures.median(contestant, row.figure) / row.scale)
    low, high = (number(value / row.scale) for value in figures.spread(contestant, row.figure))
    return median if low == high else "%s (%s–%s)" % (median, low, high)


def ratio_cell(figures, base, row):
    ratio = figures.ratio(OURS, base, row.figure)
    return "" if ratio is None else number(ratio)


def is_client_bound(figures, contestant, workload, processors):
    """Whether the processors are busy, and more with the clients than with the server: then the rate is the clients'."""
    server_us, clients_us = (figures.median(contestant, workload + key) for key in (".cpu_us", ".client_cpu_us"))
    rates = [figures.median(contestant, workload + key) or 0 for key in (".rate", ".publish_rate", ".deliver_rate")]
    if server_us is None or clients_us is None:
        return False
    return clients_us > server_us and sum(rates) * (server_us + clients_us) / 1e6 >= BUSY_SHARE * processors


def verdict(figures, row, processors):
    """Each aim of a row, with the ratio that was reached; of a rate also whether it says more of the clients than of ours."""
    parts = []
    for aim in AIMS:
        met = aim.met(figures) if aim.figure == row.figure else None
        if met is not None:
            reached = number(aim.value(figures)) + " " if aim.base else ""
            parts.append("%s: %s%s" % (aim.text(row.scale), reached, "met" if met else "**missed**"))
    workload, figure = row.figure.split(".", 1) if "." in row.figure else ("", "")
    if figure.endswith("rate") and is_client_bound(figures, OURS, workload, processors):
        parts.append("client-bound")
    return "; ".join(parts)


def table(figures, contestants, processors):
    """The Markdown table of what was measured on so many processors."""
    bases = [base for base in BASE_NAMES if any(c.name == base for c in contestants)]
    if not any(c.name == OURS for c in contestants):
        bases = []
    heads = [""] + [c.title for c in contestants] + ["ours / " + BASE_NAMES[base] for base in bases] + ["aim of ours"]
    lines = [line(heads), line(["---"] + ["---:"] * (len(heads) - 2) + ["---"])]
    for row in ROWS:
        cells = [cell(figures, c.name, row) for c in contestants]
        if any(cells):
            ratios = [ratio_cell(figures, base, row) for base in bases]
            lines.append(line([row.title] + cells + ratios + [verdict(figures, row, processors)]))
    return "\n".join(lines)


def line(cells):
    return "| " + " | ".join(cells) + " |"


def summary(figures):
    """How many of the aims that could be judged are met."""
    verdicts = [aim.met(figures) for aim in AIMS]
    judged = [met for met in verdicts if met is not None]
    return "%d of %d aims met; %d not measured" % (sum(judged), len(judged), len(verdicts) - len(judged))
