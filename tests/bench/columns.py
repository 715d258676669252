"""The twelve columns that both sides of the comparison read, and the two configurations that say so.

One table makes both, so that neither side can be asked for less than the other.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from logins import Login

UPTIME = "1.3.6.1.2.1.1.3"
PROFILE = "twelve"
MODULE = "twelve"


@dataclass(frozen=True)
class Column:
    """One column: its object, how snmp_exporter and wanmon type it, and wanmon's role for it."""

    name: str
    oid: str
    exporter_type: str
    syntax: str
    role: str
    scale: int = 1


COLUMNS = (
    Column("ifAdminStatus", "1.3.6.1.2.1.2.2.1.7", "gauge", "integer", "admin_status"),
    Column("ifOperStatus", "1.3.6.1.2.1.2.2.1.8", "gauge", "integer", "oper_status"),
    Column("ifInDiscards", "1.3.6.1.2.1.2.2.1.13", "counter", "counter32", "receive_discards"),
    Column("ifInErrors", "1.3.6.1.2.1.2.2.1.14", "counter", "counter32", "receive_errors"),
    Column("ifOutDiscards", "1.3.6.1.2.1.2.2.1.19", "counter", "counter32", "transmit_discards"),
    Column("ifOutErrors", "1.3.6.1.2.1.2.2.1.20", "counter", "counter32", "transmit_errors"),
    Column("ifHCInOctets", "1.3.6.1.2.1.31.1.1.1.6", "counter", "counter64", "receive_bytes"),
    Column("ifHCOutOctets", "1.3.6.1.2.1.31.1.1.1.10", "counter", "counter64", "transmit_bytes"),
    Column("ifHCInUcastPkts", "1.3.6.1.2.1.31.1.1.1.7", "counter", "counter64", "receive_packets"),
    Column("ifHighSpeed", "1.3.6.1.2.1.31.1.1.1.15", "gauge", "gauge32", "speed_bps", 1_000_000),
    Column("ifName", "1.3.6.1.2.1.31.1.1.1.1", "DisplayString", "text", "name"),
    Column("ifAlias", "1.3.6.1.2.1.31.1.1.1.18", "DisplayString", "text", "alias"),
)
LABELS = ("ifName", "ifAlias")


def write_profile(folder: Path) -> None:
    """A profile that asks for all twelve in every fast poll, names and speeds included (YAML holds JSON)."""
    interfaces = {column.role: _source(column) for column in COLUMNS}
    uptime = {"group": "fast", "objects": [{"name": "sysUpTime", "oid": f"{UPTIME}.0", "syntax": "timeticks"}]}
    profile = {
        "profile": PROFILE,
        "title": "The twelve columns of the benchmark",
        "verified": True,
        "scalars": {"uptime": uptime},
        "interfaces": interfaces,
    }
    (folder / f"{PROFILE}.yaml").write_text(json.dumps(profile), encoding="utf-8")


def write_exporter_module(file: Path, login: Login) -> None:
    """The module by which snmp_exporter 0.21 walks the same twelve with a login, names and aliases as labels."""
    metrics = [{"name": "sysUpTime", "oid": UPTIME, "type": "gauge", "help": "sysUpTime"}]
    metrics += [_metric(column) for column in COLUMNS if column.name not in LABELS]
    module = {
        "walk": [column.oid for column in COLUMNS],
        "get": [f"{UPTIME}.0"],
        "metrics": metrics,
        "version": login.exporter_version,
        "max_repetitions": 25,
        "timeout": "5s",
        "auth": login.exporter_auth,
    }
    file.write_text(json.dumps({MODULE: module}), encoding="utf-8")


def _source(column: Column) -> dict[str, Any]:
    item = {"name": column.name, "oid": column.oid, "syntax": column.syntax, "scale": column.scale}
    return {"group": "fast", "objects": [item]}


def _metric(column: Column) -> dict[str, Any]:
    lookups = [
        {"labels": ["ifIndex"], "labelname": label.name, "oid": label.oid, "type": "DisplayString"}
        for label in COLUMNS
        if label.name in LABELS
    ]
    index = {"labelname": "ifIndex", "type": "gauge"}
    return {
        "name": column.name,
        "oid": column.oid,
        "type": column.exporter_type,
        "help": column.name,
        "indexes": [index],
        "lookups": lookups,
    }
