"""The records that the Kafka peers append: keyed, with the two headers of a device command."""

# As many keys as a fleet has devices that are busy at a time; each program uses them in turn.
KEYS = [f"bench-{number:08x}".encode() for number in range(4096)]
HEADERS = [
    ("ce_type", b"com.flotilla.device.command"),
    ("traceparent", b"00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"),
]
# Appended before the clock starts: connections, topic and producer id are there then.
WARM_UP = 1000


def header_bytes(headers: list[tuple[str, bytes]]) -> int:
    """Both headers, read by name."""
    found = dict(headers)
    return sum(len(found[name]) for name, _ in HEADERS)
