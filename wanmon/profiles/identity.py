"""Where vendor, model, version and serial number of a device are taken from."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field

from wanmon.profiles.objects import MibObject, Oid, Strict
from wanmon.profiles.patterns import Pattern, taken
from wanmon.profiles.rows import Cells
from wanmon.profiles.text import LABEL_CHARACTERS, SEARCHED_CHARACTERS, text, typed


class Extract(Strict):
    """A text that is fixed, or cut by a pattern with one group out of what `from` names: a scalar's role, or an object.

    Of a column the row that `row` names is taken, else the first row out of which something can be cut. `optional` says
    that some devices of this kind do not tell it.
    """

    text: str = ""
    source: str = Field(default="", alias="from")
    pattern: Pattern = "(.*)"
    row: str = ""
    optional: bool = False

    def of(self, texts: Iterable[str]) -> str:
        """The text, where the source reads so."""
        if not self.source:
            return self.text
        return next((found for each in texts if (found := taken(self.pattern, each))), "")


#: Tried in their order; the first that gives something is the answer.
Extracts = Annotated[
    tuple[Extract, ...], BeforeValidator(lambda given: [given] if isinstance(given, dict | Extract) else given)
]


class Identity(Strict):
    """What the labels of `wanmon_device_info` say."""

    vendor: Extracts = ()
    model: Extracts = ()
    os_version: Extracts = ()
    serial: Extracts = ()

    def fields(self) -> Iterator[tuple[str, tuple[Extract, ...]]]:
        """Each field with where it is taken from."""
        yield from (("vendor", self.vendor), ("model", self.model))
        yield from (("os_version", self.os_version), ("serial", self.serial))

    def before(self, other: "Identity") -> "Identity":
        """Both, this one asked first."""
        mine, theirs = dict(self.fields()), dict(other.fields())
        return Identity(**{name: (*mine[name], *theirs[name]) for name in mine})


def identified(
    identity: Identity,
    scalars: Mapping[str, object],
    objects: Mapping[str, MibObject],
    cells: Cells,
    rows: Mapping[str, Oid | None],
) -> dict[str, str]:
    """The fields of a device whose scalars, by role, and objects read so; `rows` are those that the profile names."""

    def texts(extract: Extract) -> Iterator[str]:
        if extract.source in scalars:
            yield text(scalars[extract.source], SEARCHED_CHARACTERS)
        item, column = objects.get(extract.source), cells.get(extract.source, {})
        for index in [rows.get(extract.row)] if extract.row else sorted(column):
            if item is not None and index is not None and index in column:
                yield typed(column[index], item.syntax, item.names, SEARCHED_CHARACTERS)

    return {
        name: next((found for each in extracts if (found := each.of(texts(each)))), "")[:LABEL_CHARACTERS]
        for name, extracts in identity.fields()
    }
