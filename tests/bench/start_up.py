"""How long commands take that people wait for: medians of ten, each in a fresh process."""
# ruff: noqa: T201 - what it prints is what it is for

import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 10
PROGRAM = str(Path(sys.executable).with_name("wanmon"))
#: Command and the most seconds that it may take.
COMMANDS = ((("--help",), 0.3), (("site", "list"), 1.0), (("status",), 1.0), (("status", "BN-0002"), 1.0))


def show() -> None:
    """A line for each command."""
    with tempfile.TemporaryDirectory(prefix="wanmon-bench-") as name:
        province = Path(name) / "bac-ninh"
        _run(Path(name), "init", str(province), "--example", "bac-ninh")
        for command, most_s in COMMANDS:
            times = sorted(_run(province, *command) for _ in range(RUNS))
            median = statistics.median(times)
            print(f"wanmon {' '.join(command)}: {median:.2f} s (median of {RUNS}, at most {most_s:g})")


def _run(folder: Path, *command: str) -> float:
    # As installed: pip compiles what it installs, and a checkout keeps what was compiled once.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    began = time.monotonic()
    subprocess.run([PROGRAM, *command], cwd=folder, env=environment, check=True, **quiet)
    return time.monotonic() - began


if __name__ == "__main__":
    show()
