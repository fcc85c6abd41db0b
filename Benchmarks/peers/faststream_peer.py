"""FastStream: plays ping-pong with one message through two queues or two topics; counts the round trips.

usage: faststream_peer.py rabbit URL PING PONG PAYLOADS SECONDS
       faststream_peer.py aiokafka|confluent SERVERS PING PONG PAYLOADS SECONDS FETCH-WAIT-MS

One subscriber answers through its publisher, as FastStream's tutorial does it, the other one plays the ball back. What
goes through RabbitMQ is persistent; what goes to Kafka is acknowledged by all replicas and idempotent. No access log.
"""

import asyncio
import sys
import time

import uvloop

from measure import Measurement, read_payloads


class Game:
    """Counts the round trips after the first, which waited for the subscribers, until the time is over."""

    def __init__(self, path: str, seconds: str):
        self.ball = read_payloads(path)[0]
        self.seconds = float(seconds)
        self.rounds = 0
        self.measurement: Measurement | None = None
        self.over = asyncio.Event()

    def goes_on(self, ball: bytes) -> bool:
        """Called when the ball is back."""
        if ball != self.ball:
            sys.exit("another ball came back")
        if self.measurement is None:
            self.measurement = Measurement()
            return True
        self.rounds += 1
        if time.monotonic() < self.measurement.begun + self.seconds:
            return True
        self.measurement.print_result(self.rounds, self.rounds * len(self.ball))
        self.over.set()
        return False


async def body_as_it_is(message) -> bytes:
    """Spares FastStream the attempt to read JSON."""
    return message.body


def rabbit(url: str, ping: str, pong: str, game: Game):
    from faststream.rabbit import Channel, QueueType, RabbitBroker, RabbitQueue

    broker = RabbitBroker(url, logger=None, default_channel=Channel(publisher_confirms=True))
    # They are there already, made as Flotilla's transport makes them.
    there, back = (RabbitQueue(name, QueueType.QUORUM, durable=True, declare=False) for name in (ping, pong))

    @broker.subscriber(there, decoder=body_as_it_is)
    @broker.publisher(back, persist=True, mandatory=True)
    async def answer(ball: bytes) -> bytes:
        return ball

    @broker.subscriber(back, decoder=body_as_it_is)
    async def play_back(ball: bytes) -> None:
        if game.goes_on(ball):
            await serve()

    async def serve() -> None:
        await broker.publish(game.ball, there, persist=True, mandatory=True)

    return broker, serve


def kafka(broker, ping: str, pong: str, game: Game, fetch_wait_ms: str):
    reading = {
        "auto_offset_reset": "earliest", "fetch_max_wait_ms": int(fetch_wait_ms), "decoder": body_as_it_is,
    }

    @broker.subscriber(ping, group_id=f"{ping}-readers", **reading)
    @broker.publisher(pong)
    async def answer(ball: bytes) -> bytes:
        return ball

    @broker.subscriber(pong, group_id=f"{pong}-readers", **reading)
    async def play_back(ball: bytes) -> None:
        if game.goes_on(ball):
            await serve()

    async def serve() -> None:
        await broker.publish(game.ball, ping)

    return broker, serve


def aiokafka(servers: str, ping: str, pong: str, game: Game, fetch_wait_ms: str):
    from faststream.kafka import KafkaBroker

    broker = KafkaBroker(servers.split(","), logger=None, acks="all", enable_idempotence=True)
    return kafka(broker, ping, pong, game, fetch_wait_ms)


def confluent(servers: str, ping: str, pong: str, game: Game, fetch_wait_ms: str):
    from faststream.confluent import KafkaBroker

    # The topics are there; the mock cluster cannot create any.
    broker = KafkaBroker(
        servers.split(","), logger=None, acks="all", enable_idempotence=True, linger_ms=0,
        allow_auto_create_topics=False)
    return kafka(broker, ping, pong, game, fetch_wait_ms)


async def play(make, servers: str, ping: str, pong: str, path: str, seconds: str, *more: str) -> None:
    game = Game(path, seconds)
    broker, serve = make(servers, ping, pong, game, *more)
    await broker.start()
    await serve()
    await game.over.wait()
    await broker.stop()


if __name__ == "__main__":
    makers = {"rabbit": rabbit, "aiokafka": aiokafka, "confluent": confluent}
    uvloop.run(play(makers[sys.argv[1]], *sys.argv[2:]))
