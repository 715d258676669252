"""Through which port the default route leads, in the three tables that agents keep it in.

inetCidrRouteTable and ipCidrRouteTable (RFC 4292), ipRouteTable (RFC 1213).
"""

from collections.abc import Iterable

from wanmon.protocols.snmp.types import Oid, VarBind

_IP = (1, 3, 6, 1, 2, 1, 4)
#: ipRouteIfIndex of 0.0.0.0: one instance.
IP_ROUTE: Oid = (*_IP, 21, 1, 2, 0, 0, 0, 0)
#: What holds the default routes below it: destination and mask are in the index, next hops follow.
TABLES: tuple[Oid, ...] = (
    (*_IP, 24, 4, 1, 5, *(0,) * 8),  # ipCidrRouteIfIndex of 0.0.0.0/0.0.0.0
    (*_IP, 24, 7, 1, 7, 1, 4, 0, 0, 0, 0, 0),  # inetCidrRouteIfIndex of ipv4(1) 0.0.0.0/0
    (*_IP, 24, 7, 1, 7, 2, 16, *(0,) * 16, 0),  # inetCidrRouteIfIndex of ipv6(2) ::/0
)


def leads_to(varbinds: Iterable[VarBind]) -> int | None:
    """The ifIndex of the first route that names one; 0 means that there is none (RFC 4292)."""
    return next((v.value for v in varbinds if isinstance(v.value, int) and v.value > 0), None)
