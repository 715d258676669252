"""A real LLDP daemon in a network namespace, which tells an snmpd beside it whom it hears.

Holds the configuration and the process; knows nothing of wanmon's own codec, so that it can judge it.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType


class Lldpd:
    """A running daemon; `stop()` (or leaving the `with`) ends it by its pid."""

    def __init__(self, process: "subprocess.Popen[bytes]") -> None:
        self.process = process

    def stop(self) -> None:
        """End the daemon and wait until it is gone; a second call does nothing."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __enter__(self) -> "Lldpd":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def agentx_lines(directory: Path) -> list[str]:
    """The lines of snmpd.conf that let the daemon tell its tables there."""
    return ["master agentx", f"agentXSocket {directory / 'agentx'}", "agentXPerms 0777 0777"]


def start_lldpd(directory: Path, name: str, address: str, binary: str, before: Sequence[str]) -> Lldpd:
    """Start a daemon that calls itself `name`, managed at `address`, and speaks every second on every port.

    The snmpd with `agentx_lines(directory)` must run. It is started with `before`, words of a program that becomes it.
    """
    directory.mkdir(parents=True, exist_ok=True)
    configuration = directory / "lldpd.conf"
    configuration.write_text(f"configure system hostname {name}\nconfigure lldp tx-interval 1\n", encoding="utf-8")
    told, agentx = ("-O", str(configuration)), ("-x", "-X", str(directory / "agentx"))
    command = [*before, binary, "-d", "-u", str(directory / "control"), *told, *agentx, "-m", address]
    with (directory / "lldpd.log").open("wb") as log:
        # It starts lldpcli, which must find the daemon's own directories.
        environment = {**os.environ, "PATH": f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"}
        return Lldpd(
            subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        )
