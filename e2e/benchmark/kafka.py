"""A single Kafka broker (KRaft, broker and controller in one process) and its own load programs."""

import base64
import os
import socket
import subprocess
import uuid

from .daemon import BenchmarkError, Daemon, die_with_parent, free_port, run_client
from .load import LoadRun

# What Kafka's own bin/kafka-run-class.sh and kafka-server-start.sh set.
JVM_FLAGS = [
    "-server",
    "-XX:+UseG1GC",
    "-XX:MaxGCPauseMillis=20",
    "-XX:InitiatingHeapOccupancyPercent=35",
    "-XX:+ExplicitGCInvokesConcurrent",
    "-Djava.awt.headless=true",
]
BROKER_HEAP = ["-Xms1g", "-Xmx1g"]
CLIENT_HEAP = ["-Xmx512m"]

# As in the config/server.properties that Kafka ships, on free ports: one broker, internal topics on one replica.
PROPERTIES = """process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
inter.broker.listener.name=PLAINTEXT
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={data}
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
num.partitions=1
offsets.topic.replication.factor=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
log.retention.hours=168
log.segment.bytes=1073741824
group.initial.rebalance.delay.ms=0
"""
LOGGING = """Configuration:
  Appenders: {Console: {name: stdout, PatternLayout: {pattern: "%d %p %c %m%n"}}}
  Loggers: {Root: {level: warn, AppenderRef: {ref: stdout}}}
"""
RECORD = "x" * 200
# A batch holds what one MPUB of 200 messages does (40 KB); Kafka's default of 16 KB would not. linger.ms is its default.
PRODUCER_SETTINGS = ["acks=1", "batch.size=65536", "linger.ms=5"]
REPORT_INTERVAL_MS = 50
CONSUMER_PATIENCE_MS = 20_000
CLIENT_LIMIT_S = 180


class KafkaDaemon(Daemon):
    has_output_buffer = False

    def __init__(self, java, jars):
        super().__init__()
        self.java, self.jars = java, os.path.join(jars, "*")
        self.port = free_port()
        self.topics = 0
        try:
            self._configure()
            self.start(self._java(BROKER_HEAP, "kafka.Kafka", self.file("server.properties")))
        except BaseException:
            self.close()
            raise

    def _java(self, heap, main, *arguments):
        return [self.java, *heap, *JVM_FLAGS, "-cp", self.folder + ":" + self.jars, main, *arguments]

    def _configure(self):
        files = {
            "server.properties": PROPERTIES.format(port=self.port, controller=free_port(), data=self.data),
            "record": RECORD,
            "log4j2.yaml": LOGGING,
        }
        for name, content in files.items():
            with open(self.file(name), "w") as out:
                out.write(content)
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        run_client(
            self._java(CLIENT_HEAP, "kafka.tools.StorageTool", "format", "-t", cluster, "-c", self.file("server.properties")), 60
        )

    @property
    def address(self):
        return "127.0.0.1:%d" % self.port

    def answers(self):
        """It opens this port when it is ready for clients."""
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
            return True
        except OSError:
            return False

    def new_topic(self):
        """A name; the broker makes the topic, of one partition, when it is first used."""
        self.topics += 1
        return "benchmark-%d" % self.topics

    def load(self, kind, seconds, **flags):
        """Runs `load` on a new topic and returns what it measured; one consumer reads its one partition."""
        consumers = {} if kind == "pub" else {"consumers": 1}
        return LoadRun(kind, self.address, seconds, {"kafka": "true", "topic": self.new_topic(), **consumers, **flags}).result()

    def produce(self, topic, records, warmup):
        return KafkaClient(
            self._java(
                CLIENT_HEAP,
                "org.apache.kafka.tools.ProducerPerformance",
                "--topic=" + topic,
                "--num-records=%d" % records,
                "--warmup-records=%d" % warmup,
                "--payload-file=" + self.file("record"),
                "--throughput=-1",
                "--producer-props",
                "bootstrap.servers=" + self.address,
                *PRODUCER_SETTINGS,
            )
        )

    def consume(self, topic, records):
        return KafkaClient(
            self._java(
                CLIENT_HEAP,
                "org.apache.kafka.tools.ConsumerPerformance",
                "--bootstrap-server=" + self.address,
                "--topic=" + topic,
                "--messages=%d" % records,
                "--show-detailed-stats",
                "--reporting-interval=%d" % REPORT_INTERVAL_MS,
                "--timeout=%d" % CONSUMER_PATIENCE_MS,
            )
        )


class KafkaClient:
    """One of Kafka's load programs, running."""

    def __init__(self, command):
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, preexec_fn=die_with_parent
        )

    def output(self):
        """Waits for its end; what it printed."""
        try:
            printed, _ = self.process.communicate(timeout=CLIENT_LIMIT_S)
        finally:
            self.process.kill()
        if self.process.returncode != 0:
            raise BenchmarkError("%s ended with %d:\n%s" % (self.process.args[-1], self.process.returncode, printed))
        return printed
