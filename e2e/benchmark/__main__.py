"""The command `e2e/compare`."""

import datetime
import json
import os
import platform
import signal
import subprocess
import sys

from .aims import AIMS
from .daemon import BenchmarkError
from .options import parse
from .programs import NSQD
from .report import summary, table
from .run import Run


def processor():
    with open("/proc/cpuinfo") as info:
        return next((line.split(":", 1)[1].strip() for line in info if line.startswith("model name")), platform.machine())


def environment(run):
    version = subprocess.run([NSQD, "--version"], capture_output=True, text=True).stdout.strip()
    return {
        "at": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "processor": processor(),
        "processors": os.cpu_count(),
        "kernel": platform.release(),
        "nsqd": version,
        "rounds": run.options.rounds,
        "seconds": run.options.seconds,
        "latencyRounds": run.options.latency_rounds,
        "latencySeconds": run.options.latency_seconds,
        "waitingMillions": run.options.waiting,
        "idle": run.options.idle,
    }


def write_json(run, file):
    with open(file, "w") as out:
        json.dump(
            {
                "environment": environment(run),
                "values": run.figures.plain(),
                "aims": [
                    {"figure": aim.figure, "aim": aim.text(), "reached": aim.value(run.figures), "met": aim.met(run.figures)}
                    for aim in AIMS
                ],
            },
            out,
            indent=1,
        )
        out.write("\n")


def main():
    # An end from outside takes the servers along.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    options = parse(sys.argv[1:])
    run = Run(options)
    try:
        run.all()
    except (BenchmarkError, subprocess.TimeoutExpired) as invalid:
        sys.exit("not measured: %s" % invalid)
    about = environment(run)
    print(
        "%d processors (%s), clients on them too; %s; %d rounds of %g s, latencies %d of %g s; median (smallest–largest)\n"
        % (about["processors"], about["processor"], about["nsqd"], options.rounds, options.seconds,
           options.latency_rounds, options.latency_seconds)
    )
    print(table(run.figures, run.contestants, about["processors"]))
    print("\n" + summary(run.figures))
    if options.json:
        write_json(run, options.json)


main()
