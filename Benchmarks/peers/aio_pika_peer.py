"""aio-pika: publishes with confirms from as many tasks as the window has places, or consumes and acknowledges.

usage: aio_pika_peer.py publish URL QUEUE PAYLOADS WINDOW SECONDS
       aio_pika_peer.py consume URL QUEUE PREFETCH each|merged COUNT
"""

import asyncio
import itertools
import sys
import time

import aio_pika
import uvloop

from measure import Measurement, read_payloads


async def publish(url: str, queue: str, path: str, window: str, seconds: str) -> None:
    """Every task waits for its confirm before it publishes again. A returned message raises."""
    bodies, numbers = read_payloads(path), itertools.count()
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel(publisher_confirms=True, on_return_raises=True)
        exchange = channel.default_exchange
        measurement = Measurement()
        deadline = measurement.begun + float(seconds)

        async def work() -> int:
            count = 0
            while time.monotonic() < deadline:
                number = next(numbers)
                message = aio_pika.Message(
                    bodies[number % len(bodies)], message_id=f"bench-{number:08x}",
                    delivery_mode=aio_pika.DeliveryMode.PERSISTENT)
                await exchange.publish(message, routing_key=queue, mandatory=True)
                count += 1
            return count

        published = sum(await asyncio.gather(*(work() for _ in range(int(window)))))
        measurement.print_result(published, published * len(bodies[0]))


async def consume(url: str, queue: str, prefetch: str, acknowledging: str, count: str) -> None:
    wanted, merges = int(count), acknowledging == "merged"
    async with await aio_pika.connect(url) as connection:
        channel = await connection.channel()
        await channel.set_qos(prefetch_count=int(prefetch))
        source = await channel.get_queue(queue)
        done = asyncio.Event()
        messages = size = 0

        async def handle(message: aio_pika.abc.AbstractIncomingMessage) -> None:
            nonlocal messages, size
            messages += 1
            size += len(message.body)
            if not merges:
                await message.ack()
            elif messages % 100 == 0 or messages == wanted:
                await message.ack(multiple=True)
            if messages == wanted:
                done.set()

        measurement = Measurement()
        await source.consume(handle)
        await done.wait()
        measurement.print_result(messages, size)


if __name__ == "__main__":
    uvloop.run({"publish": publish, "consume": consume}[sys.argv[1]](*sys.argv[2:]))
