"""What every SNMP engine here can do for one agent."""

from collections.abc import Sequence
from typing import Protocol

from wanmon.protocols.snmp.types import Answer, Failure, Oid, Reading, Readout
from wanmon.protocols.snmp.walking import Walk


class Session(Protocol):
    """A conversation with one agent under one credential. Its methods never raise for what the network does."""

    async def get(self, oids: Sequence[Oid], deadline_s: float | None = None) -> Answer:
        """Ask for instances; the var-binds come back in the order asked, missing ones marked by their syntax."""
        ...

    async def walk(self, root: Oid, deadline_s: float | None = None) -> Answer:
        """Everything below `root` by GETBULK (GETNEXT for v1, and for agents that know no other); ends at `deadline_s`
        (monotonic), 20,000 rows, or OIDs that do not grow, keeping what came.
        """
        ...

    async def go_on(self, walk: Walk, deadline_s: float | None = None) -> Failure | None:
        """Walk several columns side by side until the walk is done, or until what is returned stops it; call again to
        go on from there.
        """
        ...

    def doubt_bulk(self) -> None:
        """GETBULK of this agent passed instances over: walk without it."""
        ...

    async def read(self, reading: Reading, deadline_s: float | None = None) -> Readout:
        """Ask a prepared reading again, updating its `values` in place."""
        ...
