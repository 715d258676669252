"""What the end-to-end tests share: a port, a ground, and proof that nobody else plays the province on this machine."""

import fcntl
import socket
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.rigs.ground import PROGRAMS, Ground, make_ground


@pytest.fixture(scope="module")
def lone_lab() -> Iterator[None]:
    """The agents of a demo answer on 127.27.x.y, UDP port 1161: there is room for one demo on a machine.

    Tests in other processes wait for their turn; of a demo that nobody here has started they say so.
    """
    with (Path(tempfile.gettempdir()) / "wanmon-tests-lone-lab").open("a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        _refuse_others()
        yield


def _refuse_others() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind(("127.27.0.1", 1161))
        except OSError as error:
            pytest.fail(f"127.27.0.1:1161 (UDP): {error.strerror}: another demo or lab is running here, end it first")


@pytest.fixture(scope="module")
def web_port() -> int:
    """A TCP port of 127.0.0.1 for a server that several tests share."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="module")
def ground(
    need: Callable[[str], str], need_namespaces: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    """A province of namespaces with real agents, for all tests of a file; `mend_everything` after each is theirs."""
    for program in PROGRAMS:
        need(program)
    with make_ground(tmp_path_factory.mktemp("ground"), need("snmpd")) as made:
        yield made
