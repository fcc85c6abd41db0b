"""Ten minutes of full load on both brokers: the client's memory must not grow."""

import contextlib
import json
import os
import subprocess
import time
from pathlib import Path
from statistics import median

from .kafka import KafkaCluster
from .kafka_figures import PARTITIONS, PRODUCING
from .payloads import write_payloads
from .plan import Plan
from .programs import BUS_BENCH, Run
from .rabbitmq import RabbitMQ
from .rabbitmq_figures import fresh_queue
from .report import Figure
from .services import plain_environment

PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")
MINUTE = 60


def memory(plan: Plan) -> list[Figure]:
    """Resident memory in the second minute and in the last, of one client for each broker, both at the same time.

    Each publishes and consumes what it published, as fast as it can, with a bound on what is not consumed yet.
    """
    if plan.soak_seconds < 3 * MINUTE:
        raise ValueError("a soak has at least three minutes: the second one is compared with the last")
    with contextlib.ExitStack() as stack:
        broker = stack.enter_context(RabbitMQ(plan.folder / "rabbitmq"))
        cluster = stack.enter_context(KafkaCluster(plan.folder))
        payloads = write_payloads(plan.folder / "payloads")
        queue = stack.enter_context(fresh_queue(broker))
        topic = cluster.create_topic("soak", PARTITIONS)
        clients = {
            "RabbitMQ": Client(["rabbitmq", broker.url, queue, payloads, plan.soak_seconds]),
            "Kafka": Client(["kafka", cluster.servers, topic, payloads, plan.soak_seconds, *PRODUCING]),
        }
        for client in clients.values():
            stack.enter_context(client)
        begun = time.monotonic()
        while any(client.is_running for client in clients.values()):
            if time.monotonic() > begun + plan.soak_seconds + MINUTE:
                raise RuntimeError("a client is still busy a minute after the load: it has lost or held back messages")
            for client in clients.values():
                client.sample(time.monotonic() - begun)
            time.sleep(1)
        return [figure for name, client in clients.items() for figure in client.figures(name, plan.soak_seconds)]


class Client:
    """One `BusBench memory`, and its resident memory by the second."""

    def __init__(self, arguments: list[object]):
        self.command = [str(BUS_BENCH), "memory", *map(str, arguments)]
        self.samples: list[tuple[float, float]] = []

    def __enter__(self):
        self.process = subprocess.Popen(
            self.command, env=plain_environment(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        return self

    def __exit__(self, *_):
        if self.is_running:
            self.process.kill()
            self.process.wait()

    @property
    def is_running(self) -> bool:
        return self.process.poll() is None

    def sample(self, at: float) -> None:
        if not self.is_running:
            return
        # The second number of /proc/PID/statm, proc(5): resident pages. Empty once the process has ended.
        numbers = Path(f"/proc/{self.process.pid}/statm").read_text().split()
        if len(numbers) > 1 and int(numbers[1]) > 0:
            self.samples.append((at, int(numbers[1]) * PAGE_BYTES / (1 << 20)))

    def figures(self, name: str, seconds: int) -> list[Figure]:
        output, errors = self.process.communicate()
        if self.process.returncode != 0:
            code = self.process.returncode
            raise RuntimeError(f"BusBench memory, {name}, ended with {code}: {errors.strip()[-2000:]}")
        run = Run(**json.loads(output.splitlines()[-1]))
        second = median(self._between(MINUTE, 2 * MINUTE))
        last = median(self._between(seconds - MINUTE, seconds))
        return [
            Figure(
                f"{name}, {seconds} s of load: memory, last minute beside the second",
                [100 * abs(last / second - 1)], "% of change", most=5),
            Figure("  resident memory, second minute", [second], "MB"),
            Figure("  resident memory, last minute", [last], "MB"),
            Figure("  published and consumed", [run.rate], "messages/s"),
        ]

    def _between(self, first: float, end: float) -> list[float]:
        return [size for at, size in self.samples if first <= at < end]
