"""Runs nsqd and the broker in turn under the same load and prints medians and ratios; see the script `compare`."""

import argparse
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

TICKS = os.sysconf("SC_CLK_TCK")
TOPIC = "sub_bench"


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """One daemon on free ports with a data directory of its own."""

    def __init__(self, command):
        self.data = tempfile.mkdtemp(prefix="compare-")
        self.tcp, self.http = free_port(), free_port()
        began = time.monotonic()
        self.process = subprocess.Popen(
            command
            + [
                "--data-path=" + self.data,
                "--broadcast-address=127.0.0.1",
                "--tcp-address=127.0.0.1:%d" % self.tcp,
                "--http-address=127.0.0.1:%d" % self.http,
            ],
            stderr=subprocess.DEVNULL,
        )
        while True:
            try:
                if self.get("/ping") == b"OK":
                    break
            except OSError:
                if self.process.poll() is not None:
                    sys.exit("%s did not start" % command[0])
                time.sleep(0.002)
        self.start_ms = (time.monotonic() - began) * 1000

    def get(self, path, method="GET"):
        request = urllib.request.Request("http://127.0.0.1:%d%s" % (self.http, path), method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            return answer.read()

    def cpu_seconds(self):
        fields = open("/proc/%d/stat" % self.process.pid).read().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rss_mb(self, key="VmRSS"):
        status = open("/proc/%d/status" % self.process.pid).read()
        return int(re.search(key + r":\s+(\d+)", status).group(1)) / 1024

    def topic(self):
        stats = json.loads(self.get("/stats?format=json&include_mem=false&include_clients=false&topic=" + TOPIC))
        topic = stats["topics"][0]
        return topic["message_count"], topic["channels"][0], topic["depth"]

    def settled(self):
        """The topic once all its messages are in the channel: nsqd moves them there on its own time."""
        for _ in range(300):
            count, channel, depth = self.topic()
            if depth == 0:
                return count, channel
            time.sleep(0.1)
        sys.exit("messages stay in the topic: %d" % depth)

    def load(self, program, seconds):
        """Operations a second as the client counts them, and processor seconds of the server."""
        before = self.cpu_seconds()
        run = subprocess.run(
            [program, "-runfor", "%ds" % seconds, "-nsqd-tcp-address", "127.0.0.1:%d" % self.tcp],
            capture_output=True,
            text=True,
            timeout=seconds * 4 + 30,
        )
        found = re.search(r"([0-9.]+)ops/s", run.stdout + run.stderr)
        if not found:
            sys.exit("%s printed no rate:\n%s" % (program, run.stderr))
        return float(found.group(1)), self.cpu_seconds() - before

    def close(self):
        # At once: nsqd would write its whole memory to disk first.
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(15)
        shutil.rmtree(self.data)


def measure(command, peers, seconds):
    server = Server(command)
    try:
        time.sleep(1)
        idle = server.rss_mb()
        server.get("/topic/create?topic=" + TOPIC, "POST")
        server.get("/channel/create?topic=%s&channel=ch" % TOPIC, "POST")
        # The same traffic first, so that neither is measured cold.
        server.load(os.path.join(peers, "bench_writer"), max(seconds // 2, 2))
        server.load(os.path.join(peers, "bench_reader"), max(seconds // 2, 2))
        server.get("/channel/empty?topic=%s&channel=ch" % TOPIC, "POST")
        published_before, _ = server.settled()
        publish, publish_cpu = server.load(os.path.join(peers, "bench_writer"), seconds)
        published, channel = server.settled()
        if channel["depth"] != published - published_before:
            sys.exit("lost: %d published, %d waiting" % (published - published_before, channel["depth"]))
        waiting = channel["depth"]
        deliver, deliver_cpu = server.load(os.path.join(peers, "bench_reader"), seconds)
        _, channel, _ = server.topic()
        delivered = waiting - channel["depth"] - channel["in_flight_count"]
        return {
            "publish msg/s": publish,
            "publish CPU us/msg": publish_cpu * 1e6 / (published - published_before),
            "deliver msg/s": deliver,
            "deliver CPU us/msg": deliver_cpu * 1e6 / max(delivered, 1),
            "start to /ping ms": server.start_ms,
            "idle RSS MB": idle,
            "peak RSS MB": server.rss_mb("VmHWM"),
        }
    finally:
        server.close()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("ours")
    parser.add_argument("peers")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=3)
    options = parser.parse_args()
    commands = {
        "nsqd": [os.path.join(options.peers, "nsqd"), "--mem-queue-size=2000000"],
        "ours": [options.ours],
    }
    results = {"nsqd": [], "ours": []}
    for round_ in range(options.rounds):
        for name in ("nsqd", "ours") if round_ % 2 == 0 else ("ours", "nsqd"):
            results[name].append(measure(commands[name], options.peers, options.seconds))
            print("round %d %s: %s" % (round_ + 1, name, {k: round(v, 2) for k, v in results[name][-1].items()}), file=sys.stderr)
    print("%d processors, %d rounds of %d s, MPUB 200 x 200 bytes; median (smallest..largest)" % (os.cpu_count(), options.rounds, options.seconds))
    print("%-20s %34s %34s %8s" % ("", "nsqd, queue in memory", "ours, log on disk (os)", "ratio"))
    for key in results["nsqd"][0]:
        cells, medians = [], []
        for name in ("nsqd", "ours"):
            values = sorted(result[key] for result in results[name])
            medians.append(statistics.median(values))
            cells.append("%.5g (%.5g..%.5g)" % (medians[-1], values[0], values[-1]))
        print("%-20s %34s %34s %8.2f" % (key, cells[0], cells[1], medians[1] / medians[0]))


main()
