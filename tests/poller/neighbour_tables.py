"""The tables of neighbours as an agent has them, for tests."""

from tests.poller.scripted import Agent
from wanmon.protocols.snmp.types import Oid, Value

LLDP = (1, 0, 8802, 1, 1, 2, 1)
CHASSIS = (*LLDP, 4, 1, 1, 5)
MANAGEMENT = (*LLDP, 4, 2, 1)
CDP = (1, 3, 6, 1, 4, 1, 9, 9, 23, 1, 2, 1, 1)
CDP_DEVICE_ID = (*CDP, 6)


def lldp(number: int, name: bytes = b"BN-0001-R1", local: bytes | None = None) -> dict[Oid, Value]:
    """One neighbour on the local port of that number, which is called `local`."""
    row = (7, number, 1)
    told: dict[int, Value] = {
        4: 4, 5: bytes((2, 0, 0, 0, 0, number % 256)),
        6: 5, 7: b"lan1", 8: b"to the communes", 9: name, 10: b"RouterOS 7",
    }  # fmt: skip
    table: dict[Oid, Value] = {(*LLDP, 4, 1, 1, column, *row): value for column, value in told.items()}
    table[*MANAGEMENT, 3, *row, 1, 4, 10, 27, 1, number % 256] = 2
    if local is not None:
        table |= {(*LLDP, 3, 7, 1, column, number): value for column, value in ((2, 5), (3, local), (4, local))}
    return table


def cdp(if_index: int, device: bytes = b"hub.bacninh.example", number: int = 1) -> dict[Oid, Value]:
    """One neighbour on the port with that ifIndex."""
    told = {4: bytes((10, 27, 0, 1)), 6: device, 7: b"GigabitEthernet0/8", 8: b"cisco WS-C3508G-XL"}
    return {(*CDP, column, if_index, number): value for column, value in told.items()}


def with_neighbours(agent: Agent, *tables: dict[Oid, Value]) -> Agent:
    """The agent with these tables, too."""
    for table in tables:
        agent.table |= table
    return agent
