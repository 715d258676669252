"""Agents that no recording at hand has, but the field does: each is polled over UDP, and nothing is raised.

Every case is a recording made here; what is expected is an independent reading of it.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.rigs.polling import expected, polled, shown
from wanmon.model.reason import Reason
from wanmon.poller.device.layout import MAX_PORTS
from wanmon.poller.jobs import Task

SYSTEM = [
    "1.3.6.1.2.1.1.1.0|4|Box",
    "1.3.6.1.2.1.1.2.0|6|1.3.6.1.4.1.99999.1",
    "1.3.6.1.2.1.1.3.0|67|12345",
    "1.3.6.1.2.1.1.5.0|4|box",
]
IF, IFX = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"


def ports(
    count: int,
    index: Callable[[int], int] = lambda number: number,
    name: Callable[[int], bytes] = lambda number: b"p%d" % number,
    told: int | None = None,
) -> Iterator[str]:
    """ifNumber, ifTable and ifXTable of so many ports."""
    yield f"1.3.6.1.2.1.2.1.0|2|{count if told is None else told}"
    for number in range(1, count + 1):
        at = index(number)
        yield f"{IF}.2.{at}|4x|{name(number).hex()}"
        yield f"{IF}.5.{at}|66|100000000"
        yield f"{IF}.7.{at}|2|1"
        yield f"{IF}.8.{at}|2|1"
        yield f"{IF}.10.{at}|65|{number}"
        yield f"{IFX}.1.{at}|4x|{name(number).hex()}"
        yield f"{IFX}.6.{at}|70|{2**63 + number}"


CASES: dict[str, list[str]] = {
    "no interfaces": SYSTEM,
    "nothing but one private object": ["1.3.6.1.4.1.99999.1.0|2|1"],
    "a description alone": ["1.3.6.1.2.1.1.1.0|4|Box"],
    "the largest ifIndexes": [*SYSTEM, *ports(20, index=lambda number: 2**31 + number * 1000)],
    "one name for all": [*SYSTEM, *ports(10, name=lambda number: b"same")],
    "empty names": [*SYSTEM, *ports(5, name=lambda number: b"")],
    "names of zero bytes": [*SYSTEM, *ports(5, name=lambda number: b"\0\0")],
    "names in Latin-1": [*SYSTEM, *ports(5, name=lambda number: b"c\xe9\xf1%d" % number)],
    "names longer than a reply": [*SYSTEM, *ports(5, name=lambda number: b"%d" % number + b"n" * 1500)],
    "ifXTable alone": [*SYSTEM, *(f"{IFX}.1.{number}|4|x{number}" for number in range(1, 5))],
    "a status as Gauge32": [*SYSTEM, *(line.replace(".7|2|", ".7|66|") for line in ports(7))],
    "a speed below zero": [*SYSTEM, *(line.replace("|66|100000000", "|2|-1") for line in ports(5))],
    "rows with two indexes": [*SYSTEM, *ports(3), f"{IF}.8.1.7|2|1", f"{IF}.2.4.5|4|zz"],
    "a system group of other types": [
        "1.3.6.1.2.1.1.1.0|4x|00ff1b5b",
        "1.3.6.1.2.1.1.2.0|4|none",
        "1.3.6.1.2.1.1.3.0|2|55",
        *ports(2),
    ],
    "an ifNumber of 0": [*SYSTEM, *ports(30, told=0)],
    "an ifNumber of 900": [*SYSTEM, *ports(30, told=900)],
    "a description longer than a reply": [f"1.3.6.1.2.1.1.1.0|4|{'d' * 4000}", *SYSTEM[1:], *ports(5)],
}


def made(folder: Path, lines: list[str]) -> Path:
    (folder / "made.snmprec").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return folder / "made.snmprec"


@pytest.mark.parametrize("version", ["1", "2c"])
@pytest.mark.parametrize("lines", CASES.values(), ids=CASES.keys())
def test_an_odd_agent_is_read_as_far_as_it_tells(tmp_path: Path, lines: list[str], version: str) -> None:
    path = made(tmp_path, lines)
    for result in polled(path, version, Task.FAST, Task.FAST, Task.SLOW):
        assert (None, "") == (result.reason, result.detail)
        assert expected(path, wide=version != "1") == shown(result)


def test_of_more_ports_than_may_be_the_first_are_read_and_it_is_said(tmp_path: Path) -> None:
    """One agent must not swell every scrape."""
    path = made(tmp_path, [*SYSTEM, *ports(MAX_PORTS + 200)])
    [result] = polled(path, "2c", Task.FAST)

    assert (Reason.PARTIAL, "only the first 1000 ports are read") == (result.reason, result.detail)
    assert dict(list(expected(path, wide=True).items())[:MAX_PORTS]) == shown(result)
