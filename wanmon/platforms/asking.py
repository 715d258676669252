"""What may be asked of a router's command line: values of fixed forms, which alone ever become part of a command.

A value that is not of its form is refused when the request is made; nothing of it is sent. No free text exists here.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address

from wanmon.errors import UsageError

#: A VRF, VPN instance or routing table as routers name them.
_VRF = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,31}")


@dataclass(frozen=True, slots=True)
class Request:
    """Whom to ask from a router: `target` is an address of one host, `source` one of the router's own or empty.

    `vrf` is the name of a routing instance, empty for the global one. Raises `UsageError`.
    """

    target: str
    source: str = ""
    vrf: str = ""

    def __post_init__(self) -> None:
        target = _host("target", self.target)
        if self.source and _host("source", self.source).version != target.version:
            raise UsageError(f"source {self.source}: is not of the same IP version as the target {self.target}")
        if self.vrf and not _VRF.fullmatch(self.vrf):
            raise UsageError(f"vrf {self.vrf!r:.80}: is not the name of a VRF (letters, digits, _ . - and at most 32)")

    @property
    def is_ipv6(self) -> bool:
        """Whether it is about IPv6."""
        return ":" in self.target


@dataclass(frozen=True, slots=True)
class PingRequest(Request):
    """Some echoes: `size` is that of the payload in bytes, `timeout_s` is for each of them."""

    count: int = 5
    size: int = 56
    timeout_s: int = 2

    def __post_init__(self) -> None:
        Request.__post_init__(self)  # `super()` without arguments does not know a class with slots
        _within("count", self.count, 1, 100)
        _within("size", self.size, 36, 8000)
        _within("timeout_s", self.timeout_s, 1, 10)


@dataclass(frozen=True, slots=True)
class TraceRequest(Request):
    """The path to a target: at most `max_hops`, each asked `probes` times, waiting `timeout_s` for each answer."""

    max_hops: int = 15
    probes: int = 2
    timeout_s: int = 2

    def __post_init__(self) -> None:
        Request.__post_init__(self)
        _within("max_hops", self.max_hops, 1, 30)
        _within("probes", self.probes, 1, 3)
        _within("timeout_s", self.timeout_s, 1, 5)


def _host(field: str, text: object) -> IPv4Address | IPv6Address:
    """An address that is written as this program writes it, and so is nothing else; a zone could hold any text."""
    if isinstance(text, str):
        try:
            address = ip_address(text)
        except ValueError:
            pass
        else:
            if str(address) == text and "%" not in text and not (address.is_multicast or address.is_unspecified):
                return address
    raise UsageError(f"{field} {text!r:.80}: is not the address of one host")


def _within(field: str, value: object, least: int, most: int) -> None:
    if type(value) is not int or not least <= value <= most:
        raise UsageError(f"{field} {value!r:.80}: is not a whole number from {least} to {most}")
