"""Fault scripts: what happens in a simulated world, and when. Read from YAML, and taken whole or not at all.

Everything that is wrong with a file is told at once, a line for each: file, line, key, value, what is wrong.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from wanmon.clock import LOCAL
from wanmon.config.layout import shipped
from wanmon.errors import NotFound, ScriptError
from wanmon.exchange.wording import in_words, quoted, suggestion
from wanmon.lab.trouble import KINDS, Target, Trouble
from wanmon.model.inventory import Inventory

_LARGEST_FILE_BYTES = 1_000_000
_UNITS_S = {"d": 86_400.0, "h": 3600.0, "m": 60.0, "s": 1.0}
_SPAN = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?[dhms])+")
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)([dhms])")
_INSTANT = re.compile(r"(?:([0-9]{1,3})d\s+)?([0-9]{1,2}):([0-5][0-9])(?::([0-5][0-9]))?")
_OF_LINES = frozenset({Trouble.CUT, Trouble.PORT_PULL, Trouble.FLAP})
_SELECTORS = ("site", "sites", "below", "carrier")


def span_s(text: object) -> float:
    """The seconds of `4h`, `90s`, `1h30m` or `2d`."""
    if not isinstance(text, str) or not _SPAN.fullmatch(text.strip()):
        raise ValueError("is no length of time like 90s, 20m, 4h or 1d12h")
    return sum(float(number) * _UNITS_S[unit] for number, unit in _PART.findall(text))


def offset_s(text: object) -> float:
    """The seconds from the beginning of a script to `02:00`, `1d 02:00:30`, or `90m`."""
    match = _INSTANT.fullmatch(text.strip()) if isinstance(text, str) else None
    if match is not None and int(match[2]) < 24:
        days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
        return days * 86_400 + hours * 3600 + minutes * 60 + seconds
    try:
        return span_s(text)
    except ValueError:
        raise ValueError("is no instant like 02:00, 1d 02:00:30 or 90m") from None


def _in_time_zone(at: datetime) -> datetime:
    return (at if at.tzinfo else at.replace(tzinfo=LOCAL)).astimezone(UTC)


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Event(_Part):
    """One trouble: `at` from the beginning of the script, `for` so long, and whom it befalls.

    `toward` names the one parent to which a line is cut; `port` the one port that is pulled.
    """

    at_s: Annotated[float, BeforeValidator(offset_s)] = Field(alias="at")
    for_s: Annotated[float, BeforeValidator(span_s)] | None = Field(default=None, alias="for")
    fault: Trouble
    site: str | None = None
    sites: tuple[str, ...] = ()
    below: str | None = None
    carrier: str | None = None
    toward: str | None = None
    port: str | None = None
    ratio: float | None = Field(default=None, gt=0, lt=1)
    seconds: float | None = None

    @property
    def lasts_s(self) -> float:
        """How long it lasts; 0 for what happens at once."""
        return self.for_s or 0.0

    @property
    def share(self) -> float:
        """Its `ratio`, or the usual one."""
        return self.ratio if self.ratio is not None else KINDS[self.fault].ratio or 0.0

    @property
    def every_s(self) -> float:
        """Its `seconds`, or the usual ones."""
        return self.seconds if self.seconds is not None else KINDS[self.fault].seconds or 0.0

    @model_validator(mode="after")
    def _fits(self) -> "Event":
        problem = next(_misfits(self), None)
        if problem:
            raise ValueError(problem)
        return self


class Script(_Part):
    """A script: events on so many days from `start` on (local time), under the dice of `seed`.

    `canaries` says that addresses are watched which tell whether we ourselves are cut off.
    """

    name: str = Field(min_length=1)
    days: float = Field(gt=0, le=400)
    start: Annotated[datetime, AfterValidator(_in_time_zone)] = datetime(2026, 3, 1, 17, tzinfo=UTC)
    seed: int = 1
    canaries: bool = True
    events: tuple[Event, ...] = ()


def shipped_scripts() -> dict[str, Path]:
    """The scripts that come with the program, by name."""
    return {path.stem: path for path in sorted((shipped("inventory") / "scripts").glob("*.yaml"))}


def find(text: str) -> Path:
    """The file that is meant by a path, or by the name of a shipped script. Raises `NotFound`."""
    known = shipped_scripts()
    if text in known and not Path(text).exists():
        return known[text]
    if not Path(text).is_file():
        raise NotFound("script", text, f"name a file, or one of {', '.join(known)}")
    return Path(text)


def read(path: Path, inventory: Inventory) -> Script:
    """The script in a file, to be played on an inventory.

    Raises `ScriptError` with a line for each problem.
    """
    root = _composed(path)
    content = yaml.load(_text(path), Loader=yaml.BaseLoader)  # noqa: S506  # texts, lists and mappings, nothing else
    try:
        script = Script.model_validate(content)
    except ValidationError as error:
        raise ScriptError([_complaint(path, root, detail) for detail in error.errors(include_url=False)]) from None
    problems = [
        f"{_place(path, root, ('events', at, key))}: events[{at}].{key} {quoted(value)}: {said}"
        for at, key, value, said in _strangers(script, inventory)
    ]
    if problems:
        raise ScriptError(problems)
    return script


def _misfits(event: Event) -> Iterator[str]:
    """What an event has too much or too little of, for a trouble of its kind."""
    kind = KINDS[event.fault]
    given = [name for name in _SELECTORS if getattr(event, name)]
    wanted = {Target.SITES: _SELECTORS, Target.CARRIER: ("carrier",), Target.OURSELVES: ()}[kind.target]
    if wanted and (len(given) != 1 or given[0] not in wanted):
        yield f"{event.fault} takes one of {', '.join(wanted)}" if len(wanted) > 1 else f"{event.fault} needs a carrier"
    if given and not wanted:
        yield f"{event.fault} is our own: it takes no {given[0]}"
    if kind.lasts and not event.for_s:
        yield f"{event.fault} needs a length: for: 20m"
    if not kind.lasts and event.for_s is not None:
        yield f"{event.fault} happens at once: it takes no `for`"
    yield from _misplaced(event)


def _misplaced(event: Event) -> Iterator[str]:
    """Keys that a trouble of this kind has not, or not so."""
    kind = KINDS[event.fault]
    own = {
        "ratio": kind.ratio is not None,
        "seconds": kind.seconds is not None,
        "toward": event.fault is Trouble.CUT,
        "port": event.fault in (Trouble.PORT_PULL, Trouble.FLAP),
    }
    for name, is_own in own.items():
        if getattr(event, name) is not None and not is_own:
            yield f"{event.fault} takes no {name}"
    least_s = {Trouble.BROWN_OUT: 120.0, Trouble.FLAP: 2.0, Trouble.SLOW: 0.0, Trouble.AGENT_RESTART: 0.0}
    if event.fault in least_s and event.every_s < least_s[event.fault]:
        yield f"seconds of {event.fault} must be {least_s[event.fault]:g} or more"


def _strangers(script: Script, inventory: Inventory) -> Iterator[tuple[int, str, str, str]]:
    """What events name that the inventory has not, and events that come too late: number, key, value, what is wrong."""
    for at, event in enumerate(script.events):
        for key, code in _named(event):
            said = _strange(event, key, code, inventory)
            if said:
                yield at, key, code, said
        if event.carrier and event.carrier not in inventory.carriers:
            known = suggestion(event.carrier, inventory.carriers)
            yield at, "carrier", event.carrier, f"there is no such carrier{known}"
        if event.at_s >= script.days * 86_400:
            yield at, "at", f"{event.at_s:g}s", f"is after the end of the script, of {script.days:g} days"


def _strange(event: Event, key: str, code: str, inventory: Inventory) -> str:
    """What is wrong with naming this site here; nothing where all is well."""
    if code not in inventory.sites:
        return f"there is no such site{suggestion(code, inventory.sites)}"
    if key == "toward":
        ends = [each for each in (event.site or "", *event.sites) if each in inventory.sites]
        strange = [each for each in ends if code not in inventory.sites[each].parents]
        return f"is no parent of {', '.join(strange)}" if strange else ""
    has_line = bool(inventory.sites[code].parents) or key == "below" or event.fault not in _OF_LINES
    return "" if has_line else f"is a hub: it has no line for {event.fault}"


def _named(event: Event) -> Iterator[tuple[str, str]]:
    """Every site that an event names, and by which key."""
    for key in ("site", "below", "toward"):
        code = getattr(event, key)
        if code:
            yield key, code
    for code in event.sites:
        yield "sites", code


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > _LARGEST_FILE_BYTES:
            raise ScriptError([f"{path}: larger than {_LARGEST_FILE_BYTES} bytes"])
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScriptError([f"{path}: cannot be read: {error.strerror}"]) from None
    except UnicodeDecodeError:
        raise ScriptError([f"{path}: not UTF-8 text"]) from None


def _composed(path: Path) -> yaml.Node | None:
    """The file as nodes that know their lines."""
    try:
        root = yaml.compose(_text(path), Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        line = f":{error.problem_mark.line + 1}" if error.problem_mark else ""
        raise ScriptError(
            [f"{path}{line}: not YAML: {' '.join((error.problem or 'cannot be read').split())}"]
        ) from None
    except (yaml.YAMLError, RecursionError) as error:
        raise ScriptError([f"{path}: not YAML: {' '.join(str(error).split())}"]) from None
    if not isinstance(root, yaml.MappingNode):
        raise ScriptError([f"{path}: is no script: write keys like `name: A bad day`"])
    return root


def _complaint(path: Path, root: yaml.Node | None, detail: Any) -> str:
    """One problem of pydantic's, in one line."""
    loc = detail["loc"]
    key = ".".join(f"[{part}]" if isinstance(part, int) else str(part) for part in loc).replace(".[", "[")
    place = _place(path, root, loc)
    if detail["type"] == "missing":
        return f"{place}: {key}: is missing"
    if detail["type"] == "extra_forbidden":
        return f"{place}: {key}: unknown key{suggestion(str(loc[-1]), _keys_beside(loc))}"
    if detail["type"] == "enum":
        options = [trouble.value for trouble in Trouble]
        said = f"is no fault: one of {', '.join(options)}{suggestion(str(detail['input']), options)}"
        return f"{place}: {key} {quoted(detail['input'])}: {said}"
    value = "" if isinstance(detail["input"], dict) else f" {quoted(detail['input'])}"
    return f"{place}: {key}{value}: {in_words(detail)}"


def _keys_beside(loc: Sequence[int | str]) -> list[str]:
    fields = (Event if loc[0] == "events" and len(loc) > 1 else Script).model_fields
    return [field.alias or name for name, field in fields.items()]


def _place(path: Path, root: yaml.Node | None, loc: Sequence[int | str]) -> str:
    """`FILE:LINE` of a value, or of the nearest thing around it that is there."""
    node, line = root, 1
    for part in loc:
        node = _within(node, part)
        if node is None:
            break
        line = node.start_mark.line + 1
    return f"{path}:{line}"


def _within(node: yaml.Node | None, part: int | str) -> yaml.Node | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        found: yaml.Node = node.value[part]
        return found
    if isinstance(node, yaml.MappingNode):
        return next((value for key, value in node.value if key.value == part), None)
    return None
