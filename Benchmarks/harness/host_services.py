"""Other programs that watch a host, and what they use."""

import os
import re
import shutil
import signal
import subprocess
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from .services import BENCHMARKS, free_port, plain_environment

TICKS = os.sysconf("SC_CLK_TCK")

# What our sample holds as well.
COLLECTORS = [
    "cpu", "cpufreq", "diskstats", "filefd", "filesystem", "hwmon", "loadavg", "meminfo", "netdev", "netstat", "pressure",
    "sockstat", "stat", "thermal_zone", "vmstat",
]


@contextmanager
def processes(count: int):
    """Starts sleeping programs until there are so many processes."""
    missing = count - sum(name.isdigit() for name in os.listdir("/proc"))
    sleepers = [
        subprocess.Popen(["sleep", "infinity"], stdin=subprocess.DEVNULL, env=plain_environment())
        for _ in range(max(missing, 0))
    ]
    try:
        yield
    finally:
        for sleeper in sleepers:
            sleeper.kill()
        for sleeper in sleepers:
            sleeper.wait()


@contextmanager
def running(folder: Path, command: list[str], environment: dict[str, str] | None = None):
    """A program in a folder of its own; ended with SIGTERM, with all that it started."""
    folder.mkdir(parents=True, exist_ok=True)
    with open(folder / "output.log", "ab") as output:
        process = subprocess.Popen(
            command, cwd=folder, env=plain_environment() | (environment or {}), stdin=subprocess.DEVNULL,
            stdout=output, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        yield process
    finally:
        group = process.pid
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        try:
            # Helpers that outlived it.
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            pass


def family(pid: int) -> list[int]:
    """A process and all that it started."""
    parents = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                parents[int(name)] = int(_stat(int(name))[1])
            except OSError:
                pass
    found = [pid]
    for parent in found:
        found += [child for child, its in parents.items() if its == parent]
    return found


def processor_seconds(pids: list[int]) -> float:
    return sum((int(fields[11]) + int(fields[12])) / TICKS for fields in map(_stat, pids))


def resident_megabytes(pids: list[int]) -> float:
    sizes = (Path(f"/proc/{pid}/status").read_text() for pid in pids)
    return sum(int(found[1]) for text in sizes if (found := re.search(r"VmRSS:\s+(\d+) kB", text))) / 1024


def _stat(pid: int) -> list[str]:
    # From field 3 on, proc(5), counted behind the name, which may hold anything.
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()


def use(process: subprocess.Popen, seconds: float) -> tuple[float, float]:
    """Percent of a core over that time, and megabytes at its end, of a program and all that it started."""
    # What ends or begins meanwhile is left out: these programs keep theirs.
    pids = family(process.pid)
    before, begun = processor_seconds(pids), time.perf_counter()
    time.sleep(seconds)
    percent = 100 * (processor_seconds(pids) - before) / (time.perf_counter() - begun)
    return percent, resident_megabytes(pids)


@contextmanager
def node_exporter(folder: Path):
    """Debian's node_exporter with the collectors of what our sample holds: the process, and the URL of its metrics."""
    address = f"127.0.0.1:{free_port()}"
    command = ["prometheus-node-exporter", f"--web.listen-address={address}", "--collector.disable-defaults"]
    command += [f"--collector.{name}" for name in COLLECTORS] + ["--web.disable-exporter-metrics"]
    url = f"http://{address}/metrics"
    with running(folder, command) as process:
        wait(lambda: urlopen(url).read(), process)
        yield process, url


@contextmanager
def netdata(folder: Path):
    """Debian's Netdata as it is, each second, with its database in memory; nothing where it is not installed."""
    program = shutil.which("netdata", path="/usr/sbin:/usr/bin")
    if program is None:
        yield None
        return
    port = free_port()
    places = {name: folder / name for name in ("config", "cache", "lib", "log", "home", "registry")}
    for place in places.values():
        place.mkdir(parents=True, exist_ok=True)
    (folder / "netdata.conf").write_text(
        "[global]\nrun as user = root\n[db]\nmode = ram\nupdate every = 1\n"
        f"[web]\nbind to = 127.0.0.1\ndefault port = {port}\n"
        "[directories]\n" + "".join(f"{name} = {place}\n" for name, place in places.items()))
    with running(folder, [program, "-D", "-c", str(folder / "netdata.conf")]) as process:
        wait(lambda: urlopen(f"http://127.0.0.1:{port}/api/v1/info").read(), process)
        yield process


@contextmanager
def glances(folder: Path):
    """Glances, each second, with its output thrown away."""
    command = [
        str(BENCHMARKS / ".venv/bin/glances"), "--time", "1", "--disable-check-update", "--stdout",
        "cpu.total,mem.percent,load.min1"]
    with running(folder, command) as process:
        yield process


def wait(attempt, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            attempt()
            return
        except (URLError, OSError):
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
