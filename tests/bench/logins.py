"""The two logins of the comparison, as each side has them: a community, and a user with every protection.

The user's algorithms are the strongest that snmp_exporter 0.21 and net-snmp have both.
"""

from dataclasses import dataclass
from typing import Any

COMMUNITY = "bench"
USER, AUTH_PASSWORD, PRIV_PASSWORD = "bench-v3", "authpass-of-bench", "privpass-of-bench"
_NETWORKS = ["127.0.0.0/8"]

#: Both, as snmpd.conf has them.
SNMPD = f"""\
rocommunity {COMMUNITY}
createUser {USER} SHA-256 "{AUTH_PASSWORD}" AES "{PRIV_PASSWORD}"
rouser {USER} priv
"""


@dataclass(frozen=True)
class Login:
    """One login: a credential of wanmon, and the `version` and `auth` of a module of snmp_exporter 0.21."""

    name: str
    credential: dict[str, Any]
    exporter_version: int
    exporter_auth: dict[str, str]


V2C = Login(
    "v2c",
    {"name": "bench", "version": "2c", "community": COMMUNITY, "networks": _NETWORKS},
    2,
    {"community": COMMUNITY},
)
V3 = Login(
    "v3",
    {
        "name": "bench",
        "version": "3",
        "user": USER,
        "auth": {"protocol": "SHA-256", "password": AUTH_PASSWORD},
        "priv": {"protocol": "AES-128", "password": PRIV_PASSWORD},
        "networks": _NETWORKS,
    },
    3,
    {
        "username": USER,
        "security_level": "authPriv",
        "auth_protocol": "SHA256",
        "password": AUTH_PASSWORD,
        "priv_protocol": "AES",
        "priv_password": PRIV_PASSWORD,
    },
)
LOGINS = {login.name: login for login in (V2C, V3)}
