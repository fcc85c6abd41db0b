"""Made-up hosts that report to one ingress, while somebody reads: how many it can take."""

import contextlib
import json
import random
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from statistics import median
from urllib.request import urlopen

from .load import Client
from .plan import Plan
from .report import Figure
from .services import FLOTILLA, Flotilla, plain_environment

HOSTS = 1000
# The hosts of the search for the bound; doubled until the ingress does not keep up.
FIRST_OF_RAMP = 2000
LAST_OF_RAMP = 64_000
RAMP_SECONDS = 30
# Reads beside the load.
READS_PER_SECOND = 50
LAG = re.compile(r'flotilla_projection_lag_records\{[^}]*projection="hosts"[^}]*\} (\S+)')


@dataclass
class Run:
    """What one simulation came to."""

    hosts: int
    seconds: float = 0
    samples: int = 0
    missed: int = 0
    failed: int = 0
    # Records that the view was behind, by time.
    lags: list[float] = field(default_factory=list)
    read_ms: list[float] = field(default_factory=list)
    cpu_seconds: float = 0
    resident_mb: float = 0

    @property
    def rate(self) -> float:
        return self.samples / self.seconds

    @property
    def keeps_up(self) -> bool:
        """Nothing missed, and the lag neither grows nor is it more than two seconds' worth."""
        third = max(1, len(self.lags) // 3)
        grown = max(self.lags[-third:]) - max(self.lags[:third])
        return self.missed + self.failed <= self.samples / 1000 and max(
            self.lags[-third:]) <= 2 * self.hosts and grown <= self.hosts


def fleet(plan: Plan) -> list[Figure]:
    """1,000 hosts at one sample a second for five minutes (60 s a round when rounds are fewer than five), then ever more."""
    length = 300 if plan.rounds >= 5 else 60
    with Flotilla(plan.folder / "flotilla") as flotilla:
        headers = flotilla.headers()
        run = _simulate(flotilla, headers, HOSTS, length)
        if not run.keeps_up:
            raise RuntimeError(f"{HOSTS} hosts: {run.missed} missed, {run.failed} failed, behind by {run.lags}")
        figures = [
            Figure(f"{HOSTS} hosts for {length} s: samples", [run.rate], "samples/s", least=0.99 * HOSTS),
            Figure("  longest lag in the last third", [max(run.lags[-len(run.lags) // 3:])], "records", most=HOSTS),
            Figure("  GET /api/v1/system/stats beside it: p99", [_percentile(run.read_ms, 99)], "ms", most=20),
            Figure("  p50 of these", [median(run.read_ms)], "ms"),
            Figure("  processor of the whole service", [100 * run.cpu_seconds / run.seconds], "% of a core"),
            Figure("  resident memory of the whole service", [run.resident_mb], "MB"),
        ]
    hosts, kept = FIRST_OF_RAMP, run
    while hosts <= LAST_OF_RAMP:
        # A service of its own each: hosts that are gone would be shown beside the others.
        with Flotilla(plan.folder / f"flotilla-{hosts}") as flotilla:
            run = _simulate(flotilla, flotilla.headers(), hosts, RAMP_SECONDS)
        if not run.keeps_up:
            break
        hosts, kept = 2 * hosts, run
    figures += [
        Figure("hosts at one sample a second that it keeps up with", [kept.hosts], "hosts"),
        Figure("  reads at that: p99", [_percentile(kept.read_ms, 99)], "ms"),
    ]
    if hosts <= LAST_OF_RAMP:
        figures.append(Figure(f"  samples taken of {hosts} hosts, when it does not", [run.rate], "samples/s"))
    return figures


def _simulate(flotilla: Flotilla, headers: dict[str, str], hosts: int, seconds: int) -> Run:
    run = Run(hosts)
    command = [
        str(FLOTILLA), "simulate", "--hosts", str(hosts), "--duration", str(seconds), "--prefix", "bench", "--json",
        "--state", str(flotilla.folder / "state"),
    ]
    before = _processor_seconds(flotilla)
    with subprocess.Popen(command, env=plain_environment(), stdout=subprocess.PIPE, text=True) as simulation:
        with _reading(flotilla, headers, hosts, run):
            for line in simulation.stdout:
                report = json.loads(line)
                run.seconds += report["elapsed_seconds"]
                for name in ("samples", "missed", "failed"):
                    setattr(run, name, getattr(run, name) + report[name])
                run.lags.append(_lag(flotilla))
        if simulation.wait():
            raise RuntimeError(f"flotilla simulate ended with {simulation.returncode}")
    run.cpu_seconds = _processor_seconds(flotilla) - before
    run.resident_mb = _resident_mb(flotilla)
    return run


@contextlib.contextmanager
def _reading(flotilla: Flotilla, headers: dict[str, str], hosts: int, run: Run) -> Iterator[None]:
    """Reads the figures of one host after the other, at a steady rate."""
    stopping = threading.Event()
    problems: list[str] = []

    def read() -> None:
        client = Client(flotilla, headers)
        digits = len(str(hosts))
        # The first samples are on their way.
        stopping.wait(3)
        due = time.perf_counter()
        while not stopping.is_set():
            name = f"bench-{random.randint(1, hosts):0{digits}}"
            begun = time.perf_counter()
            status, _ = client.get(f"/api/v1/system/stats?host={name}")
            run.read_ms.append(1000 * (time.perf_counter() - begun))
            if status != 200:
                problems.append(f"the figures of {name} were answered with {status}")
                return
            due = max(due + 1 / READS_PER_SECOND, begun)
            stopping.wait(max(0, due - time.perf_counter()))
        client.close()

    reader = threading.Thread(target=read)
    reader.start()
    try:
        yield
    finally:
        stopping.set()
        reader.join()
    if problems:
        raise RuntimeError(problems[0])


def _lag(flotilla: Flotilla) -> float:
    """As of the last time that the service measured it, which it does every five seconds."""
    found = LAG.search(urlopen(f"{flotilla.url}/metrics").read().decode())
    if not found:
        raise RuntimeError("the service does not say how far its view of hosts is behind")
    return float(found[1])


def _processor_seconds(flotilla: Flotilla) -> float:
    with open(f"/proc/{flotilla.process.pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _resident_mb(flotilla: Flotilla) -> float:
    with open(f"/proc/{flotilla.process.pid}/status") as file:
        return next(int(line.split()[1]) for line in file if line.startswith("VmRSS")) / 1024


def _percentile(values: list[float], percent: int) -> float:
    return sorted(values)[min(len(values) * percent // 100, len(values) - 1)]
