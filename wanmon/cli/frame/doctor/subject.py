"""Who is examined: a device of the inventory, or an address that nobody has entered yet."""

from dataclasses import dataclass, replace
from ipaddress import ip_address

from wanmon.cli.frame.asking import address_target, targets_of
from wanmon.config.secrets import Secrets, SnmpCredential
from wanmon.errors import UsageError
from wanmon.model.device import DeviceFields
from wanmon.model.inventory import Inventory
from wanmon.poller.targets import DeviceTarget

#: What a community of stdin is called while it is tried.
GIVEN = "given"


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person said beside the target: a port, the credentials to try, whether a community comes on stdin."""

    port: int | None = None
    snmp: tuple[str, ...] = ()
    ssh: str = ""
    community: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """One place to examine; `device` is its row, none for a bare address."""

    target: DeviceTarget
    device: DeviceFields | None
    ssh_port: int = 22
    logins: tuple[str, ...] = ()

    @property
    def address(self) -> str:
        """Where it is managed."""
        return self.target.address


def subjects(inventory: Inventory, secrets: Secrets, text: str, asked: Asked) -> list[Subject]:
    """The places that are meant: a device, all devices of a site, or an address.

    Raises `UsageError` for a credential that is not there, `NotFound` and `Ambiguous`.
    """
    for name in asked.snmp:
        if name not in secrets.snmp and name != GIVEN:
            raise UsageError(f"--snmp {name}: no credential snmp.{name} in secrets.toml: see `wanmon credential list`")
    if asked.ssh and asked.ssh not in secrets.ssh:
        raise UsageError(f"--ssh {asked.ssh}: no credential ssh.{asked.ssh} in secrets.toml")
    address = _address(text)
    if address and not any(device.address == address for device in inventory.devices.values()):
        return [_stranger(address, secrets, asked)]
    return [_known(inventory, target, asked) for target in targets_of(inventory, [text])]


def given(community: str, address: str) -> SnmpCredential:
    """A community for this once, bound to this one address."""
    network = f"{address}/{ip_address(address).max_prefixlen}"
    values = {"name": GIVEN, "version": "2c", "community": community, "networks": [network]}
    # The text itself: `file:` and `env:` are for secrets.toml, not for what is typed.
    if community.startswith(("file:", "env:")) or not community:
        raise UsageError("the community on stdin is empty, or looks like file: or env: of secrets.toml")
    return SnmpCredential.model_validate(values)


def _known(inventory: Inventory, target: DeviceTarget, asked: Asked) -> Subject:
    device = inventory.devices[target.name]
    names = asked.snmp or target.credentials
    logins = (asked.ssh,) if asked.ssh else () if device.ssh == "none" else tuple(device.ssh.split(","))
    told = replace(target, credentials=names, port=asked.port or target.port)
    return Subject(told, device, device.ssh_port, logins)


def _stranger(address: str, secrets: Secrets, asked: Asked) -> Subject:
    """An address with the credentials that were named, or all that may be sent there, in the order of their file."""
    allowed = tuple(name for name, held in secrets.snmp.items() if held.may_be_sent_to(address))
    target = replace(address_target(address, asked.port or 161, ""), credentials=asked.snmp or allowed)
    logins = tuple(name for name, held in secrets.ssh.items() if held.may_be_sent_to(address))
    return Subject(target, None, logins=(asked.ssh,) if asked.ssh else logins)


def _address(text: str) -> str:
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return ""
