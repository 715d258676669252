"""Devices: what has a management address at a site."""

from enum import StrEnum

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from wanmon.model.fields import Address, Code, CredentialNames, DeviceName, Fields, Liveness, Port, Slug, choice


class DeviceRole(StrEnum):
    """Edge routers end the circuits and speak for the site; the others only degrade it."""

    EDGE = "edge"
    INNER = "inner"
    UPS = "ups"


class DeviceFields(Fields):
    """A device as files and commands give it.

    `snmp` lists credential names in the order to try them, or is `none` on purpose; `port` is its SNMP port.
    `ssh` lists the credentials of its login likewise, and is `none` where nobody logs in; `platform` is how its
    command line speaks (`wanmon.platforms`), `auto` as its profile says.
    """

    name: DeviceName = Field(unique=True, index=True)
    site: Code = Field(foreign_key="site.code", index=True)
    role: DeviceRole = Field(default=DeviceRole.EDGE, sa_type=choice(DeviceRole))
    address: Address
    port: Port = 161
    liveness: Liveness = "icmp"
    snmp: CredentialNames
    profile: Slug = "auto"
    ssh: CredentialNames = "none"
    ssh_port: Port = 22
    platform: Slug = "auto"


class Device(DeviceFields, table=True):
    """A device of the inventory."""

    __table_args__ = (UniqueConstraint("address", "port"),)

    id: int | None = Field(default=None, primary_key=True)

    @property
    def credentials(self) -> tuple[str, ...]:
        """The names of its SNMP credentials in the order to try; empty where SNMP is not spoken on purpose."""
        return () if self.snmp == "none" else tuple(self.snmp.split(","))

    @property
    def logins(self) -> tuple[str, ...]:
        """The names of its SSH credentials in the order to try; empty where nobody logs in."""
        return () if self.ssh == "none" else tuple(self.ssh.split(","))
