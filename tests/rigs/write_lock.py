"""When is another process inside a write of a SQLite database? Seen from outside, without touching the database.

In WAL mode a writer holds a POSIX lock on one byte of the `-shm` file for as long as its transaction lasts:
WAL_WRITE_LOCK, byte 120 (https://www.sqlite.org/walformat.html). The kernel tells who holds it. The process that looks
must have no connection of its own to the database: closing any handle of the file would drop that connection's locks.
"""

import fcntl
import os
import struct
import time
from pathlib import Path

_WRITE_LOCK_BYTE = 120
#: struct flock of 64-bit Linux: l_type, l_whence, l_start, l_len, l_pid.
_FLOCK = "hhqqi4x"


def catch_writing(database: Path, pid: int, within_s: float) -> bool:
    """Return as soon as the process is seen inside a write; False if it was not within that time."""
    until_s = time.monotonic() + within_s
    try:
        shared = os.open(f"{database}-shm", os.O_RDWR)
    except FileNotFoundError:
        return False
    question = struct.pack(_FLOCK, fcntl.F_WRLCK, os.SEEK_SET, _WRITE_LOCK_BYTE, 1, 0)
    try:
        while time.monotonic() < until_s:
            kind, _, _, _, holder = struct.unpack(_FLOCK, fcntl.fcntl(shared, fcntl.F_GETLK, question))
            if kind != fcntl.F_UNLCK and holder == pid:
                return True
    finally:
        os.close(shared)
    return False
