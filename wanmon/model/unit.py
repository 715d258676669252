"""Administrative units: province, districts, communes, each with its dates of validity."""

from enum import StrEnum
from typing import Annotated

from sqlmodel import Field

from wanmon.model.fields import Blankable, Code, Day, Fields, Name, Text, choice


class UnitLevel(StrEnum):
    """Where in the tree a unit stands. Two-tier provinces have no district."""

    PROVINCE = "province"
    DISTRICT = "district"
    COMMUNE = "commune"


class UnitFields(Fields):
    """A unit as files and commands give it.

    `code` is ours for life; `official_code` is the statistical office's, which was reused with other names in 2025.
    """

    code: Code = Field(unique=True, index=True)
    official_code: Text = ""
    name: Name
    kind: Text = ""
    level: UnitLevel = Field(sa_type=choice(UnitLevel))
    parent: Annotated[Code | None, Blankable] = Field(default=None, foreign_key="unit.code")
    valid_from: Day = None
    valid_to: Day = None


class Unit(UnitFields, table=True):
    """A unit in the inventory."""

    id: int | None = Field(default=None, primary_key=True)
