"""The kinds of text, number and time that rows are made of, each with its rule.

Validation happens in the non-table bases (`SiteFields` and its kin): a table class does not check what it is
given.
"""

import re
import unicodedata
from datetime import UTC, date, datetime
from enum import StrEnum
from ipaddress import IPv6Address, ip_address
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, ConfigDict, Field, StringConstraints
from sqlalchemy import DateTime, Dialect, TypeDecorator
from sqlalchemy import Enum as SqlEnum
from sqlmodel import SQLModel

from wanmon.model.cause import Cause
from wanmon.model.hours import parse_week

#: Every constraint has a name, so that a later migration can speak of it.
SQLModel.metadata.naming_convention = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


def _tidy(text: str) -> str:
    """NFC, single spaces, nothing that a terminal or a page would act on."""
    tidy = " ".join(unicodedata.normalize("NFC", text).split())
    for character in tidy:
        if unicodedata.category(character) in ("Cc", "Cf", "Cs", "Co", "Cn"):
            raise ValueError(f"has the unprintable character U+{ord(character):04X}")
    return tidy


def _address(text: str) -> str:
    """An address of one host, written canonically."""
    try:
        address = ip_address(text.strip())
    except ValueError:
        raise ValueError("is not an IPv4 or IPv6 address") from None
    if address.is_unspecified or address.is_multicast or str(address) == "255.255.255.255":
        raise ValueError("is not the address of one host")
    if isinstance(address, IPv6Address) and (address.ipv4_mapped or address.scope_id):
        raise ValueError("write IPv4 addresses as IPv4, and IPv6 addresses without a zone")
    return str(address)


def _liveness(text: str) -> str:
    if not re.fullmatch(r"icmp|snmp|tcp:[1-9][0-9]{0,4}", text) or (text[:4] == "tcp:" and int(text[4:]) > 65535):
        raise ValueError("is none of icmp, snmp, tcp:PORT")
    return text


def _credentials(text: str) -> str:
    names = [name.strip() for name in text.split(",")]
    for name in names:
        if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}", name):
            raise ValueError("is no list of credential names like `new,old`, nor `none`")
    if len(set(names)) < len(names) or ("none" in names and len(names) > 1):
        raise ValueError("names a credential twice, or `none` beside others")
    return ",".join(names)


def _service_hours(text: str) -> str:
    parse_week(text)
    return text.strip()


def _causes(text: str) -> str:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in list(Cause):
            raise ValueError(f"{name!r} is no cause: one of {', '.join(Cause)}")
    return ",".join(dict.fromkeys(names))


def _iso_day(value: Any) -> Any:
    """Digits alone would be read as seconds since 1970."""
    if isinstance(value, str) and not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value.strip()):
        raise ValueError("is not a date like 2026-03-31")
    return value


def empty_is_none(value: Any) -> Any:
    """An empty cell is no value."""
    return None if isinstance(value, str) and not value.strip() else value


Blankable = BeforeValidator(empty_is_none)

#: ASCII, for life, never reused: `BN-0001`.
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9.-]{0,31}$")]
#: A lower-case word for classes, services, checks and profiles.
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_-]{0,47}$")]
#: A name as people write it, with diacritics, in NFC.
Name = Annotated[str, AfterValidator(_tidy), StringConstraints(min_length=1, max_length=200)]
#: Free text on one line, possibly empty.
Text = Annotated[str, AfterValidator(_tidy), StringConstraints(max_length=500)]
DeviceName = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9][A-Z0-9._-]{0,47}$")]
CircuitCode = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$")]
Address = Annotated[str, AfterValidator(_address)]
Port = Annotated[int, Field(ge=1, le=65535)]
Liveness = Annotated[str, AfterValidator(_liveness)]
#: Credential names in the order to try, separated by commas, or `none`.
CredentialNames = Annotated[str, AfterValidator(_credentials)]
#: A contracted rate in bits per second.
BitsPerSecond = Annotated[int, Field(gt=0, le=10**13)]
Seconds = Annotated[int, Field(gt=0, le=86_400)]
Milliseconds = Annotated[int, Field(gt=0, le=60_000)]
#: A part of the whole: 0.995 for 99.5 %.
Share = Annotated[float, Field(gt=0, le=1)]
#: `24x7`, or hours by day of the week (`model.hours`).
ServiceHours = Annotated[str, AfterValidator(_service_hours)]
#: Causes of outages, separated by commas; possibly none.
CauseNames = Annotated[str, AfterValidator(_causes)]
#: A calendar day, or none.
Day = Annotated[date | None, BeforeValidator(_iso_day), Blankable]
Latitude = Annotated[float, Field(ge=-90, le=90)]
Longitude = Annotated[float, Field(ge=-180, le=180)]


class Fields(SQLModel):
    """Base of what comes from outside: unknown keys are errors."""

    model_config = ConfigDict(extra="forbid")  # type: ignore[assignment]


def choice(options: type[StrEnum]) -> Any:
    """The column type of a closed list: its values as text, wide enough for later members."""
    return SqlEnum(options, values_callable=lambda members: [m.value for m in members], native_enum=False, length=32)


class UtcDateTime(TypeDecorator[datetime]):
    """An aware instant, kept in UTC; SQLite would forget the offset."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To the database: UTC without offset."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """From the database: aware again."""
        return None if value is None else value.replace(tzinfo=UTC)
