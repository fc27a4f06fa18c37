"""Who is compared, and how each is started."""

from dataclasses import dataclass

from . import kafka_workloads, nsq_workloads, programs
from .kafka import KafkaDaemon
from .nsq import RAM_QUEUE, NsqDaemon


@dataclass(frozen=True)
class Contestant:
    name: str
    title: str
    flags: tuple = ()

    @property
    def is_kafka(self):
        return self.name == "kafka"

    @property
    def load(self):
        """The module with this contestant's warm() and WORKLOADS."""
        return kafka_workloads if self.is_kafka else nsq_workloads

    def start(self):
        if self.is_kafka:
            return KafkaDaemon(programs.java(), programs.kafka_jars())
        return NsqDaemon([programs.OURS if self.name.startswith("ours") else programs.NSQD, *self.flags])


CONTESTANTS = {
    contestant.name: contestant
    for contestant in (
        Contestant("nsqd-ram", "nsqd, RAM", ("--mem-queue-size=%d" % RAM_QUEUE,)),
        Contestant("nsqd", "nsqd, default"),
        Contestant("nsqd-disk", "nsqd, disk", ("--mem-queue-size=0",)),
        Contestant("kafka", "Kafka"),
        Contestant("ours", "ours, os", ("--flush=os",)),
        Contestant("ours-disk", "ours, disk", ("--flush=disk",)),
    )
}
