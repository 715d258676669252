"""A database of its own for each test, on a disk, and the smallest province there is."""

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from wanmon.model.change import Action
from wanmon.model.inventory import NOUN, Edit
from wanmon.store import inventory, schema
from wanmon.store.database import Database

SMALLEST = [
    ("unit", "BN", {"code": "BN", "name": "Tỉnh Bắc Ninh", "level": "province"}),
    ("class", "commune", {"code": "commune", "name": "Xã, phường"}),
    ("carrier", "VNPT", {"code": "VNPT", "name": "VNPT Bắc Ninh", "hotline": "0222 800126"}),
    ("site", "BN-DC1", {"name": "Trung tâm dữ liệu tỉnh", "kind": "datacenter"}),
    ("site", "BN-0001", {"name": "UBND phường Ninh Xá", "kind": "peoples_committee", "parent": "BN-DC1"}),
    ("site", "BN-0002", {"name": "UBND xã Phù Lương", "kind": "peoples_committee", "parent": "BN-DC1"}),
    ("device", "BN-0001-R1", {"site": "BN-0001", "address": "10.27.1.1", "snmp": "wan-v2c"}),
    ("device", "BN-0002-R1", {"site": "BN-0002", "address": "10.27.2.1", "snmp": "wan-v2c"}),
    (
        "circuit",
        "VNPT-MW-7",
        {"site": "BN-0001", "carrier": "VNPT", "receive_bps": 10**7, "transmit_bps": 10**7, "device": "BN-0001-R1"},
    ),
]


def _addition(name: str, key: str, values: dict[str, Any]) -> Edit:
    noun = NOUN[name]
    given = {noun.key: key, **({"unit": "BN", "site_class": "commune"} if name == "site" else {})}
    return Edit(Action.ADD, noun, key, {**given, **values})


@pytest.fixture
def smallest() -> list[Edit]:
    """A hub, two sites with a router each, one circuit."""
    return [_addition(*row) for row in SMALLEST]


@pytest.fixture
def url(tmp_path: Path) -> str:
    """An upgraded, empty database."""
    url = f"sqlite:///{tmp_path}/wanmon.db"
    schema.upgrade(url)
    return url


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    """The same, open."""
    opened = Database.open(url)
    yield opened
    opened.close()


@pytest.fixture
def change(database: Database, noon: datetime) -> Callable[..., int | None]:
    """Apply edits as somebody."""

    def apply(*edits: Edit) -> int | None:
        with database.write() as session:
            return inventory.apply(
                session, edits, author="lan", origin="noc-1", command="test", reason="because", at=noon
            )

    return apply


@pytest.fixture
def province(database: Database, change: Callable[..., int | None], smallest: list[Edit]) -> Database:
    """The database with the smallest province in it."""
    change(*smallest)
    return database
