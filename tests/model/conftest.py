"""A small province: a hub, a district with one commune behind it, their routers and circuits."""

from collections.abc import Callable
from typing import Any

import pytest

from wanmon.model.change import Action
from wanmon.model.inventory import EMPTY, NOUN, Edit, Inventory, preview

ROWS: dict[str, list[dict[str, Any]]] = {
    "unit": [
        {"code": "27", "name": "Bắc Ninh", "level": "province"},
        {"code": "263", "name": "Gia Bình", "level": "district", "parent": "27"},
        {"code": "09454", "name": "Gia Bình", "level": "commune", "parent": "263"},
    ],
    "class": [{"code": "any", "name": "Any"}],
    "carrier": [{"code": "VNPT", "name": "VNPT"}],
    "site": [
        {"code": "DC1", "name": "Hub", "unit": "27", "kind": "datacenter", "site_class": "any"},
        {"code": "D", "name": "x", "unit": "263", "kind": "party", "site_class": "any", "parent": "DC1"},
        {"code": "C", "name": "x", "unit": "09454", "kind": "party", "site_class": "any", "parent": "D"},
    ],
    "device": [
        {"name": "D-R1", "site": "D", "address": "10.27.7.1", "snmp": "wan"},
        {"name": "C-R1", "site": "C", "address": "10.27.7.2", "snmp": "wan"},
    ],
    "circuit": [
        {"code": f"{site}/1", "site": site, "carrier": "VNPT", "receive_bps": 1, "transmit_bps": 1,
         "device": f"{site}-R1", "interface": "wan0"} for site in ("D", "C")
    ],
    "service": [{"code": "portal", "name": "Portal", "site": "DC1", "address": "10.27.0.10", "port": 443}],
    "check": [{"code": "echo", "kind": "icmp_echo", "site_class": "any"}],
}  # fmt: skip


@pytest.fixture
def province() -> Inventory:
    edits = [Edit(Action.ADD, NOUN[noun], row[NOUN[noun].key], row) for noun, rows in ROWS.items() for row in rows]
    return preview(EMPTY, edits)


@pytest.fixture
def changed(province: Inventory) -> Callable[..., Inventory]:
    """The province with some fields of one row changed."""

    def change(noun: str, key: str, **values: object) -> Inventory:
        return preview(province, [Edit(Action.SET, NOUN[noun], key, values)])

    return change


@pytest.fixture
def added(province: Inventory) -> Callable[..., Inventory]:
    """The province with a copy of one row under another key, some of its fields changed."""

    def add(noun: str, like: str, key: str, **values: object) -> Inventory:
        kind = NOUN[noun]
        row = province.rows(kind)[like]
        copy = {column: getattr(row, column) for column in kind.columns} | values | {kind.key: key}
        return preview(province, [Edit(Action.ADD, kind, key, copy)])

    return add
