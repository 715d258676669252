"""`secrets.toml`: the credentials, by name.

The database and the inventory hold names only; the values live here, wrapped so that no `repr`, log line or
traceback shows them. The file must be readable by its owner alone.
"""

import os
import stat
import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    ValidationInfo,
    model_validator,
)
from pydantic_core import ErrorDetails

from wanmon.config.network import Network
from wanmon.config.wording import complaint, unknown_key, unreadable
from wanmon.errors import ConfigError

AuthProtocol = Literal["MD5", "SHA", "SHA-224", "SHA-256", "SHA-384", "SHA-512"]
# AES-192 and AES-256 with keys extended as Cisco, Huawei and H3C do it; the same in net-snmp are the Blumenthal ones.
PrivProtocol = Literal["DES", "3DES", "AES-128", "AES-192", "AES-256", "AES-192-Blumenthal", "AES-256-Blumenthal"]
_MOST_USER_BYTES = 32  # RFC 3414 section 2.4


def _some(networks: tuple[object, ...]) -> tuple[object, ...]:
    if not networks:
        raise ValueError("is empty: name the networks that it may be sent to")
    return networks


def _resolve(value: object, info: ValidationInfo) -> object:
    """The text itself, or what `file:PATH` (relative to `secrets.toml`) or `env:NAME` points at; never nothing."""
    found = _pointed_at(value, info.context or Path())
    if found == "":
        where = f": {value} holds nothing" if value else ": write the secret, file:PATH or env:NAME"
        raise ValueError(f"is empty{where}")
    return found


def _pointed_at(value: object, folder: Path) -> object:
    if not isinstance(value, str):
        return value
    if value.startswith("file:"):
        try:
            return (folder / value[5:]).read_text(encoding="utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            reason = getattr(error, "strerror", None) or "not UTF-8 text"
            raise ValueError(f"file {value[5:]} cannot be read: {reason}") from None
    if value.startswith("env:"):
        if value[4:] not in os.environ:
            raise ValueError(f"environment variable {value[4:]} is not set")
        return os.environ[value[4:]]
    return value


Secret = Annotated[SecretStr, BeforeValidator(_resolve)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class Auth(_Strict):
    """SNMPv3 authentication (RFC 3414, RFC 7860)."""

    protocol: AuthProtocol
    password: Secret = Field(min_length=8)


class Priv(_Strict):
    """SNMPv3 privacy (RFC 3414, RFC 3826, and the extensions of long keys that are in use)."""

    protocol: PrivProtocol
    password: Secret = Field(min_length=8)


class _Bound(_Strict):
    name: str = ""
    networks: Annotated[tuple[Network, ...], AfterValidator(_some)]

    def may_be_sent_to(self, address: str) -> bool:
        """Whether `address` lies in the networks that this secret is bound to."""
        ip = ip_address(address)
        return any(ip.version == net.version and ip in net for net in self.networks)


class SnmpCredential(_Bound):
    """One way to speak SNMP: a community, or a USM user."""

    version: Literal["1", "2c", "3"]
    community: Secret | None = None
    user: str | None = None
    auth: Auth | None = None
    priv: Priv | None = None
    context: str = ""

    @model_validator(mode="after")
    def _fits_its_version(self) -> "SnmpCredential":
        if self.version == "3":
            if not self.user or self.community is not None:
                raise ValueError("version 3 takes a user and no community")
            if len(self.user.encode()) > _MOST_USER_BYTES:
                raise ValueError(f"a user name has at most {_MOST_USER_BYTES} bytes")
            if self.priv and not self.auth:
                raise ValueError("priv without auth does not exist in SNMPv3")
        elif self.community is None or self.user or self.auth or self.priv:
            raise ValueError(f"version {self.version} takes a community, and neither user, auth nor priv")
        return self


class SshCredential(_Bound):
    """A login to routers."""

    username: str
    password: Secret | None = None
    key_file: Path | None = None

    @property
    def hidden(self) -> tuple[str, ...]:
        """What of it must not be shown, whoever repeats it."""
        return (self.password.get_secret_value(),) if self.password else ()


class Secrets(_Strict):
    """All credentials, by protocol and name."""

    snmp: dict[str, SnmpCredential] = {}
    ssh: dict[str, SshCredential] = {}

    @property
    def hidden_of_logins(self) -> tuple[str, ...]:
        """What a router may have been told in secret by any login, and must not be shown when it repeats it."""
        return tuple(text for credential in self.ssh.values() for text in credential.hidden)


def load_secrets(path: Path) -> Secrets:
    """Read `path`; a missing file is no secrets at all, a file that others can read is refused.

    Raises `ConfigError` with every problem, naming file and key, never a value.
    """
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            if mode & 0o077:
                raise ConfigError(f"{path}: mode {mode:04o} lets others read it: run `chmod 600 {path}`")
            raw = tomllib.load(file)
    except FileNotFoundError:
        return Secrets()
    except OSError as error:
        raise ConfigError(unreadable(path, error)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        # The parser's text can quote the line, and the line can be the secret: give the place alone.
        where = str(error).rpartition("(")[2].rstrip(")") if "(" in str(error) else "unknown place"
        raise ConfigError(f"{path}: not valid TOML ({where})") from None
    try:
        return Secrets.model_validate(_named(raw), context=path.absolute().parent)
    except ValidationError as error:
        details = error.errors(include_input=False, include_url=False)
        raise ConfigError(*(f"{path}: {_problem(detail)}" for detail in details)) from None


def _problem(detail: ErrorDetails) -> str:
    *above, last = map(str, detail["loc"])
    if detail["type"] != "extra_forbidden":
        return f"{'.'.join([*above, last])}: {complaint(detail)}"
    words = unknown_key(last, _keys(above))
    return f"{'.'.join(above)}: {words}" if above else words


def _keys(path: list[str]) -> list[str]:
    """The keys that may stand in the table at `path`."""
    model: type[BaseModel] = Secrets
    if len(path) >= 2:
        model = SnmpCredential if path[0] == "snmp" else SshCredential
    if len(path) == 3:
        model = {"auth": Auth, "priv": Priv}[path[2]]
    return [key for key in model.model_fields if key != "name"]


def _named(raw: dict[str, Any]) -> dict[str, Any]:
    """Every credential told its own name."""
    return {
        protocol: (
            {name: {**entry, "name": name} if isinstance(entry, dict) else entry for name, entry in group.items()}
            if isinstance(group, dict)
            else group
        )
        for protocol, group in raw.items()
    }
