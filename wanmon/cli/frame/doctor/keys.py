"""Credentials by name: those that cannot be read, that no device uses, that devices name without any being there."""

from collections.abc import Collection, Iterable

from wanmon.cli.frame.doctor.finding import Finding, fine, problem, skipped, warning
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.config.settings import secrets_beside
from wanmon.errors import ConfigError, WanmonError


def examine(here: Surroundings) -> list[Finding]:
    """The secrets, and how the inventory uses them; what a secret is never is told."""
    try:
        secrets = here.secrets
    except ConfigError as error:
        advice = f"edit {secrets_beside(here.config)}, then `wanmon config check`"
        return [problem("credentials", text, advice) for text in error.problems]
    try:
        devices = here.inventory().devices.values()
    except WanmonError:
        return [skipped("credentials", "there is no inventory to compare them with")]
    snmp = [name for device in devices for name in device.credentials]  # type: ignore[attr-defined]  # rows of the table
    ssh = [name for device in devices for name in device.logins]  # type: ignore[attr-defined]
    return [*used("snmp", secrets.snmp, snmp), *used("ssh", secrets.ssh, ssh)]


def used(protocol: str, known: Collection[str], named: Iterable[str]) -> list[Finding]:
    """Judge the credentials of one protocol by those that devices name. Pure."""
    subject, names = f"{protocol} credentials", list(named)
    found = [
        problem(
            subject,
            f"{protocol}.{name} is named by {names.count(name)} devices and is not in secrets.toml",
            f"add [{protocol}.{name}] to secrets.toml, or `wanmon device set --where {protocol}={name}`",
        )
        for name in sorted(set(names) - set(known))
    ]
    found += [
        warning(subject, f"{protocol}.{name} is used by no device", f"take [{protocol}.{name}] out of secrets.toml")
        for name in sorted(set(known) - set(names))
    ]
    if found:
        return found
    return [fine(subject, f"{len(known)} are there and used")] if known else [skipped(subject, "there are none")]
