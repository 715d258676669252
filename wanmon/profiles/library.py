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
from wanmon.profiles.profile import MibObject, Oid, Profile

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
        """The profile for a device that names itself so; the generic one where none fits."""
        best, length = self.named(GENERIC), 0
        for profile in self.profiles.values():
            if profile.match.sys_descr and not re.search(profile.match.sys_descr, description[:1000]):
                continue
            for prefix in profile.match.sys_object_id:
                if object_id[: len(prefix)] == prefix and len(prefix) > length:
                    best, length = profile, len(prefix)
        return best

    def objects(self) -> Iterator[MibObject]:
        """Every object of every profile; the same one may come several times."""
        for profile in self.profiles.values():
            for source in [*profile.scalars.values(), *profile.interfaces.values()]:
                yield from source.objects


def load(folders: Iterable[Path]) -> Library:
    """Read every `*.yaml` of the folders; a later folder's profile takes the place of an earlier one's."""
    found: dict[str, Profile] = {}
    problems: list[str] = []
    for folder in folders:
        for file in sorted(folder.glob("*.yaml")):
            try:
                profile = _read(file)
            except ValueError as error:
                problems.append(str(error))
            else:
                found[profile.profile] = profile
    complete, missing = _with_includes(found)
    return Library(complete, (*problems, *missing))


def _read(file: Path) -> Profile:
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
        return Profile.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        line = _line_of(text, first["loc"])
        key = ".".join(str(part) for part in first["loc"])
        message = first["msg"].removeprefix("Value error, ")
        raise ValueError(f"{file}:{line}: {key} = {first['input']!r:.80}: {message}") from None


def _line_of(text: str, path: tuple[int | str, ...]) -> int:
    """The line on which a field stands, or that of the nearest node above it that is there."""
    node = yaml.compose(text, Loader=yaml.SafeLoader)
    for part in path:
        below = _child(node, part)
        if below is None:
            break
        node = below
    return int(node.start_mark.line) + 1 if node else 1


def _child(node: yaml.Node | None, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == str(part)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        child: yaml.Node = node.value[part]
        return child
    return None


def _with_includes(found: dict[str, Profile]) -> tuple[dict[str, Profile], list[str]]:
    """Includes resolved, one level deep: parts do not include parts."""
    complete, problems = {}, []
    for name, profile in found.items():
        absent = [other for other in profile.include if other not in found]
        if absent:
            problems.append(f"profile {name}: include {absent[0]!r}: there is no such profile")
            continue
        complete[name] = profile.including([found[other] for other in profile.include])
    return complete, problems
