"""RabbitMQ: publishing with confirms, consuming, and ping-pong, each beside a C loop or Python's clients."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path

from .comparison import Comparison
from .payloads import PAYLOAD_BYTES, write_payloads
from .plan import Plan
from .programs import BUS_BENCH, Run, answer, c_loop, ours, python_peer
from .rabbitmq import RabbitMQ
from .report import Figure
from .services import HELPERS

WINDOW = 1000
PREFETCH = 1000


def publish(plan: Plan) -> list[Figure]:
    """As many unconfirmed messages as the window allows, persistent and mandatory, into a quorum queue."""
    compared = Comparison(
        f"RabbitMQ publish, confirms, window {WINDOW:,}", "messages/s", most_cpu_microseconds=10)
    with RabbitMQ(plan.folder / "rabbitmq") as broker:
        payloads = write_payloads(plan.folder / "payloads")

        def measure(program, *arguments: object) -> Run:
            """Into a queue of its own, whose length at the end is what the program must have counted."""
            with fresh_queue(broker) as queue:
                run = program(*arguments, broker.url, queue, payloads, WINDOW, plan.seconds)
                there = _delete(broker, queue)["messages"]
            if there != run.messages:
                raise RuntimeError(f"{arguments[0]}: {run.messages} messages were confirmed, {there} are in the queue")
            return run

        for _ in range(plan.rounds):
            compared.ours.append(measure(ours, "rabbit-publish"))
            compared.add("C, librabbitmq", measure(c_loop, "rabbitmq_publish"), least_ratio=0.85)
            compared.add("aio-pika", measure(python_peer, "aio_pika_peer.py", "publish"), least_ratio=3)
            compared.add("pika", measure(python_peer, "pika_peer.py", "publish"))
    return compared.figures()


def consume(plan: Plan) -> list[Figure]:
    """A queue that was filled before, every message acknowledged.

    Our transport merges the acknowledgements that one wake-up finds, so does the C loop that counts. The Python peers
    acknowledge each message, as their documentation does it; beside them the same with one acknowledgement for 100.
    """
    compared = Comparison(
        f"RabbitMQ consume and ack, prefetch {PREFETCH:,}", "messages/s", most_cpu_microseconds=10)
    with RabbitMQ(plan.folder / "rabbitmq") as broker:
        payloads = write_payloads(plan.folder / "payloads")

        def measure(thousands_a_second: int, program, *arguments: object, more: tuple[object, ...] = ()) -> Run:
            """Filled with what it takes to keep the program busy for about the seconds of the plan."""
            count = thousands_a_second * 1000 * plan.seconds
            with fresh_queue(broker) as queue:
                c_loop("rabbitmq_publish", broker.url, queue, payloads, WINDOW, 300, count)
                run = program(*arguments, broker.url, queue, PREFETCH, *more, count)
            if run.messages != count or run.bytes != count * PAYLOAD_BYTES:
                raise RuntimeError(f"{arguments[0]}: {run.messages} messages of {count}, {run.bytes} bytes")
            return run

        def peer(name: str, thousands_a_second: int, program, *arguments: object, bar: float | None = None) -> None:
            *before, acknowledging = arguments
            compared.add(name, measure(thousands_a_second, program, *before, more=(acknowledging,)), bar)

        for _ in range(plan.rounds):
            compared.ours.append(measure(30, ours, "rabbit-consume"))
            peer("C, acks merged", 30, c_loop, "rabbitmq_consume", "merged", bar=1)
            peer("pika", 10, python_peer, "pika_peer.py", "consume", "each", bar=3)
            peer("aio-pika", 4, python_peer, "aio_pika_peer.py", "consume", "each", bar=3)
            peer("C, an ack each", 30, c_loop, "rabbitmq_consume", "each")
            peer("pika, an ack for 100", 20, python_peer, "pika_peer.py", "consume", "merged")
            peer("aio-pika, an ack for 100", 8, python_peer, "aio_pika_peer.py", "consume", "merged")
    return compared.figures()


def pingpong(plan: Plan) -> list[Figure]:
    """One message that goes there and back through two quorum queues.

    The broker's files are in memory: on a disk every hop waits for one fsync, whoever the client is.
    """
    compared = Comparison("RabbitMQ ping-pong, one message", "round trips/s")
    with tempfile.TemporaryDirectory(prefix="flotilla-bench-", dir="/dev/shm") as data, \
            RabbitMQ(plan.folder / "rabbitmq", Path(data)) as broker:
        payloads = write_payloads(plan.folder / "payloads")

        def measure(program, *arguments: object) -> Run:
            with fresh_queue(broker) as ping, fresh_queue(broker) as pong:
                return program(*arguments, broker.url, ping, pong, payloads, plan.seconds)

        for _ in range(plan.rounds):
            compared.ours.append(measure(ours, "rabbit-pingpong"))
            compared.add("FastStream", measure(python_peer, "faststream_peer.py", "rabbit"), least_ratio=5)
            # Not a peer but the end of the scale: it waits for nothing but the next delivery.
            compared.add("C, librabbitmq", measure(c_loop, "rabbitmq_pingpong"))
    return compared.figures()


_numbers = iter(range(1_000_000))


@contextlib.contextmanager
def fresh_queue(broker: RabbitMQ) -> Iterator[str]:
    """An empty quorum queue, declared by our transport; gone afterwards."""
    queue = f"bench.{next(_numbers)}"
    answer(BUS_BENCH, "rabbit-declare", broker.url, queue)
    try:
        yield queue
    finally:
        _delete(broker, queue)


def _delete(broker: RabbitMQ, queue: str) -> dict:
    return answer(HELPERS / "rabbitmq_delete", broker.url, queue)
