"""The programs that measure the broker transports and their peers: each prints one line of JSON."""

import json
import os
import subprocess
from dataclasses import dataclass

from .services import BENCHMARKS, HELPERS, PROJECT, plain_environment

BUS_BENCH = PROJECT / ".build/release/BusBench"


@dataclass
class Run:
    """What a program did, by its own clock and its own processor time."""

    messages: int
    seconds: float
    cpu_seconds: float
    # Added up over what it sent or read.
    bytes: int

    @property
    def rate(self) -> float:
        return self.messages / self.seconds

    @property
    def cpu_microseconds(self) -> float:
        """Processor time of the client a message."""
        return 1e6 * self.cpu_seconds / self.messages


def ours(command: str, *arguments: object) -> Run:
    return _run(BUS_BENCH, command, *arguments)


def c_loop(name: str, *arguments: object) -> Run:
    return _run(HELPERS / name, *arguments)


def python_peer(name: str, *arguments: object) -> Run:
    return _run(BENCHMARKS / ".venv/bin/python", BENCHMARKS / "peers" / name, *arguments)


def _run(*command: object) -> Run:
    run = Run(**answer(*command))
    if not run.messages or run.seconds <= 0:
        raise RuntimeError(f"{_name(command)} did nothing")
    return run


def answer(*command: object) -> dict:
    """Runs a program and reads the JSON of its last line; raises with what it said when it failed."""
    done = subprocess.run(
        [str(word) for word in command], env=plain_environment() | {"PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=900)
    if done.returncode != 0:
        raise RuntimeError(f"{_name(command)} ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1]) if done.stdout else {}


def _name(command: tuple[object, ...]) -> str:
    return " ".join(os.path.basename(str(word)) for word in command[:3])
