"""What does not hold together in a profile with all that it includes: names that nothing has, units that do not fit."""

from collections.abc import Iterator

from wanmon.profiles.profile import Profile
from wanmon.profiles.sensors import Source

#: Kinds of which a device may have several: each is called something.
NAMED = frozenset({"cpu", "memory", "temperature", "power_supply"})
#: A fault: the path of the field, and what is wrong with it.
Fault = tuple[tuple[str | int, ...], str]


def faults(profile: Profile, whole: Profile) -> Iterator[Fault]:
    """What a profile says that does not hold in it and what it includes (`whole`)."""
    yield from _identity_faults(profile, whole)
    yield from _row_faults(profile, whole)
    for kind, sources in profile.sensors.kinds():
        for number, source in enumerate(sources):
            for field, message in _source_faults(whole, source, is_named=kind in NAMED):
                yield ("sensors", kind, number, *field), message


def _source_faults(whole: Profile, source: Source, *, is_named: bool) -> Iterator[Fault]:
    unknown = False
    for use in source.uses():
        item = whole.objects.get(use.name)
        if item is None:
            unknown = True
            yield use.field, f"{use.name!r}: there is no such object here, or in what is included"
        elif use.measure and item.unit is None:
            yield use.field, f"{use.name} has no unit: {use.measure} is asked for"
        elif use.measure and item.measures != use.measure:
            yield use.field, f"{use.name} is {item.measures} in {item.unit}: {use.measure} is asked for"
    if unknown:
        return
    scalars = {whole.objects[use.name].is_scalar for use in source.uses()}
    if len(scalars) > 1:
        yield (), "has scalars and columns: a source has either"
    if is_named and True in scalars and not source.name:
        yield (), "is a scalar: give it a name"


def _identity_faults(profile: Profile, whole: Profile) -> Iterator[Fault]:
    for name, extracts in profile.identity.fields():
        for number, extract in enumerate(extracts):
            if extract.source and extract.source not in {*whole.scalars, *whole.objects}:
                yield ("identity", name, number, "from"), f"{extract.source!r}: there is no such scalar or object"
            if extract.row and extract.row not in whole.rows:
                yield ("identity", name, number, "row"), f"{extract.row!r}: there are no such rows"


def _row_faults(profile: Profile, whole: Profile) -> Iterator[Fault]:
    for name, choices in profile.rows.items():
        for number, where in enumerate(choices):
            for column in where:
                if column not in whole.objects:
                    yield ("rows", name, number, column), f"{column!r}: there is no such object"
