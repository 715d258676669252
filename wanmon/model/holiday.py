"""Public holidays: days on which service hours do not hold, unless they are round the clock."""

from datetime import date
from typing import Annotated

from pydantic import AfterValidator
from sqlmodel import Field

from wanmon.model.fields import Fields, Name, Text


def _day(text: str) -> str:
    try:
        written = date.fromisoformat(text.strip()).isoformat()
    except ValueError:
        raise ValueError("is not a date like 2026-09-02") from None
    return written


#: A local day as text, `2026-09-02`: it is the key of its row.
HolidayKey = Annotated[str, AfterValidator(_day)]


class HolidayFields(Fields):
    """A public holiday as files give it; `basis` says who decided it."""

    day: HolidayKey = Field(unique=True, index=True)
    name: Name
    basis: Text = ""

    @property
    def on(self) -> date:
        """The day itself."""
        return date.fromisoformat(self.day)


class Holiday(HolidayFields, table=True):
    """A public holiday of the inventory."""

    id: int | None = Field(default=None, primary_key=True)
