"""The libraries that are installed, beside the bounds that our own package sets, and the profiles at hand."""

import operator
import re
import sys
from collections.abc import Callable, Iterable
from importlib import metadata

from wanmon.cli.frame.doctor.finding import Finding, fine, problem, skipped, warning
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import WanmonError

#: Which of our libraries the network meets: their versions are what a report of an error should name.
_TELLING = ("cryptography", "netmiko", "pysnmp", "sqlmodel")

#: A requirement as our metadata has them: name, extras, bounds, marker (PEP 508).
_NEED = re.compile(
    r"(?P<name>[A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*\(?(?P<bounds>[<>=!~0-9.,]*)\)?\s*(?:;\s*(?P<marker>.*))?"
)
_BOUNDS: dict[str, Callable[[tuple[int, ...], tuple[int, ...]], bool]] = {"<": operator.lt, ">=": operator.ge}
#: The version of a library by its name; none where it is not installed.
VersionOf = Callable[[str], str | None]


def examine(here: Surroundings) -> list[Finding]:
    """Libraries, then profiles."""
    return [_libraries(), *_profiles(here)]


def _libraries() -> Finding:
    try:
        wanted = metadata.requires("wanmon") or []
    except metadata.PackageNotFoundError:
        return skipped("libraries", "wanmon is a checkout that is not installed: its bounds are not known")
    return libraries(wanted, _version)


def libraries(wanted: Iterable[str], version_of: VersionOf) -> Finding:
    """Judge what is installed by the requirements of our package. Pure, as `version_of` is."""
    unfit, there = [], {}
    for text in wanted:
        need = _NEED.fullmatch(text)
        if need is None or not _is_ours(need["marker"] or ""):
            continue
        version = there[need["name"]] = version_of(need["name"])
        if version is None:
            unfit.append(f"{need['name']} is missing")
        elif not all(_fits(version, bound) for bound in need["bounds"].split(",") if bound):
            unfit.append(f"{need['name']} {version} is not {need['bounds']}")
    if unfit:
        return problem("libraries", "; ".join(unfit), "install wanmon anew: `pip install --upgrade wanmon`")
    told = ", ".join(f"{name} {there[name]}" for name in _TELLING if name in there)
    return fine("libraries", f"all {len(there)} are within their bounds: {told}")


def _is_ours(marker: str) -> bool:
    """Whether a requirement holds here: those of extras are for who develops, others are for a system."""
    return "extra" not in marker and ("sys_platform" not in marker or sys.platform in marker)


def _fits(version: str, bound: str) -> bool:
    sign = bound.rstrip("0123456789.")
    return sign not in _BOUNDS or _BOUNDS[sign](_numbers(version), _numbers(bound[len(sign) :]))


def _numbers(version: str) -> tuple[int, ...]:
    """`1.2.0` as (1, 2): what comes after the numbers is not looked at."""
    found = re.match(r"[0-9]+(?:\.[0-9]+)*", version)
    numbers = [int(part) for part in found[0].split(".")] if found else []
    while numbers and not numbers[-1]:
        numbers.pop()
    return tuple(numbers)


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _profiles(here: Surroundings) -> list[Finding]:
    try:
        library = here.library
    except WanmonError as error:
        return [problem("profiles", str(error), "see `wanmon config check`")]
    if not library.problems:
        return [fine("profiles", f"{len(library.profiles)} are usable")]
    return [warning("profiles", text, "see `wanmon profile test FILE`") for text in library.problems]
