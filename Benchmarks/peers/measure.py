"""What every peer here needs: clocks, the payloads, and its one line of JSON."""

import json
import resource
import time
from pathlib import Path

PAYLOAD_BYTES = 300


def read_payloads(path: str) -> list[bytes]:
    """The driver's file of payloads, one behind the other."""
    everything = Path(path).read_bytes()
    return [everything[start:start + PAYLOAD_BYTES] for start in range(0, len(everything), PAYLOAD_BYTES)]


class Measurement:
    """Time and processor time of this process since it was made."""

    def __init__(self):
        self.begun, self.cpu_before = time.monotonic(), cpu_seconds()

    def print_result(self, messages: int, bytes: int) -> None:
        """`bytes` adds up what was sent or read, so that the driver can compare it among the programs."""
        seconds = time.monotonic() - self.begun
        print(json.dumps({
            "messages": messages, "seconds": seconds, "cpu_seconds": cpu_seconds() - self.cpu_before, "bytes": bytes}))


def cpu_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime
