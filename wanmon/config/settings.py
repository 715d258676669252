"""`wanmon.toml`: what the operator set.

Flags beat `WANMON_*` (nested with `__`), which beat the file, which beats the defaults. The file is the first of
`--config`, `$WANMON_CONFIG`, `./wanmon.toml`, `/etc/wanmon/wanmon.toml` that is there. Relative paths in the file
are relative to the file.
"""

import os
import re
import stat
import tomllib
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from wanmon.config.network import Network
from wanmon.config.wording import complaint, unknown_key, unreadable
from wanmon.errors import ConfigError

SYSTEM_FILE = Path("/etc/wanmon/wanmon.toml")
#: Keys of earlier versions, and what took their place.
RENAMED: dict[str, str] = {}


def listen_address(text: str) -> str:
    """`HOST:PORT`, IPv6 hosts in brackets."""
    match = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^\s:\[\]]+):([0-9]+)", text)
    if not match:
        raise ValueError("is not HOST:PORT")
    if len(match[2]) > 5 or int(match[2]) > 65535:
        raise ValueError("is not HOST:PORT with a port from 0 to 65535")
    return text


def _sqlite_url(text: str) -> str:
    scheme, separator, path = text.partition(":///")
    if scheme != "sqlite" or not separator or not path:
        raise ValueError("only sqlite:///PATH is known")
    return text


def _host(text: str) -> str:
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        raise ValueError("is not an IPv4 or IPv6 address") from None


CanaryAddress = Annotated[str, AfterValidator(_host)]
Listen = Annotated[str, AfterValidator(listen_address)]
SqliteUrl = Annotated[str, AfterValidator(_sqlite_url)]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SnmpSettings(_Section):
    """How devices are asked over SNMP."""

    engine: Literal["native", "pysnmp"] = "native"
    timeout_s: float = Field(default=2.0, gt=0, le=30)
    retries: int = Field(default=2, ge=0, le=5)
    max_response_bytes: int = Field(default=1400, ge=484, le=9000)
    in_flight: int = Field(default=64, ge=1, le=1024, description="devices asked at the same time")
    other_sources: tuple[Network, ...] = Field(
        default=(), description="networks within which an agent may answer from another address than was asked"
    )


class EchoSettings(_Section):
    """How devices are asked by echo."""

    timeout_s: float = Field(default=1.0, gt=0, le=10)
    per_second: int = Field(default=500, ge=1, le=10_000, description="echoes sent in a second, at most")


class LoginSettings(_Section):
    """How routers are logged in to."""

    sessions: int = Field(default=8, ge=1, le=64, description="sessions at the same time, of all processes together")
    timeout_s: float = Field(default=10.0, gt=0, le=60, description="for each step of a login")
    session_s: float = Field(default=60.0, gt=0, le=300, description="the longest session")


class Settings(BaseSettings):
    """Everything that can be set, with its default."""

    model_config = SettingsConfigDict(
        env_prefix="WANMON_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        nested_model_default_partial_update=True,
    )

    database: SqliteUrl = "sqlite:///var/wanmon.db"
    secrets: Path = Path("secrets.toml")
    profiles: Path | None = Field(default=None, description="a folder of profiles beside the shipped ones")
    listen: Listen = "127.0.0.1:17700"
    canaries: tuple[CanaryAddress, ...] = Field(
        default=(), description="addresses that tell whether we ourselves are cut off: our gateway, hosts of the hub"
    )
    external_url: str = ""
    grafana_url: str = ""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    snmp: SnmpSettings = SnmpSettings()
    echo: EchoSettings = EchoSettings()
    logins: LoginSettings = LoginSettings()  # not `ssh`: secrets like to be called WANMON_SSH

    _file: Path | None = PrivateAttr(default=None)

    @property
    def file(self) -> Path | None:
        """The file that was read, if any."""
        return self._file

    def beside(self, path: Path) -> Path:
        """A path of the settings, made absolute: relative ones are relative to the file that was read."""
        return path if path.is_absolute() else (self._file.parent if self._file else Path.cwd()) / path

    @property
    def secrets_file(self) -> Path:
        """Where the secrets lie."""
        return self.beside(self.secrets)

    @property
    def database_url(self) -> str:
        """The URL of the database with an absolute path."""
        scheme, _, path = self.database.partition(":///")
        return f"{scheme}:///{self.beside(Path(path))}"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then the environment, then the file (handed in by `load_settings`)."""
        given = init_settings.init_kwargs if isinstance(init_settings, InitSettingsSource) else {}
        return (
            InitSettingsSource(cls, given.get("_flags", {})),
            env_settings,
            InitSettingsSource(cls, given.get("_file_values", {})),
        )


def secrets_beside(config: Path | None) -> Path:
    """Where the secrets lie as far as a configuration tells that cannot be used whole."""
    file = find_file(config)
    try:
        named = _read(file).get("secrets") if file else None
    except ConfigError:
        named = None
    named = os.environ.get("WANMON_SECRETS", named)
    return (file.parent if file else Path.cwd()) / (named if isinstance(named, str) else "secrets.toml")


def find_file(config: Path | None) -> Path | None:
    """The file to read; one that was named must be there."""
    named = config or (Path(os.environ["WANMON_CONFIG"]) if os.environ.get("WANMON_CONFIG") else None)
    if named:
        return named.resolve()
    return next((path.resolve() for path in (Path("wanmon.toml"), SYSTEM_FILE) if _is_file(path)), None)


def _is_file(path: Path) -> bool:
    """A folder that is closed to this user is not taken for one without the file."""
    try:
        return stat.S_ISREG(path.stat().st_mode)
    except PermissionError as error:
        raise ConfigError(unreadable(path, error)) from None
    except OSError:
        return False


def load_settings(config: Path | None = None, **flags: Any) -> Settings:
    """The settings in force; flags that are None were not given.

    Raises `ConfigError` with every problem, each naming file or variable and key.
    """
    file = find_file(config)
    values = _read(file) if file else {}
    given = {key: value for key, value in flags.items() if value is not None}
    try:
        settings = Settings(_flags=given, _file_values=values)  # type: ignore[call-arg]  # read by the sources above
    except ValidationError as error:
        details = error.errors(include_url=False)
        raise ConfigError(*(_problem(detail, file, values) for detail in details)) from None
    except SettingsError as error:  # a variable of a whole section that is no JSON
        raise ConfigError(f"a WANMON_ variable cannot be read: {error}") from None
    settings._file = file
    return settings


def _read(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(unreadable(file, error)) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{file}: not valid TOML: {error}") from None


def _problem(detail: ErrorDetails, file: Path | None, values: dict[str, Any]) -> str:
    key = ".".join(str(part) for part in detail["loc"])
    place = (
        str(file) if file and _holds(values, detail["loc"]) else f"WANMON_{key.upper().replace('.', '__')} or a flag"
    )
    if detail["type"] != "extra_forbidden":
        return f"{place}: {key} = {detail['input']!r}: {complaint(detail)}"
    if key in RENAMED:
        return f"{place}: {key} is now called {RENAMED[key]}"
    return f"{place}: {unknown_key(key, [*known_keys(), *Settings.model_fields])}"


def _holds(values: Any, path: tuple[int | str, ...]) -> bool:
    for part in path:
        if not isinstance(values, dict) or part not in values:
            return False
        values = values[part]
    return True


def known_keys() -> list[str]:
    """Every key of `wanmon.toml`, nested ones with dots."""
    keys = []
    for name, field in Settings.model_fields.items():
        section = field.annotation
        if isinstance(section, type) and issubclass(section, _Section):
            keys += [f"{name}.{inner}" for inner in section.model_fields]
        else:
            keys.append(name)
    return keys
