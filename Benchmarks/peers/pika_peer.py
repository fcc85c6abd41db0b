"""pika: publishes with confirms that a callback counts, or consumes and acknowledges, on its callback connection.

usage: pika_peer.py publish URL QUEUE PAYLOADS WINDOW SECONDS
       pika_peer.py consume URL QUEUE PREFETCH each|merged COUNT

pika's BlockingConnection waits for each confirm by itself; its documentation points to SelectConnection for more.
"""

import sys
import time

import pika

from measure import Measurement, read_payloads


class Peer:
    """One connection with one channel; ends the loop when it has its result."""

    def __init__(self, url: str):
        self.messages = self.size = 0
        self.measurement: Measurement | None = None
        self.connection = pika.SelectConnection(
            pika.URLParameters(url),
            on_open_callback=lambda connection: connection.channel(on_open_callback=self.opened),
            on_open_error_callback=lambda _, error: sys.exit(f"not connected: {error!r}"),
            on_close_callback=self.closed)

    def run(self) -> None:
        self.connection.ioloop.start()

    def opened(self, channel) -> None:
        raise NotImplementedError

    def finish(self) -> None:
        self.measurement.print_result(self.messages, self.size)
        self.connection.close()

    def closed(self, connection, reason) -> None:
        connection.ioloop.stop()
        if not isinstance(reason, pika.exceptions.ConnectionClosedByClient):
            sys.exit(f"the connection was closed: {reason!r}")


class Publisher(Peer):
    """Publishes whenever the window has places. `messages` counts the confirmed ones."""

    def __init__(self, url: str, queue: str, path: str, window: str, seconds: str):
        super().__init__(url)
        self.queue, self.bodies, self.window, self.seconds = queue, read_payloads(path), int(window), float(seconds)
        self.published = 0

    def opened(self, channel) -> None:
        self.channel = channel
        channel.add_on_return_callback(lambda *_: sys.exit("a message was returned"))
        channel.confirm_delivery(self.confirmed, callback=lambda _: self.begin())

    def begin(self) -> None:
        self.measurement = Measurement()
        self.fill_window()

    def fill_window(self) -> None:
        while self.published - self.messages < self.window:
            body = self.bodies[self.published % len(self.bodies)]
            properties = pika.BasicProperties(message_id=f"bench-{self.published:08x}", delivery_mode=2)
            self.channel.basic_publish("", self.queue, body, properties, mandatory=True)
            self.published += 1

    def confirmed(self, frame) -> None:
        if not isinstance(frame.method, pika.spec.Basic.Ack):
            sys.exit("a message was refused")
        # A quorum queue confirms in order: what one confirm covers is everything up to its tag.
        self.messages = frame.method.delivery_tag
        if time.monotonic() < self.measurement.begun + self.seconds:
            self.fill_window()
        elif self.messages == self.published:
            self.size = self.messages * len(self.bodies[0])
            self.finish()


class Consumer(Peer):
    """Acknowledges each message, or every hundredth with all before it."""

    def __init__(self, url: str, queue: str, prefetch: str, acknowledging: str, count: str):
        super().__init__(url)
        self.queue, self.prefetch = queue, int(prefetch)
        self.merges, self.wanted = acknowledging == "merged", int(count)

    def opened(self, channel) -> None:
        channel.basic_qos(prefetch_count=self.prefetch, callback=lambda _: self.begin(channel))

    def begin(self, channel) -> None:
        self.measurement = Measurement()
        channel.basic_consume(self.queue, self.handle)

    def handle(self, channel, method, properties, body: bytes) -> None:
        self.messages += 1
        self.size += len(body)
        if not self.merges:
            channel.basic_ack(method.delivery_tag)
        elif self.messages % 100 == 0 or self.messages == self.wanted:
            channel.basic_ack(method.delivery_tag, multiple=True)
        if self.messages == self.wanted:
            self.finish()


if __name__ == "__main__":
    {"publish": Publisher, "consume": Consumer}[sys.argv[1]](*sys.argv[2:]).run()
