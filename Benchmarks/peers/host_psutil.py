"""What psutil takes to read the host as HostBench does, at the same pace, by its processor time.

usage: host_psutil.py sample|processes SECONDS
"""

import json
import sys
import time
from statistics import mean

import psutil

PAUSE = 0.05
PER_SECOND = 20
ROWS = 50
FIELDS = ["pid", "name", "status", "cpu_percent", "memory_info", "num_threads", "create_time", "ppid"]


def sample() -> None:
    psutil.cpu_times()
    psutil.cpu_times(percpu=True)
    psutil.cpu_freq()
    psutil.getloadavg()
    psutil.virtual_memory()
    psutil.swap_memory()
    psutil.disk_io_counters(perdisk=True)
    psutil.net_io_counters(pernic=True)
    for partition in psutil.disk_partitions(all=False):
        psutil.disk_usage(partition.mountpoint)
    psutil.sensors_temperatures()
    psutil.boot_time()


def processes(rows: int | None) -> int:
    """All of them, and the command lines of the first rows; without a number, of all."""
    if rows is None:
        return sum(1 for _ in psutil.process_iter([*FIELDS, "cmdline"]))
    found = list(psutil.process_iter(FIELDS))
    for process in found[:rows]:
        try:
            process.cmdline()
        except psutil.Error:
            pass
    return len(found)


def microseconds(body) -> float:
    begun = time.process_time_ns()
    body()
    return (time.process_time_ns() - begun) / 1000


def main() -> None:
    kind, seconds = sys.argv[1], int(sys.argv[2])
    if kind == "sample":
        sample()
        end, count = time.monotonic() + seconds, 0
        begun = time.process_time_ns()
        while time.monotonic() < end:
            sample()
            count += 1
        in_a_row = (time.process_time_ns() - begun) / 1000 / count
        apart = []
        for _ in range(seconds * PER_SECOND):
            time.sleep(PAUSE)
            apart.append(microseconds(sample))
        print(json.dumps({"in_a_row_us": in_a_row, "apart_us": mean(apart), "samples": count}))
        return
    count = processes(None)
    listed, whole = [], []
    for _ in range(max(seconds * PER_SECOND // 10, 2)):
        time.sleep(PAUSE)
        listed.append(microseconds(lambda: processes(ROWS)))
        whole.append(microseconds(lambda: processes(None)))
    print(json.dumps({
        "list_us": mean(listed) / count, "whole_us": mean(whole) / count, "lists": len(listed), "processes": count}))


main()
