"""How much memory this process holds, and how many files."""

import os
from pathlib import Path

MIB = 1024 * 1024


def resident_bytes() -> int:
    """The resident set now."""
    return int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


def open_files() -> int:
    """How many file descriptors are open."""
    return len(list(Path("/proc/self/fd").iterdir()))
