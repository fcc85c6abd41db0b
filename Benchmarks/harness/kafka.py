"""A Kafka in memory, of three brokers unless said otherwise: librdkafka's mock cluster in a process of its own."""

import subprocess
from pathlib import Path

from .services import PROJECT, plain_environment

PROGRAM = PROJECT / ".build/release/kafka-mock-cluster"


class KafkaCluster:
    """Ends with the driver, at the end of its standard input; use it in a `with`."""

    def __init__(self, folder: Path, brokers: int = 3):
        self.folder = folder
        self.brokers = brokers
        self.servers = ""

    def __enter__(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        with open(self.folder / "kafka.log", "ab") as log:
            self.process = subprocess.Popen(
                [str(PROGRAM), str(self.brokers)], env=plain_environment(), stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=log, text=True)
        first = self.process.stdout.readline().split()
        if len(first) != 2 or first[0] != "bootstrap":
            raise RuntimeError(f"the mock cluster did not start; see {self.folder / 'kafka.log'}")
        self.servers = first[1]
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def create_topic(self, name: str, partitions: int) -> str:
        """Returns the name. The partitions' leaders are spread over the brokers."""
        self.process.stdin.write(f"topic {name} {partitions} 1\n")
        self.process.stdin.flush()
        said = self.process.stdout.readline().strip()
        if said != "ok":
            raise RuntimeError(f"topic {name}: {said or 'the mock cluster ended'}")
        return name
