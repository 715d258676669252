"""The profiles at hand: the folder is the registry, one YAML file each.

A file that cannot be used is reported with file, line and field, and nothing is loaded from it; the others go on.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml
from pydantic import ValidationError

from wanmon.errors import NotFound
from wanmon.profiles.faults import faults
from wanmon.profiles.objects import MibObject, Oid
from wanmon.profiles.profile import Match, Profile
from wanmon.profiles.text import SEARCHED_CHARACTERS

GENERIC = "if-mib"
MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True)
class Library:
    """Every usable profile by name, and what was wrong with the files of the others."""

    profiles: dict[str, Profile]
    problems: tuple[str, ...]

    def named(self, name: str) -> Profile:
        """The profile of that name."""
        if name not in self.profiles:
            raise NotFound("profile", name, f"there are {', '.join(sorted(self.profiles))}")
        return self.profiles[name]

    def matching(self, object_id: Oid, description: str) -> Profile:
        """The profile for a device that names itself so; the generic one where none fits.

        The longest sysObjectID wins, of two that are equal the one that asks for a sysDescr, too, and then the later:
        an operator's own.
        """
        best, weight = self.named(GENERIC), (-1, False)
        for profile in self.profiles.values():
            fit = _fit(profile.match, object_id, description)
            if fit is not None and fit >= weight:
                best, weight = profile, fit
        return best

    def objects(self) -> Iterator[MibObject]:
        """Every object of every profile; the same one may come several times."""
        for profile in self.profiles.values():
            yield from profile.all_objects()


def _fit(match: Match, object_id: Oid, description: str) -> tuple[int, bool] | None:
    """How well a device fits, None where it does not; what matches nothing is a part that others include."""
    if match.sys_descr and not re.search(match.sys_descr, description[:SEARCHED_CHARACTERS]):
        return None
    lengths = [len(prefix) for prefix in match.sys_object_id if object_id[: len(prefix)] == prefix]
    if match.sys_object_id:
        return (max(lengths), bool(match.sys_descr)) if lengths else None
    return (0, True) if match.sys_descr else None


@dataclass(frozen=True, slots=True)
class _File:
    """A file that was read, and what it says by itself."""

    path: Path
    text: str
    profile: Profile

    def fault(self, path: tuple[int | str, ...], message: str) -> str:
        """A problem of it, with line and field."""
        line, field = _place(self.text, path)
        return f"{self.path}:{line}: {field}: {message}"


def load(folders: Iterable[Path]) -> Library:
    """Read every `*.yaml` of the folders; a later folder's profile takes the place of an earlier one's."""
    return _load(file for folder in folders for file in sorted(folder.glob("*.yaml")))


def load_with(folders: Iterable[Path], file: Path) -> tuple[Library, str | None]:
    """The same with one file more, and the name of its profile; None where it cannot be read, see the problems."""
    library = _load([*(each for folder in folders for each in sorted(folder.glob("*.yaml"))), file])
    try:
        name = _read(file).profile.profile
    except ValueError:
        name = None
    return library, name


def _load(files: Iterable[Path]) -> Library:
    found: dict[str, list[_File]] = {}
    problems: list[str] = []
    for path in files:
        try:
            file = _read(path)
        except ValueError as error:
            problems.append(str(error))
        else:
            found.setdefault(file.profile.profile, []).append(file)
    return _joined(found, problems)


def _read(file: Path) -> _File:
    try:
        if file.stat().st_size > MAX_BYTES:
            raise ValueError(f"{file}: larger than {MAX_BYTES} bytes")
        text = file.read_text(encoding="utf-8")
        raw = yaml.safe_load(text)
    except OSError as error:
        raise ValueError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError(f"{file}: is not UTF-8") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:  # ValueError: a date like 2026-02-31
        mark = getattr(error, "problem_mark", None)
        where = f":{mark.line + 1}" if mark else ""
        why = getattr(error, "problem", None) or str(error).partition("\n")[0]
        raise ValueError(f"{file}{where}: not valid YAML: {why}") from None
    try:
        return _File(file, text, Profile.model_validate(raw))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        line, field = _place(text, first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise ValueError(f"{file}:{line}: {field} = {first['input']!r:.80}: {message}") from None


def _place(text: str, path: tuple[int | str, ...]) -> tuple[int, str]:
    """The line on which a field stands, or that of the nearest node above it that is there; and its path in the file.

    Where one may stand for a list of one, the file has no number.
    """
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    line, names, is_there = node.start_mark.line if node else 0, [], True
    for part in path:
        if isinstance(part, int) and is_there and isinstance(node, yaml.MappingNode):
            continue
        names.append(str(part))
        below = _child(node, part)
        is_there = is_there and below is not None
        if is_there:
            assert below is not None
            node, line = below, below.start_mark.line
    return int(line) + 1, ".".join(names)


def _child(node: yaml.Node | None, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        child: yaml.Node = node.value[part]
        return child
    return None


def _joined(found: dict[str, list[_File]], problems: list[str]) -> Library:
    """The last usable file of each name, with what it includes: one level deep, parts do not include parts."""
    while True:
        files = {name: given[-1] for name, given in found.items() if given}
        broken = {name: fault for name, file in files.items() if (fault := _fault(file, files))}
        if not broken:
            break
        # Whoever includes what is broken may be sound without it: only the others go now.
        roots = [name for name in broken if not broken.keys() & set(files[name].profile.include)]
        for name in roots or broken:
            problems.append(broken[name])
            found[name].pop()
    wholes = {name: _whole(file.profile, files) for name, file in files.items()}
    return Library(wholes, tuple(problems))


def _fault(file: _File, files: dict[str, _File]) -> str | None:
    for number, other in enumerate(file.profile.include):
        if other not in files:
            return file.fault(("include", number), f"{other!r}: there is no such profile")
    fault = next(faults(file.profile, _whole(file.profile, files)), None)
    return file.fault(*fault) if fault else None


def _whole(profile: Profile, files: dict[str, _File]) -> Profile:
    return profile.including([files[other].profile for other in profile.include])
