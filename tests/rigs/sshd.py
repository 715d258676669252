"""A real OpenSSH server on loopback or in a network namespace, which lets the running user in by a key.

Its own configuration, host keys and authorised key in a folder of its own: nothing of the machine's sshd is read.
Passwords need PAM and accounts: `tests/rigs/ssh_server.py` plays those.
"""

import getpass
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from tests.rigs.daemon import Daemon

#: Where sshd shuts in what speaks with strangers; it insists on it when root starts it, and Debian makes it at boot.
_EMPTY = Path("/run/sshd")


class Sshd(Daemon):
    """A running server: where it listens, who may log in by which key, and the first of its own keys."""

    def __init__(self, process: "subprocess.Popen[bytes]", address: str, port: int, folder: Path) -> None:
        super().__init__(process)
        self.address, self.port = address, port
        self.user = getpass.getuser()
        self.key_file = folder / "user_key"
        self.log = folder / "sshd.log"
        public = min(folder.glob("host_*.pub"))
        self.algorithm = public.read_text(encoding="ascii").split()[0]
        self.fingerprint = _run("ssh-keygen", "-l", "-f", str(public)).split()[1]

    @property
    def said(self) -> str:
        """What it wrote to its log so far."""
        return self.log.read_text(encoding="utf-8", errors="replace") if self.log.exists() else ""


def start_sshd(
    folder: Path,
    address: str,
    port: int,
    lines: Sequence[str] = (),
    before: Sequence[str] = (),
    open_socket: Callable[[int, int], socket.socket] | None = None,
    keys: Sequence[str] = ("ed25519",),
    within_s: float = 10,
) -> Sshd:
    """Start a server, and wait until it takes connections.

    `lines` are further lines of sshd_config, which come first and so win; `keys` the types of its host keys, the
    first of which is the `fingerprint`. In a namespace it runs with `before` (words of a program that becomes it) and
    is knocked at through `open_socket(family, kind)`. Raises `RuntimeError` with its log when it does not listen.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for number, kind in enumerate(keys):
        _make_key(folder / f"host_{number}_{kind}", kind)
    _make_key(folder / "user_key", "ed25519")
    if os.geteuid() == 0:
        _EMPTY.mkdir(mode=0o755, exist_ok=True)
    configuration = folder / "sshd_config"
    configuration.write_text("\n".join([*lines, *_lines(folder, address, port, keys)]) + "\n", encoding="utf-8")
    program = shutil.which("sshd", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin") or "/usr/sbin/sshd"
    command = [*before, program, "-D", "-f", str(configuration), "-E", str(folder / "sshd.log")]
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    server = Sshd(process, address, port, folder)
    if not _listens(server, time.monotonic() + within_s, open_socket or socket.socket):
        server.stop()
        raise RuntimeError(f"sshd does not listen on {address} port {port}: {server.said.strip()}")
    return server


def _lines(folder: Path, address: str, port: int, keys: Sequence[str]) -> list[str]:
    return [
        f"ListenAddress {f'[{address}]' if ':' in address else address}:{port}",
        *(f"HostKey {folder}/host_{number}_{kind}" for number, kind in enumerate(keys)),
        f"AuthorizedKeysFile {folder}/user_key.pub",
        "PidFile none",
        "UsePAM no",
        "StrictModes no",  # the folders of tests lie where others may write
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
        "PermitRootLogin prohibit-password",
        "PrintMotd no",
        "PrintLastLog no",
        "UseDNS no",
        "LogLevel VERBOSE",
        "PermitUserEnvironment no",
    ]


def _make_key(path: Path, kind: str) -> None:
    if not path.exists():
        _run("ssh-keygen", "-q", "-t", kind, "-N", "", "-C", "wanmon-test", "-f", str(path))


def _run(*command: str) -> str:
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _listens(server: Sshd, deadline: float, open_socket: Callable[[int, int], socket.socket]) -> bool:
    family = socket.AF_INET6 if ":" in server.address else socket.AF_INET
    while time.monotonic() < deadline and server.process.poll() is None:
        with open_socket(family, socket.SOCK_STREAM) as asker, suppress(OSError):
            asker.settimeout(1)
            asker.connect((server.address, server.port))
            return True
        time.sleep(0.02)
    return False
