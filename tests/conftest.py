"""What all tests share: the programs they need, ports to listen on, a fixed noon."""

import os
import shutil
import socket
from collections.abc import Callable
from datetime import UTC, datetime

import pytest


@pytest.fixture
def need() -> Callable[[str], str]:
    """The path of a program from Debian's packages; without it the test skips out loud, and in CI fails."""

    def find(program: str) -> str:
        path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        if path:
            return path
        message = f"{program} is not installed: run `make test-deps`"
        if os.environ.get("CI") == "true":
            pytest.fail(message)
        pytest.skip(message)

    return find


@pytest.fixture
def free_udp_port() -> int:
    """A UDP port of 127.0.0.1 that nobody holds just now."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def free_tcp_port() -> int:
    """A TCP port of 127.0.0.1 that nobody holds just now."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def noon() -> datetime:
    """A fixed instant: nothing in the tests depends on when they run."""
    return datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
