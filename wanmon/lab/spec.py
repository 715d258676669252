"""What an agent is told to play: the device, its place and its ports. Values only."""

from dataclasses import dataclass

#: net-snmp on Linux (NET-SNMP-TC), what most small routers' agents say.
NET_SNMP_LINUX = (1, 3, 6, 1, 4, 1, 8072, 3, 2, 10)


@dataclass(frozen=True, slots=True)
class PortSpec:
    """A port and what runs through it.

    `receive_bps` and `transmit_bps` bound the traffic (the contracted rates of a WAN port); `speed_bps` is what the
    port itself can do. `busy` is the share of those rates reached at the peak of an office day, 0 to 1; None lets the
    seed choose.
    """

    name: str
    alias: str = ""
    speed_bps: int = 1_000_000_000
    receive_bps: int = 100_000_000
    transmit_bps: int = 100_000_000
    busy: float | None = None


@dataclass(frozen=True, slots=True)
class NeighbourSpec:
    """Who is at the other end of a port: its name, where it is managed, and which of its own ports it is."""

    interface: str
    name: str
    address: str
    port: str = "lan1"


@dataclass(frozen=True, slots=True)
class AgentSpec:
    """A device and the loopback address where it answers.

    `ports` are those that the inventory names, in ifIndex order; the device adds `lo` before them and `lan_ports`
    more behind them. `neighbours` are those that it hears by LLDP.
    """

    name: str
    address: str
    port: int
    site: str
    role: str = "edge"
    ports: tuple[PortSpec, ...] = ()
    lan_ports: int = 2
    description: str = "Linux lab 6.1.0 wanmon simulated agent"
    object_id: tuple[int, ...] = NET_SNMP_LINUX
    location: str = ""
    contact: str = "noc@example.org"
    neighbours: tuple[NeighbourSpec, ...] = ()
