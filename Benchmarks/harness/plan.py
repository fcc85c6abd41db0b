"""How long to measure."""

from dataclasses import dataclass
from pathlib import Path


@dataclass
class Plan:
    """What a measurement is given: a folder of its own, and how often and how long to measure."""

    folder: Path
    rounds: int
    # Of each load in a round.
    seconds: int
    # Of the soak, which has one round.
    soak_seconds: int
