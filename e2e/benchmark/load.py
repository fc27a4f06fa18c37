"""The program `load` (peers/load): the load that the peers' own programs do not make."""

import json
import subprocess

from .daemon import BenchmarkError, die_with_parent
from .programs import LOAD


def command(kind, address, flags):
    return [LOAD, kind, "-address", address, *("-%s=%s" % flag for flag in flags.items())]


class LoadRun:
    """One run of `load`, from its start on."""

    def __init__(self, kind, address, seconds, flags):
        self.seconds = seconds
        self.messages = None  # what it counted, once it has ended
        self.process = subprocess.Popen(
            command(kind, address, flags), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=die_with_parent
        )

    def result(self):
        """Waits for its end; what it measured."""
        try:
            printed, failure = self.process.communicate(timeout=self.seconds * 2 + 120)
        finally:
            self.process.kill()
        if self.process.returncode != 0:
            raise BenchmarkError("%s ended with %d:\n%s" % (" ".join(self.process.args), self.process.returncode, failure))
        return json.loads(printed)

    def rate(self):
        """Waits for its end; messages a second as it counted them."""
        result = self.result()
        self.messages = result["messages"]
        return self.messages / result["seconds"]
