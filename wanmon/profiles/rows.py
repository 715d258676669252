"""Which rows of a table are meant."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field, model_validator

from wanmon.profiles.objects import Oid, Strict
from wanmon.profiles.text import typed

#: What was read, by the name of the object, then by the index of the row; a scalar's is (0,).
Cells = Mapping[str, Mapping[Oid, object]]


def _listed(given: object) -> object:
    return {"is": given} if isinstance(given, list) else given


class Condition(Strict):
    """What a cell must hold: one of `is`, none of `not`; numbers as numbers, all else as text."""

    wanted: tuple[int | str, ...] = Field(default=(), alias="is")
    unwanted: tuple[int | str, ...] = Field(default=(), alias="not")

    @model_validator(mode="after")
    def _says_something(self) -> "Condition":
        if bool(self.wanted) == bool(self.unwanted):
            raise ValueError("give values that the cell must hold, or {not: [...]}")
        return self

    def holds(self, value: object) -> bool:
        """Whether a cell passes; one that was not read does not."""
        if value is None:
            return False
        shown = value if isinstance(value, int) else typed(value, "text")
        return shown in self.wanted if self.wanted else shown not in self.unwanted


#: Conditions by the name of the column; all of them must hold.
Where = dict[str, Annotated[Condition, BeforeValidator(_listed)]]


def fits(where: Where, cells: Cells, index: Oid) -> bool:
    """Whether a row meets all conditions."""
    return all(condition.holds(cells.get(name, {}).get(index)) for name, condition in where.items())


def first_row(choices: tuple[Where, ...], cells: Cells) -> Oid | None:
    """The first row, by index, that meets the first of the choices that any row meets."""
    for where in choices:
        indexes = sorted(cells.get(next(iter(where)), {})) if where else []
        for index in indexes:
            if fits(where, cells, index):
                return index
    return None
