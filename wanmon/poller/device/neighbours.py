"""Reading the neighbours of a device by LLDP and CDP, once an hour and within a share of a slow poll.

One walk tells which neighbours there are; the rest is asked by GET for their rows alone. A device that speaks neither
costs one request.
"""

from collections.abc import Mapping, Sequence

from wanmon.model.neighbour import NeighbourProtocol
from wanmon.model.reason import Reason
from wanmon.poller.device import lldp
from wanmon.poller.device.lldp import Cells
from wanmon.poller.jobs import Port, Sighting
from wanmon.profiles.text import text
from wanmon.protocols.snmp.asking import Session
from wanmon.protocols.snmp.types import Oid, Value
from wanmon.protocols.snmp.walking import Walk

#: Every sixth slow poll of ten minutes, whatever the second of it.
EVERY_S = 3600 - 300
#: Of what is left of the poll's time: whoever waits for this device waits no longer for it.
TIME_SHARE = 0.5
#: Neighbours of one device that are taken in.
MOST_NEIGHBOURS = 256

CDP_CACHE: Oid = (1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1)  # CISCO-CDP-MIB, by ifIndex and device
CDP_DEVICE_ID = 6
CDP_COLUMNS = (4, 7, 8)  # cdpCacheAddress, DevicePort, Platform
IF_PHYS_ADDRESS: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1, 6)

_LLDP_CHASSIS: Oid = (*lldp.REMOTE, lldp.CHASSIS_ID)
_CDP_DEVICE: Oid = (*CDP_CACHE, CDP_DEVICE_ID)
#: A router with two circuits. So many are asked for first: where there is nobody, it is other objects that come.
_USUAL_NEIGHBOURS = 2
#: Of a column: some agents tell every neighbour again and again, and a neighbour may have several addresses.
_MOST_ROWS = 4 * MOST_NEIGHBOURS
#: What an agent itself says of an object that it does not tell.
_ITS_OWN_WORD = frozenset({None, Reason.REFUSED, Reason.NO_SUCH, Reason.TOO_BIG})


class NeighbourReader:
    """Reads the neighbours of one device where an hour has passed since it did so last."""

    def __init__(self) -> None:
        self._next_s: float | None = None

    async def read(
        self, session: Session, ports: Sequence[Port], now_s: float, deadline_s: float
    ) -> tuple[Sighting, ...] | None:
        """The neighbours, if it is time for them; `now_s` and `deadline_s` are monotonic."""
        if self._next_s is not None and now_s < self._next_s:
            return None
        # Also of a reading that fails: what an agent could not tell is not asked every ten minutes.
        self._next_s = now_s + EVERY_S
        return await read_neighbours(session, ports, now_s + TIME_SHARE * (deadline_s - now_s))


async def read_neighbours(session: Session, ports: Sequence[Port], deadline_s: float) -> tuple[Sighting, ...] | None:
    """All neighbours of a device, the first 256; None where some answer was lost."""
    finder, tables = lldp.PortFinder(ports), _Tables(session, deadline_s)
    chassis, devices = await tables.walk(_LLDP_CHASSIS, _CDP_DEVICE, rows_expected=_USUAL_NEIGHBOURS)
    found = [*await _by_lldp(tables, finder, chassis), *await _by_cdp(tables, finder, devices)]
    if tables.is_lost:
        return None
    told = [each for each in found if each.chassis_id or each.port_id or each.system_name]
    return tuple(told[:MOST_NEIGHBOURS])


class _Tables:
    """Asks for tables until an answer is lost: from then on there is nothing more."""

    def __init__(self, session: Session, deadline_s: float) -> None:
        self.is_lost = False
        self._session = session
        self._deadline_s = deadline_s

    async def walk(self, *columns: Oid, rows_expected: int = 0) -> list[dict[Oid, Value]]:
        """What is below each column, by its index, as far as the agent tells it."""
        walk = Walk(columns, _MOST_ROWS, rows_expected)
        if not self.is_lost:
            self.is_lost = await self._session.go_on(walk, self._deadline_s) is not None
        return [{row.oid[len(column) :]: row.value for row in walk.rows(column)} for column in columns]

    async def cells(self, entry: Oid, columns: Sequence[int], rows: Sequence[Oid]) -> Cells:
        """Some columns of some rows of a table; what the agent does not have is left out."""
        if self.is_lost or not rows:
            return {}
        wanted = [(*entry, column, *row) for row in rows for column in columns]
        answer = await self._session.get(wanted, self._deadline_s)
        self.is_lost = answer.reason not in _ITS_OWN_WORD
        at = len(entry)
        return {(v.oid[at], v.oid[at + 1 :]): v.value for v in answer.varbinds if not v.is_missing}


async def _by_lldp(tables: _Tables, finder: lldp.PortFinder, chassis: Mapping[Oid, Value]) -> list[Sighting]:
    rows = lldp.remote_rows(chassis)[:MOST_NEIGHBOURS]
    if not rows:
        return []
    cells = await tables.cells(lldp.REMOTE, lldp.REMOTE_COLUMNS, rows)
    (managed_at,) = await tables.walk(lldp.MANAGEMENT, rows_expected=len(rows))
    managed = lldp.management_addresses(managed_at)
    interfaces = await _interfaces(tables, finder, sorted({row[-2] for row in rows}))
    return [lldp.sighting(row, chassis[row], cells, interfaces[row[-2]], managed.get(row[-2:], "")) for row in rows]


async def _interfaces(tables: _Tables, finder: lldp.PortFinder, numbers: Sequence[int]) -> dict[int, str]:
    """The names of our ports by lldpLocPortNum; their MACs are asked for only where nothing else tells."""
    cells = await tables.cells(lldp.LOCAL_PORT, lldp.LOCAL_COLUMNS, [(number,) for number in numbers])
    local = [
        lldp.LocalPort(number, *(cells.get((column, (number,))) for column in lldp.LOCAL_COLUMNS)) for number in numbers
    ]
    found = {each.number: finder.named(each) for each in local}
    if any(each.kind == lldp.PORT_MAC and not found[each.number] for each in local):
        (addresses,) = await tables.walk(IF_PHYS_ADDRESS)
        macs = {index[-1]: mac for index, mac in addresses.items()}
        found = {each.number: found[each.number] or finder.with_mac(each, macs) for each in local}
    return {each.number: found[each.number] or finder.guessed(each) for each in local}


async def _by_cdp(tables: _Tables, finder: lldp.PortFinder, devices: Mapping[Oid, Value]) -> list[Sighting]:
    rows = [row for row in devices if len(row) == 2][:MOST_NEIGHBOURS]
    cells = await tables.cells(CDP_CACHE, CDP_COLUMNS, rows)
    return [
        Sighting(
            protocol=NeighbourProtocol.CDP,
            interface=finder.numbered(row[0]),
            chassis_id=lldp.name_or_digits(devices[row]),
            port_id=lldp.name_or_digits(cells.get((7, row))),
            system_name=lldp.name_or_digits(devices[row]),
            system_description=text(cells.get((8, row))),
            address=lldp.address(cells.get((4, row))),
        )
        for row in rows
    ]
