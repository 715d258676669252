"""Credentials without their values, and what devices said to them. Pure."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from wanmon.config.secrets import Secrets, SnmpCredential
from wanmon.model.life import CredentialProtocol

SNMP, SSH = CredentialProtocol.SNMP, CredentialProtocol.SSH


def credential_records(
    secrets: Secrets, used: Mapping[str, int], pauses: Mapping[CredentialProtocol, Mapping[str, datetime]]
) -> list[dict[str, Any]]:
    """Every credential there is a secret for, and every one that devices name without there being one."""
    records = [
        {**_described(each), "device_count": used.get(name, 0), "paused_until": pauses[SNMP].get(name)}
        for name, each in sorted(secrets.snmp.items())
    ]
    for name, login in sorted(secrets.ssh.items()):
        networks = list(map(str, login.networks))
        empty = _empty(name, SSH) | {"user": login.username, "networks": networks, "is_known": True}
        records.append({**empty, "paused_until": pauses[SSH].get(name)})
    missing = sorted(set(used) - set(secrets.snmp) - {"none"})
    return records + [{**_empty(name, SNMP), "device_count": used[name]} for name in missing]


def outcome_records(
    winners: Mapping[CredentialProtocol, Mapping[str, str]], pauses: Mapping[CredentialProtocol, Mapping[str, datetime]]
) -> list[dict[str, Any]]:
    """Which credential each device took last, and which ones rest because three devices refused them."""
    took = [
        {"credential": name, "protocol": protocol, "device": device, "outcome": "took", "paused_until": None}
        for protocol, of_devices in winners.items()
        for device, name in of_devices.items()
    ]
    resting = [
        {"credential": name, "protocol": protocol, "device": "", "outcome": "rests", "paused_until": until}
        for protocol, untils in pauses.items()
        for name, until in untils.items()
    ]
    return sorted(took + resting, key=lambda record: (record["credential"], record["device"]))


def _described(credential: SnmpCredential) -> dict[str, Any]:
    return {
        **_empty(credential.name, SNMP),
        "version": credential.version,
        "user": credential.user or "",
        "auth_protocol": credential.auth.protocol if credential.auth else "",
        "priv_protocol": credential.priv.protocol if credential.priv else "",
        "networks": list(map(str, credential.networks)),
        "is_known": True,
    }


def _empty(name: str, protocol: CredentialProtocol) -> dict[str, Any]:
    texts = dict.fromkeys(("version", "user", "auth_protocol", "priv_protocol"), "")
    counts = {"networks": [], "device_count": 0, "paused_until": None, "is_known": False}
    return {"credential": name, "protocol": protocol, **texts, **counts}
