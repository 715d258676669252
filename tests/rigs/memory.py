"""How much memory this process holds, and how many files."""

import os
from pathlib import Path

MIB = 1024 * 1024


def resident_bytes() -> int:
    """The resident set now."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def begin_peak() -> None:
    """Forget the highest resident set so far (proc(5), clear_refs)."""
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def peak_bytes() -> int:
    """The highest resident set since `begin_peak`."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.split("VmHWM:")[1].split()[0]) * 1024


def open_files() -> int:
    """How many file descriptors are open."""
    return len(list(Path("/proc/self/fd").iterdir()))
