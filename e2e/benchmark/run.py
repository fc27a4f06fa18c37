"""One run: who is measured when."""

import sys
import time

from . import latency, limits, waiting
from .contestants import CONTESTANTS
from .figures import Figures

IDLE_REST_S = 1
IDLE_CPU_S = 5


class Run:
    """One run of everything that was asked for."""

    def __init__(self, options):
        self.options = options
        self.contestants = [CONTESTANTS[name] for name in options.contestants]
        self.figures = Figures()
        self.began = time.monotonic()

    def all(self):
        for round_ in range(self.options.rounds):
            for contestant in self.in_turn(round_, self.contestants):
                self.one(contestant, "round %d" % (round_ + 1), lambda daemon: self.round(daemon, contestant.load))
        if "latency" in self.options.workloads:
            self.latency()
        if "waiting" in self.options.workloads:
            for contestant in self.chosen(waiting.CONTESTANTS):
                self.one(contestant, "waiting", lambda daemon: waiting.measure(daemon, self.options.waiting * 1e6))
        if "limits" in self.options.workloads:
            for name, kind in limits.KINDS.items():
                for contestant in self.chosen(limits.CONTESTANTS):
                    self.one(contestant, name, lambda daemon: kind(daemon, self.options.idle, IDLE_CPU_S))

    @staticmethod
    def in_turn(round_, contestants):
        """A B C, then C B A: nobody is always the first or the last."""
        return contestants if round_ % 2 == 0 else contestants[::-1]

    def chosen(self, names_):
        return [contestant for contestant in self.contestants if contestant.name in names_]

    def one(self, contestant, what, measure):
        """Starts a contestant, measures it, and stops it."""
        with contestant.start() as daemon:
            measured = measure(daemon)
        self.figures.add(contestant.name, measured)
        shown = ", ".join("%s %.4g" % figure for figure in measured.items())
        print("%4.0f s  %s, %s: %s" % (time.monotonic() - self.began, contestant.title, what, shown), file=sys.stderr)

    def round(self, daemon, load):
        time.sleep(IDLE_REST_S)
        measured = {"start_ms": daemon.start_ms, "idle_rss_mb": daemon.rss_mb()}
        chosen = [name for name in self.options.workloads if name in load.WORKLOADS]
        if chosen:
            load.warm(daemon, self.options.seconds)
        for name in chosen:
            measured.update(load.WORKLOADS[name](daemon, self.options.seconds))
        return measured

    def latency(self):
        rates = latency.rates(self.figures)
        if not rates:
            print("no latency: the workload flow of %s says at which rates" % ", ".join(latency.RATE_SETTERS), file=sys.stderr)
        seconds = self.options.latency_seconds
        for round_ in range(self.options.latency_rounds if rates else 0):
            for contestant in self.in_turn(round_, self.chosen(latency.CONTESTANTS)):
                self.one(contestant, "latency", lambda daemon: latency.measure(daemon, rates, seconds, seconds / 3))
