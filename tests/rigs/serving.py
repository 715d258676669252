"""wanmon itself as a child process: started as an operator starts it, asked over HTTP, ended by its pid.

Holds the process, what it wrote and what it serves; knows nothing of wanmon's insides.
"""

import http.client
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

WANMON = (sys.executable, "-m", "wanmon")
#: `nobody` on Debian: the ordinary user that a root shell can always become.
NOBODY = 65534
AS_NOBODY = ("setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups")
_SAMPLE = re.compile(r"^([a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(.*)\})? (\S+)$")


@dataclass(frozen=True)
class Scraped:
    """One answer of `/metrics`."""

    text: str

    def of(self, name: str) -> dict[str, float]:
        """The samples of one name by the text between their braces: `site="BN-0001"`."""
        matches = (_SAMPLE.match(line) for line in self.text.splitlines() if line.startswith(name))
        return {match[2] or "": float(match[3]) for match in matches if match and match[1] == name}

    def value(self, name: str, labels: str = "") -> float:
        """One sample; raises `KeyError` where there is none."""
        return self.of(name)[labels]


def on_loopback(port: int) -> http.client.HTTPConnection:
    """A connection to who listens at 127.0.0.1."""
    return http.client.HTTPConnection("127.0.0.1", port, timeout=10)


class Running:
    """A running `wanmon`; leaving the `with` ends it."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        folder: Path,
        port: int,
        output: Path,
        connection: Callable[[int], http.client.HTTPConnection] = on_loopback,
    ) -> None:
        self.process = process
        self.folder = folder
        self.port = port
        self._output = output
        self._connection = connection

    @property
    def said(self) -> str:
        """All that it wrote so far, on both streams."""
        return self._output.read_text(encoding="utf-8")

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of a GET; raises `OSError` while nothing listens."""
        with closing(self._connection(self.port)) as connection:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    def scrape(self) -> Scraped:
        """What `/metrics` says now."""
        status, text = self.get("/metrics")
        assert 200 == status
        return Scraped(text)

    def is_ready(self) -> bool:
        """Whether `/-/ready` says so."""
        try:
            return self.get("/-/ready")[0] == 200
        except OSError:
            return False

    def family(self) -> list[int]:
        """Its pid and those of all its descendants."""
        parents = _parents()
        found = [self.process.pid]
        for pid in found:
            found += [child for child, parent in parents.items() if parent == pid]
        return found

    def end(self, by: signal.Signals = signal.SIGINT, within_s: float = 10) -> int:
        """Signal it and wait; its exit status. Raises `subprocess.TimeoutExpired` (and kills it) when it stays."""
        if self.process.poll() is None:
            self.process.send_signal(by)
        try:
            return self.process.wait(within_s)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise

    def __enter__(self) -> "Running":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.end(signal.SIGTERM)


def start(
    folder: Path,
    *command: str,
    port: int,
    before: Sequence[str] = (),
    open_files: int | None = None,
    environment: Mapping[str, str] | None = None,
    connection: Callable[[int], http.client.HTTPConnection] = on_loopback,
) -> Running:
    """Start `wanmon COMMAND` in `folder`; what it writes goes to a file there.

    `before` are words of a program that becomes it (`setpriv`), `open_files` bounds its file handles. `connection`
    leads to its port where that is not on this loopback.
    """

    def bound() -> None:
        if open_files is not None:
            resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))

    output = folder / f"{command[-1].replace('/', '_')}-{port}.out"
    with output.open("wb") as written:
        process = subprocess.Popen(
            [*before, *WANMON, *command],
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=written,
            stderr=subprocess.STDOUT,
            preexec_fn=bound,
        )
    return Running(process, folder, port, output, connection)


def wait_until(holds: Callable[[], object], within_s: float, what: str, every_s: float = 0.2) -> float:
    """Wait until something holds, and tell how many seconds it took; raises `AssertionError` after `within_s`."""
    began_s = time.monotonic()
    while not holds():
        assert time.monotonic() - began_s < within_s, f"not within {within_s:g} s: {what}"
        time.sleep(every_s)
    return time.monotonic() - began_s


def lives(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    try:
        return _state(pid)[0] not in "ZX"
    except OSError:
        return False


def _parents() -> dict[int, int]:
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            found[int(folder.name)] = int(_state(int(folder.name))[1])
        except OSError:  # gone meanwhile
            continue
    return found


def _state(pid: int) -> list[str]:
    """The fields of /proc/PID/stat from the state on."""
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
