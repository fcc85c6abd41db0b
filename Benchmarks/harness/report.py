"""Figures of several rounds, their medians, and whether a bar is met."""

from dataclasses import dataclass, field
from statistics import median


@dataclass
class Figure:
    """What was measured, a value a round: ours, and the peer's where there is one."""

    name: str
    ours: list[float]
    unit: str = "/s"
    peer_name: str = ""
    peer: list[float] = field(default_factory=list)
    # The least or the most ratio of ours to the peer's; the least or the most of ours itself.
    least_ratio: float | None = None
    most_ratio: float | None = None
    least: float | None = None
    most: float | None = None

    @property
    def value(self) -> float:
        return median(self.ours)

    @property
    def ratio(self) -> float | None:
        return self.value / median(self.peer) if self.peer else None

    @property
    def bar(self) -> str:
        if self.least_ratio is not None:
            return f"≥ {self.least_ratio:g} ×"
        if self.most_ratio is not None:
            return f"≤ {self.most_ratio:g} ×"
        if self.least is not None:
            return f"≥ {self.least:,g}"
        return f"≤ {self.most:,g}" if self.most is not None else ""

    @property
    def met(self) -> bool | None:
        """None where nothing is asked for."""
        if self.least_ratio is not None:
            return self.ratio >= self.least_ratio
        if self.most_ratio is not None:
            return self.ratio <= self.most_ratio
        if self.least is not None:
            return self.value >= self.least
        return self.value <= self.most if self.most is not None else None

    def record(self) -> dict:
        return {
            "name": self.name, "unit": self.unit, "median": self.value, "rounds": self.ours, "bar": self.bar,
            "met": self.met, "ratio": self.ratio,
            "peer": {"name": self.peer_name, "median": median(self.peer), "rounds": self.peer} if self.peer else None,
        }


def table(figures: list[Figure]) -> str:
    """The medians as text."""
    rows = [["figure", "flotilla", "peer", "", "ratio", "bar", ""]]
    for figure in figures:
        rows.append([
            f"{figure.name}, {figure.unit}", _number(figure.value), figure.peer_name,
            _number(median(figure.peer)) if figure.peer else "", f"{figure.ratio:.2f}" if figure.peer else "",
            figure.bar, {None: "", True: "met", False: "MISSED"}[figure.met],
        ])
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    lines.insert(1, "─" * max(map(len, lines)))
    return "\n".join(lines)


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= 10 else f"{value:.2f}"
