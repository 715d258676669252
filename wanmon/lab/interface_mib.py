"""IF-MIB as tables of columns: what a port shows in ifTable and ifXTable (RFC 2863).

A new column is one new row here.
"""

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address

from wanmon.lab.objects import Fixed, Instance, Moving
from wanmon.lab.port import SimulatedPort
from wanmon.protocols.snmp.types import Oid, Syntax

IF_NUMBER: Oid = (1, 3, 6, 1, 2, 1, 2, 1, 0)
IF_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IF_X_ENTRY: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)

ETHERNET, LOOPBACK = 6, 24
_LARGEST_GAUGE = 0xFFFF_FFFF

#: sysUpTime (1/100 s) at an instant (ms), or 0 for None.
Ticks = Callable[[int | None], int]
FixedColumn = tuple[Oid, Syntax, Callable[[SimulatedPort], int | bytes | Oid]]

FIXED: tuple[FixedColumn, ...] = (
    ((*IF_ENTRY, 2), Syntax.OCTET_STRING, lambda port: port.spec.name.encode()),  # ifDescr
    ((*IF_ENTRY, 3), Syntax.INTEGER, lambda port: LOOPBACK if _is_loopback(port) else ETHERNET),  # ifType
    ((*IF_ENTRY, 4), Syntax.INTEGER, lambda port: 65_536 if _is_loopback(port) else 1_500),  # ifMtu
    ((*IF_ENTRY, 5), Syntax.GAUGE32, lambda port: min(port.spec.speed_bps, _LARGEST_GAUGE)),  # ifSpeed
    ((*IF_ENTRY, 7), Syntax.INTEGER, lambda port: 1),  # ifAdminStatus: up
    ((*IF_ENTRY, 21), Syntax.GAUGE32, lambda port: 0),  # ifOutQLen
    ((*IF_ENTRY, 22), Syntax.OBJECT_IDENTIFIER, lambda port: (0, 0)),  # ifSpecific
    ((*IF_X_ENTRY, 1), Syntax.OCTET_STRING, lambda port: port.spec.name.encode()),  # ifName
    ((*IF_X_ENTRY, 14), Syntax.INTEGER, lambda port: 2),  # ifLinkUpDownTrapEnable: disabled
    ((*IF_X_ENTRY, 15), Syntax.GAUGE32, lambda port: port.spec.speed_bps // 1_000_000),  # ifHighSpeed
    ((*IF_X_ENTRY, 16), Syntax.INTEGER, lambda port: 2),  # ifPromiscuousMode: false
    ((*IF_X_ENTRY, 17), Syntax.INTEGER, lambda port: 2 if _is_loopback(port) else 1),  # ifConnectorPresent
    ((*IF_X_ENTRY, 18), Syntax.OCTET_STRING, lambda port: port.spec.alias.encode()),  # ifAlias
)

#: Column -> the places in `SimulatedPort.counters` that it sums: six received, then six transmitted (`Tally`).
COUNTERS_32: tuple[tuple[Oid, tuple[int, ...]], ...] = (
    ((*IF_ENTRY, 10), (0,)),  # ifInOctets
    ((*IF_ENTRY, 11), (1,)),  # ifInUcastPkts
    ((*IF_ENTRY, 12), (2, 3)),  # ifInNUcastPkts
    ((*IF_ENTRY, 13), (5,)),  # ifInDiscards
    ((*IF_ENTRY, 14), (4,)),  # ifInErrors
    ((*IF_ENTRY, 15), ()),  # ifInUnknownProtos
    ((*IF_ENTRY, 16), (6,)),  # ifOutOctets
    ((*IF_ENTRY, 17), (7,)),  # ifOutUcastPkts
    ((*IF_ENTRY, 18), (8, 9)),  # ifOutNUcastPkts
    ((*IF_ENTRY, 19), (11,)),  # ifOutDiscards
    ((*IF_ENTRY, 20), (10,)),  # ifOutErrors
    ((*IF_X_ENTRY, 2), (2,)),  # ifInMulticastPkts
    ((*IF_X_ENTRY, 3), (3,)),  # ifInBroadcastPkts
    ((*IF_X_ENTRY, 4), (8,)),  # ifOutMulticastPkts
    ((*IF_X_ENTRY, 5), (9,)),  # ifOutBroadcastPkts
)
COUNTERS_64: tuple[tuple[Oid, tuple[int, ...]], ...] = (
    ((*IF_X_ENTRY, 6), (0,)),  # ifHCInOctets
    ((*IF_X_ENTRY, 7), (1,)),  # ifHCInUcastPkts
    ((*IF_X_ENTRY, 8), (2,)),  # ifHCInMulticastPkts
    ((*IF_X_ENTRY, 9), (3,)),  # ifHCInBroadcastPkts
    ((*IF_X_ENTRY, 10), (6,)),  # ifHCOutOctets
    ((*IF_X_ENTRY, 11), (7,)),  # ifHCOutUcastPkts
    ((*IF_X_ENTRY, 12), (8,)),  # ifHCOutMulticastPkts
    ((*IF_X_ENTRY, 13), (9,)),  # ifHCOutBroadcastPkts
)


def port_instances(port: SimulatedPort, index: int, address: str, ticks: Ticks) -> Iterator[Instance]:
    """Every instance of one port's row in ifTable and ifXTable; `address` gives the port its MAC."""
    yield Fixed((*IF_ENTRY, 1, index), Syntax.INTEGER, index)  # ifIndex
    yield Fixed((*IF_ENTRY, 6, index), Syntax.OCTET_STRING, _physical_address(port, address))  # ifPhysAddress
    for column, syntax, value in FIXED:
        yield Fixed((*column, index), syntax, value(port))
    yield Moving((*IF_ENTRY, 8, index), Syntax.INTEGER, lambda at_ms: port.status)  # ifOperStatus
    yield Moving((*IF_ENTRY, 9, index), Syntax.TIMETICKS, lambda at_ms: ticks(port.last_change_ms))  # ifLastChange
    yield Moving(  # ifCounterDiscontinuityTime
        (*IF_X_ENTRY, 19, index), Syntax.TIMETICKS, lambda at_ms: ticks(port.discontinuity_ms)
    )
    for column, places in COUNTERS_32:
        yield Moving((*column, index), Syntax.COUNTER32, _counter(port, places, 0xFFFF_FFFF))
    for column, places in COUNTERS_64:
        yield Moving((*column, index), Syntax.COUNTER64, _counter(port, places, 0xFFFF_FFFF_FFFF_FFFF))


def _counter(port: SimulatedPort, places: tuple[int, ...], mask: int) -> Callable[[int], int]:
    """A counter that wraps at its width."""
    counters = port.counters
    if len(places) == 1:
        place = places[0]
        return lambda at_ms: counters(at_ms)[place] & mask
    return lambda at_ms: sum(counters(at_ms)[place] for place in places) & mask


def _is_loopback(port: SimulatedPort) -> bool:
    return port.spec.name == "lo"


def _physical_address(port: SimulatedPort, address: str) -> bytes:
    """A locally administered MAC made of the agent's address and the port's number; `lo` has none."""
    if _is_loopback(port):
        return b""
    return b"\x02" + IPv4Address(address).packed + bytes((port.number & 0xFF,))
