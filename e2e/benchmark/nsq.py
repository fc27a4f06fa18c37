"""A daemon that speaks NSQ's protocol, nsqd or ours, under the load of NSQ's own programs and of `load`."""

import json
import os
import re
import subprocess
import time
import urllib.request

from .daemon import BenchmarkError, Daemon, die_with_parent, free_port
from .load import LoadRun
from .programs import CLIENTS

TOPIC, CHANNEL = "sub_bench", "ch"
# The memory queue that takes nsqd's messages without touching its disk queue.
RAM_QUEUE = 2_000_000
SETTLE_LIMIT_S = 120


class NsqDaemon(Daemon):
    has_output_buffer = True

    def __init__(self, command):
        super().__init__()
        self.tcp, self.http = free_port(), free_port()
        self.backlog_sizes = {}  # by clients: messages that outlast one delivery
        try:
            self.start(
                command
                + [
                    "--data-path=" + self.data,
                    "--broadcast-address=127.0.0.1",
                    "--tcp-address=127.0.0.1:%d" % self.tcp,
                    "--http-address=127.0.0.1:%d" % self.http,
                ]
            )
        except BaseException:
            self.close()
            raise

    @property
    def address(self):
        return "127.0.0.1:%d" % self.tcp

    def answers(self):
        try:
            return self.get("/ping") == b"OK"
        except OSError:
            return False

    def get(self, path, method="GET", body=None):
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (self.http, path), data=body, method=method)
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.read()

    def make_topic(self, topic=TOPIC, channel=CHANNEL):
        self.get("/topic/create?topic=" + topic, "POST")
        self.get("/channel/create?topic=%s&channel=%s" % (topic, channel), "POST")

    def empty(self, topic=TOPIC, channel=CHANNEL):
        self.get("/topic/empty?topic=" + topic, "POST")
        self.get("/channel/empty?topic=%s&channel=%s" % (topic, channel), "POST")

    def counts(self, topic=TOPIC):
        """(published so far, waiting or in flight in the channel, waiting in the topic, on disk in either)."""
        stats = json.loads(self.get("/stats?format=json&include_mem=false&include_clients=false&topic=" + topic))
        topic = stats["topics"][0]
        channel = topic["channels"][0]
        unfinished = channel["depth"] + channel["in_flight_count"]
        return topic["message_count"], unfinished, topic["depth"], topic["backend_depth"] + channel["backend_depth"]

    def settled(self, topic=TOPIC):
        """(published so far, unfinished) once the channel has all messages: nsqd moves them there on its own time."""
        end = time.monotonic() + SETTLE_LIMIT_S
        while time.monotonic() < end:
            published, unfinished, in_topic, _ = self.counts(topic)
            if in_topic == 0:
                return published, unfinished
            time.sleep(0.1)
        raise BenchmarkError("messages stay in the topic: %d after %d s" % (in_topic, SETTLE_LIMIT_S))

    def bench(self, program, seconds):
        """Starts bench_writer or bench_reader."""
        command = [os.path.join(CLIENTS, program), "-runfor", "%.3fs" % seconds, "-nsqd-tcp-address", self.address]
        return BenchRun(subprocess.Popen(command, stderr=subprocess.PIPE, text=True, preexec_fn=die_with_parent), seconds)

    def start_load(self, kind, seconds, **flags):
        return LoadRun(kind, self.address, seconds, flags)

    def load(self, kind, seconds, **flags):
        """Runs `load` and returns what it measured."""
        return self.start_load(kind, seconds, **flags).result()


class BenchRun:
    """One run of bench_writer or bench_reader, which say at which rate they ran and not how many messages that were."""

    messages = None

    def __init__(self, process, seconds):
        self.process, self.seconds = process, seconds

    def rate(self):
        """Waits for its end; operations a second as the client counted them."""
        try:
            _, printed = self.process.communicate(timeout=self.seconds * 4 + 30)
        finally:
            self.process.kill()
        found = re.search(r"([0-9.]+)ops/s", printed)
        if self.process.returncode != 0 or not found:
            raise BenchmarkError("%s printed no rate:\n%s" % (self.process.args[0], printed))
        return float(found.group(1))
