"""A network as configuration files name it."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import BeforeValidator


def _network(value: object) -> object:
    """A network by its text; pydantic itself would tell of both families what each of them lacks."""
    try:
        return ip_network(value) if isinstance(value, str) else value
    except ValueError as error:
        advice = ": its host bits must be 0" if "host bits" in str(error) else ""
        raise ValueError(f"is not a network like 10.27.0.0/16{advice}") from None


Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
