"""What it costs to watch a host: a sample, its processes, and the worker that does both, beside their peers."""

import time
from urllib.request import urlopen

from . import host_services
from .plan import Plan
from .programs import answer
from .report import Figure
from .services import BENCHMARKS, FLOTILLA, PROJECT

HOST_BENCH = PROJECT / ".build/release/HostBench"
# About as many as a host has that does something.
PROCESSES = 400
# Of the worker and of each peer; before it they find out what there is.
SECONDS = 60
SETTLING_SECONDS = 15


def _psutil(kind: str, seconds: int) -> dict:
    return answer(BENCHMARKS / ".venv/bin/python", BENCHMARKS / "peers/host_psutil.py", kind, seconds)


def sample(plan: Plan) -> list[Figure]:
    """A full sample without processes beside psutil, for the values it has, and a scrape of node_exporter."""
    ours = Figure("full sample of the host, one after the other: CPU", [], "µs", most=200)
    beside_psutil = Figure("  beside psutil, the values it has", ours.ours, "µs", "psutil", [], most_ratio=0.35)
    beside_scrape = Figure("  beside a scrape", ours.ours, "µs", "node_exporter", [], most_ratio=0.1)
    apart = Figure("  one each 50 ms, the caches cold", [], "µs", "psutil", [], most_ratio=0.35)
    with host_services.processes(PROCESSES), host_services.node_exporter(plan.folder / "node") as (process, url):
        for _ in range(plan.rounds):
            values = answer(HOST_BENCH, "sample", plan.seconds)
            peer = _psutil("sample", plan.seconds)
            ours.ours.append(values["in_a_row_us"])
            beside_psutil.peer.append(peer["in_a_row_us"])
            apart.ours.append(values["apart_us"])
            apart.peer.append(peer["apart_us"])
            beside_scrape.peer.append(_scrape(process.pid, url, plan.seconds))
    return [ours, beside_psutil, beside_scrape, apart]


def _scrape(pid: int, url: str, seconds: int) -> float:
    """Processor time of node_exporter for one scrape, in µs."""
    before, count, end = host_services.processor_seconds([pid]), 0, time.monotonic() + seconds
    while time.monotonic() < end:
        if not urlopen(url).read():
            raise RuntimeError("node_exporter answered nothing")
        count += 1
    return 1e6 * (host_services.processor_seconds([pid]) - before) / count


def processes(plan: Plan) -> list[Figure]:
    """Listing the processes: the state of all, and the command lines of 50."""
    ours = Figure(f"{PROCESSES} processes, 50 rows of them: CPU of each", [], "µs", most=25)
    beside = Figure("  beside psutil, the same values", ours.ours, "µs", "psutil", [], most_ratio=0.15)
    whole = Figure("  with the command lines of all", [], "µs", "psutil", [])
    # The driver removes it.
    plan.folder.mkdir(parents=True, exist_ok=True)
    with host_services.processes(PROCESSES):
        for _ in range(plan.rounds):
            values = answer(HOST_BENCH, "processes", plan.seconds)
            peer = _psutil("processes", plan.seconds)
            ours.ours.append(values["list_us"])
            beside.peer.append(peer["list_us"])
            whole.ours.append(values["whole_us"])
            whole.peer.append(peer["whole_us"])
    return [ours, beside, whole]


def worker(plan: Plan) -> list[Figure]:
    """`flotilla metrics-worker` at 1 Hz on the embedded bus, asked for processes each second."""
    percent, megabytes = _worker(plan)
    figures = [
        Figure("metrics worker, 1 Hz, a list of processes a second: CPU", [percent], "% of a core", most=0.5),
        Figure("  its resident memory", [megabytes], "MB", most=20),
    ]
    with host_services.processes(PROCESSES):
        for name, program in (("Netdata", host_services.netdata), ("Glances", host_services.glances)):
            with program(plan.folder / name.lower()) as process:
                if process is None:
                    print(f" ({name} is not installed)", end="")
                    continue
                time.sleep(SETTLING_SECONDS)
                if process.poll() is not None:
                    raise RuntimeError(f"{name} ended; see {plan.folder / name.lower() / 'output.log'}")
                peer_percent, peer_megabytes = host_services.use(process, SECONDS / 2)
            figures += [
                Figure(f"  CPU beside {name}", [percent], "% of a core", name, [peer_percent]),
                Figure(f"  memory beside {name}", [megabytes], "MB", name, [peer_megabytes]),
            ]
    return figures


def _worker(plan: Plan) -> tuple[float, float]:
    """Percent of a core, and megabytes at the end."""
    state, host = plan.folder / "worker/state", "bench"
    environment = {"FLOTILLA_STATE": str(state), "FLOTILLA_HOST": host}
    with (
        host_services.processes(PROCESSES),
        host_services.running(plan.folder / "worker", [str(FLOTILLA), "metrics-worker"], environment) as process,
    ):
        deadline = time.monotonic() + 30
        while True:
            try:
                # The worker makes its queue when it has started.
                answer(HOST_BENCH, "ask", state, host, 1)
                break
            except RuntimeError:
                if process.poll() is not None or time.monotonic() > deadline:
                    raise
                time.sleep(0.2)
        answer(HOST_BENCH, "ask", state, host, SETTLING_SECONDS)
        before, begun = host_services.processor_seconds([process.pid]), time.perf_counter()
        answers = answer(HOST_BENCH, "ask", state, host, SECONDS)
        if answers["answers"] != SECONDS or answers["rows"] != 50 * SECONDS:
            raise RuntimeError(f"the worker was to list 50 processes {SECONDS} times: {answers}")
        used = host_services.processor_seconds([process.pid]) - before
        percent = 100 * used / (time.perf_counter() - begun)
        return percent, host_services.resident_megabytes([process.pid])
