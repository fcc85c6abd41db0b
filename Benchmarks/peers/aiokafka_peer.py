"""aiokafka: awaited appends from as many tasks as may be in flight.

usage: aiokafka_peer.py SERVERS TOPIC PAYLOADS IN-FLIGHT LINGER-MS COMPRESSION SECONDS
"""

import asyncio
import itertools
import sys
import time

import uvloop
from aiokafka import AIOKafkaProducer

from kafka_records import HEADERS, KEYS, WARM_UP
from measure import Measurement, read_payloads


async def produce(
    servers: str, topic: str, path: str, in_flight: str, linger_ms: str, compression: str, seconds: str
) -> None:
    payloads, numbers = read_payloads(path), itertools.count()
    # With its default of 16 KiB a batch holds 40 of these records, thousands of tasks wait for room in the next one,
    # and the rate is a tenth. librdkafka's default is 1 MB as well.
    producer = AIOKafkaProducer(
        bootstrap_servers=servers, acks="all", enable_idempotence=True, linger_ms=int(linger_ms),
        max_batch_size=1_000_000, compression_type=None if compression == "none" else compression)
    await producer.start()

    async def append() -> None:
        number = next(numbers)
        await producer.send_and_wait(
            topic, value=payloads[number % len(payloads)], key=KEYS[number % len(KEYS)], headers=HEADERS)

    await asyncio.gather(*(append() for _ in range(WARM_UP)))
    measurement = Measurement()
    deadline = measurement.begun + float(seconds)

    async def work() -> int:
        count = 0
        while time.monotonic() < deadline:
            await append()
            count += 1
        return count

    appended = sum(await asyncio.gather(*(work() for _ in range(int(in_flight)))))
    measurement.print_result(appended, appended * len(payloads[0]))
    await producer.stop()


if __name__ == "__main__":
    uvloop.run(produce(*sys.argv[1:]))
