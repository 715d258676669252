"""What a well-behaved router holds: the system group, ifTable and ifXTable of so many ports, counters moving.

The lies of other rigs are told about this truth.
"""

from collections.abc import Callable, Collection, Iterator

from wanmon.lab.objects import Fixed, Instance, Moving, ObjectStore
from wanmon.protocols.snmp.types import Oid, Syntax

SYSTEM: Oid = (1, 3, 6, 1, 2, 1, 1)
UPTIME: Oid = (*SYSTEM, 3, 0)
IF_NUMBER: Oid = (1, 3, 6, 1, 2, 1, 2, 1, 0)
IF: Oid = (1, 3, 6, 1, 2, 1, 2, 2, 1)
IFX: Oid = (1, 3, 6, 1, 2, 1, 31, 1, 1, 1)
DESCR, TYPE, SPEED, ADMIN, OPER = ((*IF, number) for number in (2, 3, 5, 7, 8))
NAME, HIGH_SPEED, ALIAS = ((*IFX, number) for number in (1, 15, 18))
RECEIVED, TRANSMITTED = (*IFX, 6), (*IFX, 10)
_NARROW = tuple((*IF, number) for number in (10, 11, 13, 14, 16, 17, 19, 20))
_WIDE = tuple((*IFX, number) for number in (6, 7, 8, 9, 10, 11, 12, 13))

Naming = Callable[[int], bytes]


def port_name(index: int) -> bytes:
    """The name of a port where nobody else gave one."""
    return b"ge-0/0/%d" % index


def router_table(
    ports: int,
    *,
    naming: Naming = port_name,
    lacks: Collection[Oid] = (),
    uptime_ticks: Callable[[int], int] | None = None,
) -> ObjectStore:
    """The objects of a router; `lacks` are columns or instances that it does not have."""
    without = frozenset(lacks)
    instances = [*_system(ports, uptime_ticks or (lambda at_ms: at_ms // 10 % 2**32)), *_ports(ports, naming)]
    return ObjectStore(each for each in instances if each.oid not in without and each.oid[:-1] not in without)


def _system(ports: int, uptime_ticks: Callable[[int], int]) -> Iterator[Instance]:
    yield Fixed((*SYSTEM, 1, 0), Syntax.OCTET_STRING, b"an invented router")
    yield Fixed((*SYSTEM, 2, 0), Syntax.OBJECT_IDENTIFIER, (1, 3, 6, 1, 4, 1, 99_999, 1))
    yield Moving(UPTIME, Syntax.TIMETICKS, uptime_ticks)
    yield Fixed((*SYSTEM, 5, 0), Syntax.OCTET_STRING, b"r1")
    yield Fixed((*SYSTEM, 6, 0), Syntax.OCTET_STRING, b"B\xe1\xba\xafc Ninh")
    yield Fixed(IF_NUMBER, Syntax.INTEGER, ports)


def _ports(ports: int, naming: Naming) -> Iterator[Instance]:
    for index in range(1, ports + 1):
        yield Fixed((*IF, 1, index), Syntax.INTEGER, index)
        for column in (DESCR, NAME):
            yield Fixed((*column, index), Syntax.OCTET_STRING, naming(index))
        yield Fixed((*ALIAS, index), Syntax.OCTET_STRING, b"to hub %d" % index)
        yield Fixed((*TYPE, index), Syntax.INTEGER, 6)
        yield Fixed((*SPEED, index), Syntax.GAUGE32, 10**9)
        yield Fixed((*HIGH_SPEED, index), Syntax.GAUGE32, 1000)
        yield Fixed((*ADMIN, index), Syntax.INTEGER, 1)
        yield Fixed((*OPER, index), Syntax.INTEGER, 1)
        for column in ((*IF, 9), (*IFX, 19)):  # ifLastChange, ifCounterDiscontinuityTime
            yield Fixed((*column, index), Syntax.TIMETICKS, 4_711)
        for place, column in enumerate((*_NARROW, *_WIDE)):
            wide = place >= len(_NARROW)
            syntax = Syntax.COUNTER64 if wide else Syntax.COUNTER32
            yield Moving((*column, index), syntax, _counting(index * 977 + place, 2**64 if wide else 2**32))


def _counting(rate: int, wrap: int) -> Callable[[int], int]:
    """A counter that has moved at so many a millisecond since 1970."""
    return lambda at_ms: at_ms * rate % wrap
