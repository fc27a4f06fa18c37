"""The project's aims as data: a figure of ours, and what it is compared with."""

from dataclasses import dataclass

RAM, DISK, KAFKA, OURS, OURS_DISK = "nsqd-ram", "nsqd-disk", "kafka", "ours", "ours-disk"
BASE_NAMES = {RAM: "nsqd RAM", DISK: "nsqd disk", KAFKA: "Kafka"}


@dataclass(frozen=True)
class Aim:
    figure: str
    at_least: bool
    bound: float
    base: str = ""  # the contestant whose figure is the unit; none: the bound is absolute
    ours: str = OURS

    def text(self, scale=1):
        """The aim; an absolute bound in the unit of the row that it is printed in."""
        sign = "≥" if self.at_least else "≤"
        who = "flush disk " if self.ours == OURS_DISK else ""
        return "%s%s %g" % (who, sign, self.bound if self.base else self.bound / scale) + (
            " × " + BASE_NAMES[self.base] if self.base else ""
        )

    def value(self, figures):
        """What is compared with the bound; None if something was not measured."""
        return figures.ratio(self.ours, self.base, self.figure) if self.base else figures.median(self.ours, self.figure)

    def met(self, figures):
        value = self.value(figures)
        if value is None:
            return None
        return value >= self.bound if self.at_least else value <= self.bound


def at_least(figure, bound, base="", ours=OURS):
    return Aim(figure, True, bound, base, ours)


def at_most(figure, bound, base="", ours=OURS):
    return Aim(figure, False, bound, base, ours)


LATENCY_SHARES = (10, 50, 80)



def batches(prefix):
    """The aims of publishing in batches and consuming, whoever the clients are."""
    publish, deliver, both = prefix + "publish", prefix + "deliver", prefix + "both"
    return [
        at_least(publish + ".rate", 2.5, RAM),
        at_least(publish + ".rate", 10, DISK),
        at_least(publish + ".rate", 1.5, DISK, OURS_DISK),
        at_most(publish + ".cpu_us", 0.25, RAM),
        at_least(deliver + ".rate", 2, RAM),
        at_least(deliver + ".rate", 4, DISK),
        at_most(deliver + ".cpu_us", 0.3, RAM),
        at_least(both + ".publish_rate", 2, RAM),
        at_least(both + ".deliver_rate", 2, RAM),
        at_least(both + ".deliver_rate", 20, DISK),
        at_most(publish + ".peak_rss_mb", 512),
        at_most(both + ".peak_rss_mb", 512),
    ]


AIMS = [
    *batches(""),
    *batches("thin_"),
    at_most("publish.cpu_us", 1, KAFKA),
    at_least("pub.rate", 1.3, RAM),
    at_least("pub64.rate", 3, RAM),
    *[at_most("latency%d.%s" % (share, p), 0.7, RAM) for share in LATENCY_SHARES for p in ("p50", "p99", "p999")],
    *[at_most("latency%d.publish_p99" % share, 1, RAM) for share in LATENCY_SHARES],
    at_most("latency50.p99", 5000),
    at_most("latency50.publish_p99", 2000),
    at_most("latency50.publish_p999", 20000),
    at_most("start_ms", 250),
    at_most("idle_rss_mb", 60),
    at_most("waiting_rss_mb", 150),
    at_most("connections.bytes_each", 8192),
    at_most("connections.cpu_percent", 2),
    at_most("topics.bytes_each", 4096),
    at_most("topics.cpu_percent", 2),
    at_most("channels.bytes_each", 200),
    at_most("channels.cpu_percent", 2),
]
