"""Checks: questions asked on a schedule, and the named services of the hub they ask about."""

import json
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, model_validator
from sqlmodel import Field

from wanmon.model.fields import Address, Blankable, Code, Fields, Name, Port, Seconds, Slug, Text


class ServiceFields(Fields):
    """A service of a hub that sites must reach: `dc-portal`."""

    code: Slug = Field(unique=True, index=True)
    name: Name
    site: Code = Field(foreign_key="site.code")
    address: Address
    port: Port


class Service(ServiceFields, table=True):
    """A named service of the inventory."""

    id: int | None = Field(default=None, primary_key=True)


def _json_object(text: str) -> str:
    try:
        value = json.loads(text or "{}", parse_constant=_refuse)
        tidy = json.dumps(value, sort_keys=True, ensure_ascii=False)
        tidy.encode()  # a lone surrogate has no place in UTF-8, nor in the database
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise ValueError('is not a JSON object like {"count": 3}')
    return tidy


def _refuse(constant: str) -> None:
    """NaN and the infinities are not JSON (RFC 8259 section 6)."""
    raise ValueError(constant)


def _as_text(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, dict) else value


class CheckFields(Fields):
    """A check as files give it: for one site or for a class of sites.

    `target` is the code of a service or a host; empty, it is the edge device of the site. `params` is a JSON
    object; its keys are those of the kind.
    """

    code: Slug = Field(unique=True, index=True)
    kind: Slug
    site: Annotated[Code | None, Blankable] = Field(default=None, foreign_key="site.code")
    site_class: Annotated[Slug | None, Blankable] = Field(default=None, foreign_key="site_class.code")
    target: Text = ""
    interval_s: Seconds = 60
    params: Annotated[str, BeforeValidator(_as_text), AfterValidator(_json_object)] = "{}"

    @model_validator(mode="after")
    def _belongs_somewhere(self) -> "CheckFields":
        if (self.site is None) == (self.site_class is None):
            raise ValueError("a check is for one site or for one class: fill exactly one of site, site_class")
        return self


class Check(CheckFields, table=True):
    """A check of the inventory."""

    __tablename__ = "check_definition"  # CHECK is a word of SQL

    id: int | None = Field(default=None, primary_key=True)
