"""How a demo ends when it does not end in peace: early, killed, or beside another one."""

import signal
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.rigs.serving import Running, lives, start, wait_until

pytestmark = [pytest.mark.real, pytest.mark.usefixtures("lone_lab")]


@pytest.fixture
def demo(tmp_path, web_port) -> Iterator[Running]:
    """A demo of ten sites that has just begun to poll."""
    with begin(tmp_path, web_port) as running:
        wait_until(lambda: "polling 10 simulated sites" in running.said, 30, "it polls")
        yield running


def begin(folder: Path, port: int) -> Running:
    (folder / "tmp").mkdir(exist_ok=True)
    command = ("demo", "--sites", "10", "--listen", f"127.0.0.1:{port}")
    return start(folder, *command, port=port, environment={"TMPDIR": str(folder / "tmp")})


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM], ids=["ctrl-c", "sigterm"])
def test_told_to_end_in_its_first_round_it_ends_at_once_and_leaves_nothing(demo, by):
    family = demo.family()

    assert 0 == demo.end(by, within_s=10)
    assert [] == [pid for pid in family if lives(pid)]
    assert [] == list((demo.folder / "tmp").iterdir())
    assert "Traceback" not in demo.said


def test_its_agents_end_with_it_when_it_is_killed(demo):
    """Nobody is left to tell them: they see that their standard input has ended."""
    agents = [pid for pid in demo.family() if pid != demo.process.pid]
    demo.end(signal.SIGKILL)

    assert 1 == len(agents)
    wait_until(none_of(agents), 5, "the agents are gone")


def test_a_second_demo_is_refused_in_one_line_and_the_first_goes_on(demo, free_tcp_port, tmp_path):
    folder = tmp_path / "second"
    folder.mkdir()
    with begin(folder, free_tcp_port) as second:
        assert 1 == second.process.wait(20)
    lines = second.said.splitlines()

    assert 1 == len(lines)
    assert lines[0].startswith("wanmon: the simulated agents did not start: 127.27.")
    assert ":1161 (UDP) cannot be opened for BN-" in lines[0]
    assert lines[0].endswith(": Address already in use: is another demo running?")
    assert [] == list((folder / "tmp").iterdir())
    assert 200 == demo.get("/-/healthy")[0]


def none_of(pids: list[int]) -> Callable[[], bool]:
    return lambda: not any(map(lives, pids))
