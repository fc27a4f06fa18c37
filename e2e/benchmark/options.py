"""The command line."""

import argparse

from .contestants import CONTESTANTS
from .nsq_workloads import WORKLOADS

DESCRIPTION = "This broker beside nsqd and Kafka, in one run; e2e/benchmark/README.md says what the figures mean."
PARTS = ["start", *WORKLOADS, "latency", "waiting", "limits"]
QUICK = {"rounds": 1, "seconds": 1.2, "contestants": ["nsqd-ram", "ours"], "workloads": ["start", "batches", "thin", "pub", "both"]}
FULL = {"rounds": 4, "seconds": 1.2, "contestants": list(CONTESTANTS), "workloads": PARTS}


def names(allowed):
    def parse(text):
        chosen = text.split(",")
        for name in chosen:
            if name not in allowed:
                raise argparse.ArgumentTypeError("%s (expected: some of %s)" % (name, ",".join(allowed)))
        return [name for name in allowed if name in chosen]

    return parse


def parse(arguments):
    parser = argparse.ArgumentParser(prog="e2e/compare", description=DESCRIPTION, allow_abbrev=False)
    parser.add_argument("--contestants", type=names(CONTESTANTS), help="default: all of " + ",".join(CONTESTANTS))
    parser.add_argument("--workloads", type=names(PARTS), help="default: all of " + ",".join(PARTS))
    parser.add_argument("--rounds", type=int, help="how often each contestant runs each workload (default 4)")
    parser.add_argument("--seconds", type=float, help="length of a workload (default 1.2)")
    parser.add_argument("--latency-rounds", type=int, default=2, help="how often each rate is run (default 2)")
    parser.add_argument("--latency-seconds", type=float, default=6, help="how long each rate is recorded (default 6)")
    parser.add_argument("--waiting", type=float, default=10, help="millions of messages that wait (default 10)")
    parser.add_argument("--idle", type=int, default=10_000, help="idle connections, topics, channels (default 10000)")
    parser.add_argument("--quick", action="store_true", help="a look in under a minute, for what is not said otherwise")
    parser.add_argument("--json", metavar="FILE", help="write every value there too")
    options = parser.parse_args(arguments)
    for name, value in (QUICK if options.quick else FULL).items():
        if getattr(options, name) is None:
            setattr(options, name, value)
    if options.idle < 2:
        parser.error("--idle: %d (expected: 2 or more, one of them to warm up)" % options.idle)
    if min(options.rounds, options.seconds, options.latency_rounds, options.latency_seconds) <= 0:
        parser.error("rounds, seconds and counts: a value of 0 or less (expected: more than 0)")
    return options
