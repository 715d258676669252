"""Network namespaces of this process' own: made, entered, joined by links that can be cut in the middle, removed.

Plumbing only; what the namespaces stand for is told elsewhere (`tests/rigs/ground.py`). Needs root and iproute2;
`rules` and `counters` need nftables.
"""

import ctypes
import http.client
import json
import os
import shutil
import socket
import subprocess
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, TypeVar

Answer = TypeVar("Answer")

_CLONE_NEWNET = 0x40000000
_LIBC = ctypes.CDLL(None, use_errno=True)
#: `su` on Debian keeps the PATH of the ordinary user.
_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
_IP = shutil.which("ip", path=_PATH) or "ip"
_numbers = count(1)


@dataclass(frozen=True)
class Namespace:
    """A network namespace, by the name under which `ip netns` knows it."""

    name: str

    @property
    def before(self) -> tuple[str, ...]:
        """The words that make a command run inside; the process that they start becomes that command."""
        return (_IP, "netns", "exec", self.name)

    def call(self, *command: str, given: str = "", within_s: float = 30) -> "subprocess.CompletedProcess[str]":
        """Run a short command inside to its end, however it ends; `given` is its standard input."""
        return subprocess.run(
            [*self.before, *command],
            env={**os.environ, "PATH": _PATH},
            input=given,
            capture_output=True,
            text=True,
            timeout=within_s,
            check=False,
        )

    def run(self, *command: str, given: str = "", within_s: float = 30) -> str:
        """Run a short command inside that must succeed; what it wrote to stdout."""
        ended = self.call(*command, given=given, within_s=within_s)
        assert 0 == ended.returncode, f"{' '.join(command)} in {self.name}: {ended.stderr.strip()}"
        return ended.stdout

    def ip(self, *lines: str) -> None:
        """Tell `ip` some lines; the first that fails is an error, and the rest is not done."""
        _batch(lines, "-n", self.name)

    def port(self, name: str) -> dict[str, Any]:
        """What `ip` tells of one port: `ifindex`, `operstate`, `flags`."""
        told = subprocess.run([_IP, "-n", self.name, "-j", "link", "show", name], capture_output=True, check=True)
        return dict(json.loads(told.stdout)[0])

    def rules(self, text: str) -> None:
        """Load nftables rules, all or none."""
        self.run("nft", "-f", "-", given=text)

    def counters(self, table: str) -> dict[str, int]:
        """The packets of each named counter of an `ip` table."""
        listed = json.loads(self.run("nft", "-j", "list", "counters", "table", "ip", table))["nftables"]
        counters = [item["counter"] for item in listed if "counter" in item]
        return {counter["name"]: counter["packets"] for counter in counters}

    def inside(self, action: Callable[[], Answer]) -> Answer:
        """Do something in a thread of its own that has entered: a socket opened there stays in the namespace."""

        def enter_and_act() -> Answer:
            self._enter()
            return action()

        with ThreadPoolExecutor(1) as thread:
            return thread.submit(enter_and_act).result()

    def set(self, parameter: str, value: int) -> None:
        """Set a parameter of the kernel inside: `net/ipv4/ip_forward`."""
        self.inside(lambda: Path("/proc/sys", parameter).write_text(str(value), encoding="ascii"))

    def socket(self, family: int, kind: int) -> socket.socket:
        """A socket inside, which the caller may use from any thread."""
        return self.inside(lambda: socket.socket(family, kind))

    def connection(self, port: int) -> http.client.HTTPConnection:
        """A connection, opened when it is first used, to who listens inside at 127.0.0.1."""
        return _ConnectionInside(self, port)

    def _enter(self) -> None:
        with Path("/run/netns", self.name).open("rb") as handle:
            if _LIBC.setns(handle.fileno(), _CLONE_NEWNET) != 0:
                number = ctypes.get_errno()
                raise OSError(number, f"cannot enter {self.name}: {os.strerror(number)}")


@dataclass(frozen=True)
class End:
    """One end of a link: the port that it gets, and its address as `10.0.0.1/30`."""

    namespace: Namespace
    port: str
    address: str


@dataclass(frozen=True)
class Link:
    """Two ports joined by a bridge of the carrier's. Cut there, no packet passes, and both ports keep their carrier."""

    carrier: Namespace
    bridge: str

    def cut(self) -> None:
        """Let nothing pass any more."""
        self.carrier.ip(f"link set lower-{self.bridge} nomaster")

    def mend(self) -> None:
        """Let everything pass again; no harm where it was not cut."""
        self.carrier.ip(f"link set lower-{self.bridge} master {self.bridge}")


def make_link(carrier: Namespace, bridge: str, upper: End, lower: End) -> Link:
    """A working link between two namespaces; `bridge` has at most nine characters."""
    for side, end in (("upper", upper), ("lower", lower)):
        there, here = f"netns {end.namespace.name}", f"netns {carrier.name}"
        _batch([f"link add {end.port} {there} type veth peer name {side}-{bridge} {here}"])
        end.namespace.ip(f"address add {end.address} dev {end.port}", f"link set {end.port} up")
    carrier.ip(
        f"link add {bridge} type bridge",
        f"link set {bridge} up",
        f"link set upper-{bridge} master {bridge} up",
        f"link set lower-{bridge} master {bridge} up",
    )
    return Link(carrier, bridge)


@contextmanager
def namespaces(*names: str) -> Iterator[dict[str, Namespace]]:
    """Fresh namespaces with a working `lo`, by the names asked for; they are gone afterwards, whatever happened.

    To the system each is named `wanmon-PID-NUMBER-NAME`. Who started processes inside ends them before.
    """
    prefix = f"wanmon-{os.getpid()}-{next(_numbers)}"
    made = {name: Namespace(f"{prefix}-{name}") for name in names}
    try:
        _batch([f"netns add {namespace.name}" for namespace in made.values()])
        for namespace in made.values():
            namespace.ip("link set lo up")
        yield made
    finally:
        for namespace in made.values():
            with suppress(AssertionError):  # never made
                _batch([f"netns del {namespace.name}"])


def existing(prefix: str = f"wanmon-{os.getpid()}-") -> list[str]:
    """The names of namespaces that are there now; unless told otherwise, those of this process."""
    folder = Path("/run/netns")
    return sorted(path.name for path in folder.glob(f"{prefix}*")) if folder.exists() else []


def refusal() -> str:
    """Why this process can make no network namespaces; empty where it can."""
    tried = subprocess.run(["unshare", "--net", "true"], capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else tried.stderr.strip()


def _batch(lines: Sequence[str], *options: str) -> None:
    text = "".join(f"{line}\n" for line in lines)
    ended = subprocess.run([_IP, *options, "-batch", "-"], input=text, capture_output=True, text=True, check=False)
    assert 0 == ended.returncode, f"ip {' '.join(options)}: {ended.stderr.strip()}: {'; '.join(lines)}"


class _ConnectionInside(http.client.HTTPConnection):
    """Opens its socket in a namespace."""

    def __init__(self, namespace: Namespace, port: int) -> None:
        super().__init__("127.0.0.1", port, timeout=10)
        self._namespace = namespace

    def connect(self) -> None:
        place = (self.host, self.port)
        self.sock = self._namespace.inside(lambda: socket.create_connection(place, self.timeout))
