"""LLDP-MIB (IEEE 802.1AB) decoded: who a neighbour is, where it is managed, and which of our ports it is on.

Pure: instances in, text out. Agents leave out objects, whole tables and parts of indexes; what is not there is empty.
"""

from collections.abc import Iterable, Mapping, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import NamedTuple

from wanmon.model.neighbour import NeighbourProtocol
from wanmon.poller.jobs import Port, Sighting
from wanmon.profiles.text import text
from wanmon.protocols.snmp.types import Oid, Value

LLDP: Oid = (1, 0, 8802, 1, 1, 2, 1)
LOCAL_PORT: Oid = (*LLDP, 3, 7, 1)  # lldpLocPortEntry, by lldpLocPortNum
LOCAL_COLUMNS = (2, 3, 4)  # IdSubtype, Id, Desc
REMOTE: Oid = (*LLDP, 4, 1, 1)  # lldpRemEntry, by TimeMark, LocalPortNum and Index
CHASSIS_ID = 5
REMOTE_COLUMNS = (4, 6, 7, 8, 9, 10)  # ChassisIdSubtype, PortIdSubtype, PortId, PortDesc, SysName, SysDesc
MANAGEMENT: Oid = (*LLDP, 4, 2, 1, 3)  # lldpRemManAddrIfSubtype: its index has the address

#: LldpChassisIdSubtype and LldpPortIdSubtype: which of them are a MAC or a network address, a name or an alias.
CHASSIS_MAC, CHASSIS_NETWORK = 4, 5
PORT_ALIAS, PORT_MAC, PORT_NETWORK, PORT_NAME = 1, 3, 4, 5

_MAC_BYTES = 6
#: AddressFamilyNumbers (IANA): IPv4 and IPv6, and how long their addresses are.
_ADDRESS_BYTES = {1: 4, 2: 16}
_MOST_HEX_BYTES = 100

#: Values by column and index, of one table.
Cells = Mapping[tuple[int, Oid], Value]


class LocalPort(NamedTuple):
    """One of our ports as our own LLDP calls it."""

    number: int
    kind: Value = None
    id: Value = None
    description: Value = None


class PortFinder:
    """Finds our ports by what an agent calls them; what several ports are called finds none of them."""

    def __init__(self, ports: Sequence[Port]) -> None:
        self._by_index = {port.if_index: port for port in ports}
        names = ([(getattr(port, role), port) for port in ports] for role in ("name", "description", "alias"))
        self._called = tuple(map(_grouped, names))

    def numbered(self, if_index: int) -> str:
        """The name of the port with that ifIndex, or what it would be called without one."""
        port = self._by_index.get(if_index)
        return port.name if port else f"if{if_index}"

    def named(self, local: LocalPort) -> str:
        """The name of the port that is called so, by its id where that is a name, else by its description."""
        called = [text(local.description)]
        if local.kind in (PORT_ALIAS, PORT_NAME):
            called.insert(0, text(local.id))
        elif local.kind != PORT_MAC:
            called.append(text(local.id))
        found = (_one_of(names.get(each, ()), local.number) for each in called if each for names in self._called)
        return next((port.name for port in found if port), "")

    def with_mac(self, local: LocalPort, addresses: Mapping[int, Value]) -> str:
        """The name of the port with the MAC that is its id; `addresses` are ifPhysAddress by ifIndex."""
        ports = [self._by_index[index] for index, mac in addresses.items() if mac == local.id and self._knows(index)]
        port = _one_of(ports, local.number) if local.id else None
        return port.name if port else ""

    def guessed(self, local: LocalPort) -> str:
        """The name of the port whose ifIndex is its number; failing that, what it is called, whatever that is."""
        if self._knows(local.number):
            return self.numbered(local.number)
        return text(local.description) or port_id(local.kind, local.id) or f"port {local.number}"

    def _knows(self, if_index: int) -> bool:
        return if_index in self._by_index


def chassis_id(kind: Value, value: Value) -> str:
    """LldpChassisId as text: `aa:bb:cc:dd:ee:ff`, an IP address, a name, or hexadecimal digits."""
    return _identifier(value, is_mac=kind == CHASSIS_MAC, is_network=kind == CHASSIS_NETWORK)


def port_id(kind: Value, value: Value) -> str:
    """LldpPortId as text, as `chassis_id`."""
    return _identifier(value, is_mac=kind == PORT_MAC, is_network=kind == PORT_NETWORK)


def name_or_digits(value: Value) -> str:
    """An identifier of no known kind: a name, or hexadecimal digits where it is none."""
    return _identifier(value, is_mac=False, is_network=False)


def address(value: Value) -> str:
    """The bytes of an IP address as text; empty for anything else, and for the address that means none."""
    if not isinstance(value, bytes) or len(value) not in _ADDRESS_BYTES.values():
        return ""
    found = ip_address(value)
    return "" if found.is_unspecified else str(found)


def remote_rows(indexes: Iterable[Oid]) -> list[Oid]:
    """The indexes of lldpRemTable, one for each neighbour: of several times the latest.

    An agent that honours the time filter tells each row once for every change (RFC 4502, TimeFilter); some leave the
    time out.
    """
    latest = {index[-2:]: index for index in indexes if len(index) in (2, 3)}
    return list(latest.values())


def management_addresses(indexes: Iterable[Oid]) -> dict[Oid, str]:
    """The addresses in the indexes of lldpRemManAddrTable, by local port and neighbour; IPv4 before IPv6."""
    found: dict[Oid, list[IPv4Address | IPv6Address]] = {}
    for index in indexes:
        shown = _address_in(index[3:])
        if shown is not None:
            found.setdefault(index[1:3], []).append(shown)
    return {row: str(min(each, key=lambda one: one.version)) for row, each in found.items()}


def sighting(row: Oid, chassis: Value, cells: Cells, interface: str, managed_at: str) -> Sighting:
    """One row of lldpRemTable, of whose cells `chassis` is lldpRemChassisId."""
    subtype, port_subtype, port, description, name, system = (cells.get((column, row)) for column in REMOTE_COLUMNS)
    return Sighting(
        protocol=NeighbourProtocol.LLDP,
        interface=interface,
        chassis_id=chassis_id(subtype, chassis),
        port_id=port_id(port_subtype, port),
        port_description=text(description),
        system_name=text(name),
        system_description=text(system),
        address=managed_at,
    )


def _identifier(value: Value, *, is_mac: bool, is_network: bool) -> str:
    if not isinstance(value, bytes) or not value:
        return ""
    if is_mac and len(value) == _MAC_BYTES:
        return value.hex(":")
    if is_network and len(value) - 1 == _ADDRESS_BYTES.get(value[0]):
        return str(ip_address(value[1:]))
    if _is_text(value):
        return text(value)
    return value.hex(":") if len(value) == _MAC_BYTES else value[:_MOST_HEX_BYTES].hex()


def _is_text(value: bytes) -> bool:
    try:
        return value.rstrip(b"\0\r\n\t ").decode("utf-8").isprintable()
    except UnicodeDecodeError:
        return False


def _address_in(index: Oid) -> IPv4Address | IPv6Address | None:
    """An address family, the length of the address, which some agents leave out, and the address."""
    size = _ADDRESS_BYTES.get(index[0]) if index else None
    if size is None or (len(index) - 1 != size and index[1:2] != (size,)):
        return None
    octets = index[-size:]
    if len(index) - 1 not in (size, size + 1) or any(octet > 255 for octet in octets):
        return None
    found = ip_address(bytes(octets))
    return None if found.is_unspecified else found


def _grouped(names: Iterable[tuple[str, Port]]) -> dict[str, list[Port]]:
    found: dict[str, list[Port]] = {}
    for name, port in names:
        found.setdefault(name, []).append(port)
    return found


def _one_of(ports: Sequence[Port], if_index: int) -> Port | None:
    """The only port, or the one with that ifIndex."""
    if len(ports) == 1:
        return ports[0]
    return next((port for port in ports if port.if_index == if_index), None)
