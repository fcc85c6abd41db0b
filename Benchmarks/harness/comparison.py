"""Ours beside several peers."""

from .programs import Run
from .report import Figure


class Comparison:
    """Ours beside several peers, run in turns: a rate and the client's processor time a message for each peer."""

    def __init__(self, name: str, unit: str, most_cpu_microseconds: float | None = None):
        self.name, self.unit, self.most_cpu = name, unit, most_cpu_microseconds
        self.ours: list[Run] = []
        self.peers: dict[str, list[Run]] = {}
        self.bars: dict[str, float | None] = {}

    def add(self, peer: str, run: Run, least_ratio: float | None = None) -> None:
        self.peers.setdefault(peer, []).append(run)
        self.bars[peer] = least_ratio

    def figures(self) -> list[Figure]:
        """The rates first; the peer that was added first is the one beside which the bar for the client's CPU is."""
        rates = [run.rate for run in self.ours]
        cpu = [run.cpu_microseconds for run in self.ours]
        figures = []
        for peer, runs in self.peers.items():
            name = self.name if not figures else "  these"
            figures.append(
                Figure(name, rates, self.unit, peer, [run.rate for run in runs], least_ratio=self.bars[peer]))
        for number, (peer, runs) in enumerate(self.peers.items()):
            figures.append(Figure(
                "  CPU of the client", cpu, "µs each", peer, [run.cpu_microseconds for run in runs],
                most=self.most_cpu if number == 0 else None))
        return figures
