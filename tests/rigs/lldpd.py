"""A real LLDP daemon in a network namespace, which tells an snmpd beside it whom it hears.

Holds the configuration and the process; knows nothing of wanmon's own codec, so that it can judge it.
"""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.rigs.daemon import Daemon


def agentx_lines(directory: Path) -> list[str]:
    """The lines of snmpd.conf that let the daemon tell its tables there."""
    return ["master agentx", f"agentXSocket {directory / 'agentx'}", "agentXPerms 0777 0777"]


def start_lldpd(directory: Path, name: str, address: str, binary: str, before: Sequence[str]) -> Daemon:
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
        return Daemon(
            subprocess.Popen(command, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        )
