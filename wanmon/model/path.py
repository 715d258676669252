"""Paths: the routers between two places, hop by hop, as a trace shows them."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Field, SQLModel

from wanmon.model.fields import UtcDateTime
from wanmon.model.reason import Reason


@dataclass(frozen=True, slots=True)
class Hop:
    """What came back from one hop; `number` counts from 1.

    `address` is empty where nothing came, `rtts_s` has the round trips of the probes that were answered. `reason` is
    set where the hop said that it goes no further (ICMP unreachable or prohibited).
    """

    number: int
    address: str = ""
    rtts_s: tuple[float, ...] = ()
    reason: Reason | None = None


class OutagePath(SQLModel, table=True):
    """Where the way to a site ended when it fell, seen from `vantage` (the hub's code, or that of a site above).

    `hops` is a JSON list as `packed` makes it, `text` tells it in one line.
    """

    __tablename__ = "outage_path"

    id: int | None = Field(default=None, primary_key=True)
    outage: int = Field(foreign_key="outage.id", index=True, ondelete="CASCADE")
    vantage: str
    at: datetime = Field(sa_type=UtcDateTime)
    hops: str = "[]"
    text: str = ""


class PathBaseline(SQLModel, table=True):
    """The path that a check of a site compares with: the first whole one it saw, until somebody accepts another."""

    __tablename__ = "path_baseline"

    check: str = Field(primary_key=True, foreign_key="check_definition.code", ondelete="CASCADE")
    site: str = Field(primary_key=True, foreign_key="site.code", ondelete="CASCADE")
    target: str = Field(primary_key=True)
    hops: str = "[]"
    taken_at: datetime = Field(sa_type=UtcDateTime)


def packed(hops: Sequence[Hop]) -> str:
    """Hops as a JSON list of [number, address, [seconds], reason]."""
    return json.dumps([[hop.number, hop.address, [round(s, 6) for s in hop.rtts_s], hop.reason] for hop in hops])


def unpacked(text: str) -> tuple[Hop, ...]:
    """The hops that `packed` wrote."""
    return tuple(
        Hop(number, address, tuple(rtts_s), Reason(reason) if reason else None)
        for number, address, rtts_s, reason in json.loads(text)
    )
