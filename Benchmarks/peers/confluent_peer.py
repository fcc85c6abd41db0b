"""confluent-kafka: appends with delivery callbacks, or consumes as the one member of a new group.

usage: confluent_peer.py produce SERVERS TOPIC PAYLOADS IN-FLIGHT SECONDS [PROPERTY=VALUE…]
       confluent_peer.py consume SERVERS TOPIC GROUP COUNT [PROPERTY=VALUE…]

IN-FLIGHT bounds the records without a report; 0 leaves that to the library's own queue. Its produce_batch() takes no
headers, so records go one by one.
"""

import sys
import time

from confluent_kafka import Consumer, Producer

from kafka_records import HEADERS, KEYS, WARM_UP, header_bytes
from measure import Measurement, read_payloads

BATCH = 1000


def properties(arguments: tuple[str, ...]) -> dict[str, str]:
    return dict(argument.split("=", 1) for argument in arguments)


def produce(servers: str, topic: str, path: str, in_flight: str, seconds: str, *more: str) -> None:
    payloads, bound = read_payloads(path), int(in_flight)
    producer = Producer({
        "bootstrap.servers": servers, "acks": "all", "enable.idempotence": True, "partitioner": "murmur2_random",
    } | properties(more))
    appended = reported = 0

    def report(error, _) -> None:
        nonlocal reported
        if error:
            sys.exit(f"delivery: {error}")
        reported += 1

    def append() -> None:
        nonlocal appended
        while bound and appended - reported >= bound:
            producer.poll(1)
        while True:
            try:
                producer.produce(
                    topic, payloads[appended % len(payloads)], KEYS[appended % len(KEYS)], headers=HEADERS,
                    on_delivery=report)
                break
            except BufferError:
                producer.poll(0.01)
        appended += 1
        # Serves the reports that are there without asking after every record.
        if appended % 100 == 0:
            producer.poll(0)

    while appended < WARM_UP:
        append()
    producer.flush()
    measurement = Measurement()
    deadline = measurement.begun + float(seconds)
    while time.monotonic() < deadline:
        append()
    producer.flush()
    if reported != appended:
        sys.exit(f"{appended} records were appended, {reported} reported")
    measurement.print_result(reported - WARM_UP, (reported - WARM_UP) * len(payloads[0]))


def consume(servers: str, topic: str, group: str, count: str, *more: str) -> None:
    """Reads key, value and both headers; commits once a second. The clock starts with the first record."""
    consumer = Consumer({
        "bootstrap.servers": servers, "group.id": group, "auto.offset.reset": "earliest", "enable.auto.commit": False,
        "partition.assignment.strategy": "cooperative-sticky",
    } | properties(more))
    consumer.subscribe([topic])
    wanted, messages, size = int(count), 0, 0
    measurement, next_commit = None, 0.0
    while messages < wanted:
        batch = consumer.consume(BATCH, timeout=30 if measurement is None else 1)
        if measurement is None:
            measurement = Measurement()
            next_commit = measurement.begun + 1
        for message in batch:
            if message.error():
                sys.exit(f"consume: {message.error()}")
            size += len(message.key()) + len(message.value()) + header_bytes(message.headers())
        if not batch:
            sys.exit(f"no record any more after {messages}")
        messages += len(batch)
        if time.monotonic() >= next_commit:
            consumer.commit(asynchronous=False)
            next_commit += 1
    consumer.commit(asynchronous=False)
    measurement.print_result(messages, size)
    consumer.close()


if __name__ == "__main__":
    {"produce": produce, "consume": consume}[sys.argv[1]](*sys.argv[2:])
