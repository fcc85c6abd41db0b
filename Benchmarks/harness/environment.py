"""What the figures were measured on."""

import os
import platform
import re
import subprocess
from pathlib import Path


def describe(folder: Path) -> list[str]:
    memory = re.search(r"MemTotal:\s+(\d+) kB", Path("/proc/meminfo").read_text())
    return [
        f"{len(os.sched_getaffinity(0))} cores ({_processor()}), {int(memory[1]) / 1048576:.0f} GiB, "
        f"Linux {platform.release()}, {_file_system(folder)} under {folder}",
        ", ".join([_first_line("swift", "--version"), _first_line("nginx", "-v"), f"Python {platform.python_version()}"]),
    ]


def _processor() -> str:
    model = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    return model[1] if model else platform.machine()


def _file_system(folder: Path) -> str:
    answer = subprocess.run(["stat", "--file-system", "--format=%T", folder], capture_output=True, text=True, check=True)
    return answer.stdout.strip()


def _first_line(*command: str) -> str:
    program = os.environ.get("SWIFT", "swift") if command[0] == "swift" else command[0]
    answer = subprocess.run([program, *command[1:]], capture_output=True, text=True, check=True)
    return (answer.stdout + answer.stderr).splitlines()[0].removeprefix("nginx version: ")
