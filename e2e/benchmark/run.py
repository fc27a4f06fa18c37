"""One run: who is measured when."""

import contextlib
import os
import sys
import time

from . import latency, limits, waiting
from .contestants import CONTESTANTS
from .figures import Figures

IDLE_REST_S = 1


class Run:
    """One run of everything that was asked for."""

    def __init__(self, options):
        self.options = options
        self.contestants = [CONTESTANTS[name] for name in options.contestants]
        self.figures = Figures()
        self.began = time.monotonic()

    def all(self):
        parts = {"start": self.starts, "latency": self.latency, "waiting": self.waiting, "limits": self.limits}
        rates = [name for name in self.options.workloads if name not in parts]
        if "start" in self.options.workloads:
            self.starts()
        if rates:
            self.rates(rates)
        for name in ("latency", "waiting", "limits"):
            if name in self.options.workloads:
                parts[name]()

    @staticmethod
    def in_turn(round_, contestants):
        """A B C, then C B A: nobody is always the first or the last."""
        return contestants if round_ % 2 == 0 else contestants[::-1]

    def chosen(self, names):
        return [contestant for contestant in self.contestants if contestant.name in names]

    def fresh(self, contestant, what, measure):
        """Measures a contestant that is started for this and stopped afterwards."""
        with contestant.start() as daemon:
            self.add(contestant, what, measure(daemon))

    def add(self, contestant, what, measured):
        self.figures.add(contestant.name, measured)
        shown = ", ".join("%s %.4g" % figure for figure in measured.items())
        print("%4.0f s  %s, %s: %s" % (time.monotonic() - self.began, contestant.title, what, shown), file=sys.stderr)

    def starts(self):
        def measure(daemon):
            time.sleep(IDLE_REST_S)
            return {"start_ms": daemon.start_ms, "idle_rss_mb": daemon.rss_mb()}

        for round_ in range(self.options.rounds):
            for contestant in self.in_turn(round_, self.contestants):
                self.fresh(contestant, "start", measure)

    def rates(self, workloads):
        with contextlib.ExitStack() as stack:
            daemons = self.warmed(
                stack, self.contestants, lambda contestant, daemon: contestant.load.warm(daemon, self.options.seconds, workloads)
            )
            for round_ in range(self.options.rounds):
                for contestant in self.in_turn(round_, self.contestants):
                    measured = {}
                    for name in workloads:
                        if name in contestant.load.WORKLOADS:
                            measured.update(contestant.load.WORKLOADS[name](daemons[contestant], self.options.seconds))
                    self.add(contestant, "round %d" % (round_ + 1), measured)
                    # What it left to be written would burden the next.
                    os.sync()

    @staticmethod
    def warmed(stack, contestants, warm):
        """All of them, started and warmed up: each then waits, idle, while another is measured."""
        daemons = {}
        for contestant in contestants:
            daemons[contestant] = stack.enter_context(contestant.start())
            warm(contestant, daemons[contestant])
        return daemons

    def latency(self):
        rates, seconds = latency.rates(self.figures), self.options.latency_seconds
        contestants = self.chosen(latency.CONTESTANTS)
        if not rates:
            print("no latency: the workload flow of %s says at which rates" % ", ".join(latency.CONTESTANTS), file=sys.stderr)
            return
        with contextlib.ExitStack() as stack:
            daemons = self.warmed(stack, contestants, lambda _, daemon: latency.warm(daemon, rates))
            for round_ in range(self.options.latency_rounds):
                for contestant in self.in_turn(round_, contestants):
                    measured = latency.measure(daemons[contestant], rates, seconds, seconds / 3)
                    self.add(contestant, "latency %d" % (round_ + 1), measured)
                    os.sync()

    def waiting(self):
        for contestant in self.chosen(waiting.CONTESTANTS):
            self.fresh(contestant, "waiting", lambda daemon: waiting.measure(daemon, self.options.waiting * 1e6))

    def limits(self):
        for name, kind in limits.KINDS.items():
            for contestant in self.chosen(limits.CONTESTANTS):
                self.fresh(contestant, name, lambda daemon: kind(daemon, self.options.idle))
