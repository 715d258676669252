"""Host names to addresses, by the system's resolver and within a deadline."""

import asyncio
import socket
from dataclasses import dataclass
from ipaddress import ip_address


@dataclass(frozen=True, slots=True)
class Resolved:
    """The first address of a name, in the system's order of preference (RFC 6724); or why there is none."""

    address: str = ""
    detail: str = ""


async def resolve(host: str, within_s: float) -> Resolved:
    """The address of a host; one that is an address already is its own, and nobody is asked."""
    if is_address(host):
        return Resolved(host)
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(within_s):
            found = await loop.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except TimeoutError:
        return Resolved(detail=f"no answer from the resolver within {within_s:g} s")
    except OSError as error:
        return Resolved(detail=error.strerror or str(error))
    except UnicodeError:
        return Resolved(detail="it is no host name")
    return Resolved(str(found[0][4][0])) if found else Resolved(detail="it has no address")


def is_address(host: str) -> bool:
    """Whether a host is given by its address."""
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
