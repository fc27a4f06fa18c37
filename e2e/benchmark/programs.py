"""Where the built programs are, and how what is missing is got."""

import glob
import os
import subprocess

from .daemon import BenchmarkError

E2E = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
TARGET = os.path.join(E2E, "target", "peers")
CLIENTS = os.path.join(TARGET, "bin")
NSQD = os.path.join(CLIENTS, "nsqd")
LOAD = os.path.join(CLIENTS, "load")
OURS = os.path.join(os.path.dirname(E2E), "broker-image", "image", "target", "waystation", "bin", "nsqd")
KAFKA_POM = os.path.join(E2E, "peers", "kafka", "pom.xml")
KAFKA_JARS = os.path.join(TARGET, "kafka", "lib")
MAVEN_LIMIT_S = 600


def kafka_jars():
    """The folder of Kafka's jars, fetched by Maven when they are not there."""
    if not glob.glob(os.path.join(KAFKA_JARS, "kafka_*.jar")):
        try:
            subprocess.run(["mvn", "-q", "-B", "-f", KAFKA_POM, "package"], check=True, timeout=MAVEN_LIMIT_S)
        except (OSError, subprocess.SubprocessError) as failed:
            raise BenchmarkError("Kafka was not fetched: %s (without it: --contestants)" % failed) from failed
    return KAFKA_JARS


def java():
    """A java for Kafka: of a JDK 25, on which ours runs too, or the one on PATH."""
    homes = [os.environ.get("JAVA_HOME", ""), *sorted(glob.glob("/usr/lib/jvm/*25*"))]
    for home in homes:
        if "25" in home and os.access(os.path.join(home, "bin", "java"), os.X_OK):
            return os.path.join(home, "bin", "java")
    return "java"
