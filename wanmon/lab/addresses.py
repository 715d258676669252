"""Where the lab answers for the example province: 10.27.x.y is played on 127.27.x.y.

Pure, and the only place that knows the mapping.
"""

from ipaddress import IPv4Address, IPv4Network, ip_address

from wanmon.errors import WanmonError

PROVINCE = IPv4Network("10.27.0.0/16")
LOOPBACK = IPv4Network("127.27.0.0/16")
PORT = 1161


def lab_address(address: str) -> tuple[str, int]:
    """The loopback address and UDP port that stand for a management address of the example province.

    Raises `WanmonError` for everything outside 10.27.0.0/16, IPv6 included.
    """
    try:
        real = ip_address(address)
    except ValueError:
        raise WanmonError(f"{address!r} is no IP address: the lab answers for {PROVINCE} only") from None
    if not isinstance(real, IPv4Address) or real not in PROVINCE:
        raise WanmonError(f"{address} lies outside {PROVINCE}: the lab answers for the example province only")
    offset = int(real) - int(PROVINCE.network_address)
    return str(LOOPBACK.network_address + offset), PORT
