"""LLDP-MIB (IEEE 802.1AB): whom a simulated device tells that it is connected to."""

from collections.abc import Iterable, Iterator, Mapping
from ipaddress import IPv4Address

from wanmon.lab.objects import Fixed
from wanmon.lab.spec import NeighbourSpec
from wanmon.protocols.snmp.types import Oid, Syntax

LOCAL_PORT: Oid = (1, 0, 8802, 1, 1, 2, 1, 3, 7, 1)
REMOTE: Oid = (1, 0, 8802, 1, 1, 2, 1, 4, 1, 1)
MANAGEMENT: Oid = (1, 0, 8802, 1, 1, 2, 1, 4, 2, 1)

#: LldpChassisIdSubtype and LldpPortIdSubtype.
CHASSIS_MAC, PORT_NAME = 4, 5
IPV4, BY_IF_INDEX = 1, 2


def neighbour_instances(
    neighbours: Iterable[NeighbourSpec], numbers: Mapping[str, int], description: str
) -> Iterator[Fixed]:
    """Every instance of the tables that tell of neighbours; `numbers` are those of our ports, by name."""
    for neighbour in neighbours:
        name, number = neighbour.interface, numbers[neighbour.interface]
        yield Fixed((*LOCAL_PORT, 2, number), Syntax.INTEGER, PORT_NAME)
        yield Fixed((*LOCAL_PORT, 3, number), Syntax.OCTET_STRING, name.encode())
        yield Fixed((*LOCAL_PORT, 4, number), Syntax.OCTET_STRING, name.encode())
        yield from _remote(neighbour, number, description)


def _remote(neighbour: NeighbourSpec, number: int, description: str) -> Iterator[Fixed]:
    row, address = (0, number, 1), IPv4Address(neighbour.address).packed
    texts = {7: neighbour.port, 8: neighbour.port, 9: neighbour.name, 10: f"{description} {neighbour.name}"}
    yield Fixed((*REMOTE, 4, *row), Syntax.INTEGER, CHASSIS_MAC)
    yield Fixed((*REMOTE, 5, *row), Syntax.OCTET_STRING, b"\x02" + address + b"\0")
    yield Fixed((*REMOTE, 6, *row), Syntax.INTEGER, PORT_NAME)
    for column, told in texts.items():
        yield Fixed((*REMOTE, column, *row), Syntax.OCTET_STRING, told.encode())
    # lldpRemManAddrIfSubtype and IfId; the address itself is in their index.
    place = (*row, IPV4, len(address), *address)
    yield Fixed((*MANAGEMENT, 3, *place), Syntax.INTEGER, BY_IF_INDEX)
    yield Fixed((*MANAGEMENT, 4, *place), Syntax.INTEGER, 1)
