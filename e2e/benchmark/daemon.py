"""A server under test as a process: its ports, its folder, and what the kernel knows of it."""

import ctypes
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

TICKS = os.sysconf("SC_CLK_TCK")
START_LIMIT_S = 60
PR_SET_PDEATHSIG = 1
# Written to clear_refs, it makes the peak of the resident memory begin anew (Linux's proc_pid_clear_refs).
RESET_PEAK = "5"


class BenchmarkError(Exception):
    """The measurement is not valid: a server did not start, a client failed, messages are missing."""


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Daemon:
    """One process with a folder of its own; both are gone after close()."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="benchmark-")
        self.data = self.file("data")
        os.mkdir(self.data)
        self.process = None
        self.start_ms = None

    def file(self, name):
        return os.path.join(self.folder, name)

    def start(self, command, environment=None):
        """Starts it and waits until it answers; remembers how long that took."""
        with open(self.file("log"), "wb") as log:
            began = time.monotonic()
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, **(environment or {})}, preexec_fn=die_with_parent
            )
        while not self.answers():
            if self.process.poll() is not None:
                raise BenchmarkError("%s ended with %d:\n%s" % (command[0], self.process.returncode, self.log()))
            if time.monotonic() - began > START_LIMIT_S:
                raise BenchmarkError("%s did not answer within %d s:\n%s" % (command[0], START_LIMIT_S, self.log()))
            time.sleep(0.001)
        self.start_ms = (time.monotonic() - began) * 1000

    def answers(self):
        raise NotImplementedError

    def log(self):
        with open(self.file("log"), errors="replace") as log:
            return log.read()[-4000:]

    def cpu_seconds(self):
        """Processor time of all its threads so far: (user, kernel)."""
        with open("/proc/%d/stat" % self.process.pid) as stat:
            fields = stat.read().rsplit(")", 1)[1].split()
        return int(fields[11]) / TICKS, int(fields[12]) / TICKS

    def _memory_mb(self, key):
        with open("/proc/%d/status" % self.process.pid) as status:
            return int(re.search(key + r":\s+(\d+)", status.read()).group(1)) / 1024

    def rss_mb(self):
        return self._memory_mb("VmRSS")

    def peak_rss_mb(self):
        return self._memory_mb("VmHWM")

    def reset_peak_rss(self):
        with open("/proc/%d/clear_refs" % self.process.pid, "w") as refs:
            refs.write(RESET_PEAK)

    def close(self):
        # At once: nsqd would write its whole memory to disk first.
        if self.process is not None:
            self.process.kill()
            self.process.wait(30)
        shutil.rmtree(self.folder, ignore_errors=True)
        # What it left to be written would burden the one that is measured next.
        os.sync()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def run_client(command, limit_s):
    """Runs a load to its end; what it printed."""
    run = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=limit_s, preexec_fn=die_with_parent
    )
    if run.returncode != 0:
        raise BenchmarkError("%s ended with %d:\n%s" % (" ".join(command), run.returncode, run.stdout + run.stderr))
    return run.stdout + run.stderr
