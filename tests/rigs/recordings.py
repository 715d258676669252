"""The recordings of real agents: where they are, what they say by a reading of their own, and how they are played.

The reading here shares no code with the program, so that it can contradict it. Recordings are not part of the project:
WANMON_WALKS names their folder, or they lie in `shared/walks` beside the checkout.
"""

import bz2
import gzip
import os
import socket
import unicodedata
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from wanmon.clock import SystemClock
from wanmon.config.secrets import SnmpCredential
from wanmon.lab.agents import AgentFarm
from wanmon.lab.replay import Recording
from wanmon.lab.snmprec import read

ROOT = Path(__file__).parents[2]
COMMUNITY, USER = "public", "reader"
AUTH_PASSWORD, PRIV_PASSWORD = "authentic-recording", "private-recording"
NETWORKS = ["127.0.0.0/8"]
IF, IFX = "1.3.6.1.2.1.2.2.1", "1.3.6.1.2.1.31.1.1.1"
SYS_DESCR, SYS_UP_TIME, SYS_NAME = ((1, 3, 6, 1, 2, 1, 1, number, 0) for number in (1, 3, 5))
NUMBERS = {"2", "65", "66", "67", "70"}
OPEN = {".bz2": bz2.open, ".gz": gzip.open}
NOBODY = "no recordings: name their folder in WANMON_WALKS"

Oid = tuple[int, ...]
Said = int | bytes | Oid


def folder() -> Path | None:
    """Where the recordings are."""
    places = [Path(os.environ["WANMON_WALKS"])] if "WANMON_WALKS" in os.environ else [ROOT.parent / "shared" / "walks"]
    return next((place for place in places if place.is_dir()), None)


def files() -> list[Path]:
    """Every recording, by name."""
    there = folder()
    return sorted(path for path in there.iterdir() if ".snmprec" in path.name) if there else []


def each() -> list[Any]:
    """The recordings as parameters of a test; where there are none the test skips out loud."""
    found = files()
    if not found:
        return [pytest.param(None, marks=pytest.mark.skip(reason=NOBODY), id="none")]
    return [pytest.param(path, id=path.name.partition(".")[0]) for path in found]


def lines(path: Path) -> Iterator[tuple[Oid, str, bytes]]:
    """OID, tag and text of each line that says something an agent could answer."""
    with OPEN.get(path.suffix, open)(path, "rb") as file:
        for line in file:
            name, _, rest = line.rstrip(b"\r\n").partition(b"|")
            tag, _, text = rest.partition(b"|")
            if not line.startswith(b"#") and (text or tag.decode() not in NUMBERS):
                yield tuple(map(int, name.split(b"."))), tag.decode(), text


def independent(path: Path) -> dict[Oid, Said]:
    """Every instance, as the file says it; what comes first counts, and what snmpsim would make up is left out."""
    rows: dict[Oid, Said] = {}
    for oid, tag, text in lines(path):
        if ":" not in tag:
            rows.setdefault(oid, _value(tag, text))
    return rows


def tagged(path: Path, tag: str) -> set[Oid]:
    """The instances whose tag has a text in it: `70` for Counter64, `:` for what snmpsim makes up."""
    return {oid for oid, found, _ in lines(path) if tag in found}


@dataclass(frozen=True)
class Interface:
    """One port as the recording has it."""

    index: int
    name: str
    alias: str
    speed_bps: int | None
    values: dict[str, int]


WIDE = {"receive_bytes": (6, 10), "transmit_bytes": (10, 16), "receive_packets": (7, 11), "transmit_packets": (11, 17)}
PLAIN = {
    "admin_status": 7,
    "oper_status": 8,
    "last_change": 9,
    "receive_discards": 13,
    "receive_errors": 14,
    "transmit_discards": 19,
    "transmit_errors": 20,
}


def interfaces(rows: dict[Oid, Said], *, wide: bool = True) -> list[Interface]:
    """The ports by the rules of RFC 2863, in the order of ifIndex; without `wide` as SNMPv1 shows them."""
    columns: dict[tuple[str, int], dict[int, Said]] = {}
    for oid, value in rows.items():
        for root in (IF, IFX):
            size = len(_oid(root))
            if oid[:size] == _oid(root) and len(oid) == size + 2:
                columns.setdefault((root, oid[size]), {})[oid[-1]] = value
    return list(_named(columns, wide=wide))


def _named(columns: dict[tuple[str, int], dict[int, Said]], *, wide: bool) -> Iterator[Interface]:
    taken: set[str] = set()
    for index in sorted({index for column in columns.values() for index in column}):

        def at(root: str, number: int, index: int = index) -> Said | None:
            return columns.get((root, number), {}).get(index)

        name = words(at(IFX, 1)) or words(at(IF, 2)) or f"if{index}"
        name = f"{name}@{index}" if name in taken else name
        taken.add(name)
        values = {role: at(IF, number) for role, number in PLAIN.items()}
        for role, (high, low) in WIDE.items():
            values[role] = at(IFX, high) if wide and at(IFX, high) is not None else at(IF, low)
        values["discontinuity"] = at(IFX, 19)
        there = {role: value for role, value in values.items() if isinstance(value, int)}
        yield Interface(index, name, words(at(IFX, 18)), _speed(at(IFX, 15), at(IF, 5)), there)


def _speed(high: object, low: object) -> int | None:
    if isinstance(high, int) and high > 0:
        # D-Link's DES-3000 tells ifSpeed in ifHighSpeed, too: no port of today has a hundred terabits.
        return high if high == low and high > 10_000_000 else high * 1_000_000
    return low if isinstance(low, int) and 0 < low < 2**32 - 1 else None


def words(value: object) -> str:
    """Bytes as the one line of at most 200 characters that is shown of them."""
    if not isinstance(value, bytes):
        return ""
    line = " ".join(unicodedata.normalize("NFC", value.rstrip(b"\0").decode("utf-8", "backslashreplace")).split())
    return "".join(c if c.isprintable() else "".join(f"\\x{b:02x}" for b in c.encode()) for c in line)[:200].rstrip()


def _value(tag: str, text: bytes) -> Said:
    if tag in NUMBERS:
        return int(text)
    if tag == "6":
        return tuple(map(int, text.split(b".")))
    if tag == "64":
        return bytes(map(int, text.split(b".")))
    return bytes.fromhex(text.decode()) if tag.endswith("x") else text


def _oid(text: str) -> Oid:
    return tuple(map(int, text.split(".")))


def credential(version: str) -> SnmpCredential:
    """Who may ask a played recording, by version."""
    known: dict[str, object] = {"name": f"v{version}", "version": version, "networks": NETWORKS}
    if version == "3":
        auth = {"protocol": "SHA-256", "password": AUTH_PASSWORD}
        priv = {"protocol": "AES-128", "password": PRIV_PASSWORD}
        return SnmpCredential.model_validate(known | {"user": USER, "auth": auth, "priv": priv})
    return SnmpCredential.model_validate(known | {"community": COMMUNITY})


@asynccontextmanager
async def played(path: Path, address: str = "127.0.0.1") -> AsyncIterator[int]:
    """A recording that stands still, answering at the UDP port that is given."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind((address, 0))
        port = int(probe.getsockname()[1])
    part = Recording(path.name.partition(".")[0], address, port, read(path), moving=False)
    farm = AgentFarm([part], [credential("2c"), credential("3")], SystemClock())
    await farm.start()
    try:
        yield port
    finally:
        await farm.close()
