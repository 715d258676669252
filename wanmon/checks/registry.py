"""The kinds of check at hand: the folder is the registry."""

import importlib
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from wanmon import checks
from wanmon.checks.result import CheckParams, Result, Target, Tools
from wanmon.errors import NotFound, UsageError
from wanmon.model.reason import Reason

Vantage = Literal["hub", "site"]

#: Modules of the folder that are shared by kinds.
NOT_KINDS = frozenset({"names", "place", "registry", "result", "routers", "thresholds", "wording"})


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of check: its name, what it tells in one line, its parameters, and how it is run.

    `reasons` are those that it can give. From `vantage` it is asked: the hub, or the site's own router.
    """

    name: str
    summary: str
    params: type[CheckParams]
    run: Callable[[Target, Any, Tools], Awaitable[Result]]
    reasons: tuple[Reason, ...]
    vantage: Vantage = "hub"


def names() -> list[str]:
    """The name of every kind, in the order of the alphabet."""
    return sorted(module.name for module in pkgutil.iter_modules(checks.__path__) if module.name not in NOT_KINDS)


def kinds() -> dict[str, Kind]:
    """Every kind by name."""
    return {name: _load(name) for name in names()}


def kind(name: str) -> Kind:
    """The kind of that name."""
    known = names()
    if name not in known:
        raise NotFound("kind of check", name, f"there are {', '.join(known)}")
    return _load(name)


def _load(name: str) -> Kind:
    module = importlib.import_module(f"wanmon.checks.{name}")
    summary = (module.__doc__ or "").partition("\n")[0]
    return Kind(name, summary, module.Params, module.run, module.REASONS, getattr(module, "VANTAGE", "hub"))


def parse_params(of: Kind, values: dict[str, Any]) -> CheckParams:
    """The parameters of a check; `UsageError` names the one that does not fit."""
    try:
        return of.params.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"]) or "params"
        message = first["msg"].removeprefix("Value error, ")
        raise UsageError(f"{of.name}: {key} = {first['input']!r:.80}: {message}") from None
