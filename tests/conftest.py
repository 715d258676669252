"""What all tests share: the programs they need, ports to listen on, a fixed noon."""

import os
import shutil
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import NoReturn

import pytest

from tests.rigs.netns import refusal


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long because it waits, the longest first: the others fit in beside it."""
    items.sort(key=lambda item: [item.get_closest_marker(name) is None for name in ("long", "real")])


@pytest.fixture(scope="session")
def need() -> Callable[[str], str]:
    """The path of a program from Debian's packages; without it the test skips out loud, and in CI fails."""

    def find(program: str) -> str:
        path = shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        if path:
            return path
        lack(f"{program} is not installed: run `make test-deps`")

    return find


@pytest.fixture(scope="session")
def need_namespaces() -> None:
    """Network namespaces can be made here; where they cannot the test skips out loud, and in CI fails."""
    if reason := refusal():
        lack(f"no network namespace can be made here ({reason}): run the tests as root, after `make test-deps`")


def lack(message: str) -> NoReturn:
    """Something is missing that the test needs."""
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)


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
