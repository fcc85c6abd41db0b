"""What all programs on the broker transports send."""

import base64
import json
import random
from pathlib import Path

PAYLOAD_BYTES = 300


def write_payloads(path: Path) -> Path:
    """A thousand commands of 300 bytes, one behind the other, a third of each without any pattern.

    All programs send them in turn, so that compression has the same to do for each.
    """
    chance = random.Random(PAYLOAD_BYTES)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"".join(_command(number, chance) for number in range(1000)))
    return path


def _command(number: int, chance: random.Random) -> bytes:
    def body(note: str) -> bytes:
        return json.dumps({
            "device_id": f"bench-{number:08x}", "command_type": "config_update",
            "payload": {"sequence": number, "note": note}, "protocol": "mqtt",
            "metadata": {"topic": "devices/bench/commands"}, "priority": 5,
        }).encode()

    room = PAYLOAD_BYTES - len(body(""))
    return body(base64.b64encode(chance.randbytes(room)).decode()[:room])
