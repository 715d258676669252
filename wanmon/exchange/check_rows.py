"""Whether the checks of an inventory can be asked: kind, parameters and target must be among those there are. Pure."""

import json
import re
from collections.abc import Iterator
from ipaddress import ip_address

from pydantic import ValidationError

from wanmon.checks import registry
from wanmon.checks.result import CheckParams
from wanmon.exchange.wording import in_words, quoted, suggestion
from wanmon.model.check import CheckFields
from wanmon.model.inventory import Inventory
from wanmon.model.rules import Problem

#: RFC 1123 section 2.1; without a dot it would be a misspelt service as often as a host.
_HOST_NAME = re.compile(
    r"(?=.{1,253}$)([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]([A-Za-z0-9-]*[A-Za-z0-9])?"
)


def problems(inventory: Inventory) -> Iterator[Problem]:
    """What keeps checks from being asked, each with its field."""
    for key, check in inventory.checks.items():
        found = [*kind_problems(key, check.kind, check.params), *_target_problems(inventory, key, check)]
        yield from found or _lacking(inventory, key, check)


def kind_problems(key: str, kind: str, params: str) -> Iterator[Problem]:
    """What is wrong with the kind, or with the parameters for it; `params` is the text of a JSON object, or empty."""
    names = registry.names()
    if kind not in names:
        yield Problem("check", key, "kind", kind, f"is none of {', '.join(names)}{suggestion(kind, names)}")
        return
    takes = registry.kind(kind).params
    try:
        takes.model_validate(json.loads(params or "{}"))
    except ValidationError as error:
        for detail in error.errors(include_url=False):
            name = str(detail["loc"][0]) if detail["loc"] else ""
            if detail["type"] == "extra_forbidden":
                words = _unknown_parameter(name, takes)
            else:
                words = " ".join([*([name, quoted(detail["input"]) + ":"] if name else []), in_words(detail)])
            yield Problem("check", key, "params", params, words)


def _unknown_parameter(name: str, takes: type[CheckParams]) -> str:
    known = list(takes.model_fields)
    return f"{quoted(name)} is no parameter: it takes {', '.join(known)}{suggestion(name, known)}"


def _target_problems(inventory: Inventory, key: str, check: CheckFields) -> Iterator[Problem]:
    target = check.target
    if target and target not in inventory.services and target not in inventory.devices and not _is_host(target):
        said = "is no service, no device, no address and no full host name like www.bacninh.gov.vn"
        yield Problem("check", key, "target", target, said)


def _lacking(inventory: Inventory, key: str, check: CheckFields) -> Iterator[Problem]:
    """What the kind still needs; only a service brings a port along."""
    params = registry.kind(check.kind).params.model_validate_json(check.params)
    lack = params.lacks(has_port=check.target in inventory.services)
    if lack:
        yield Problem("check", key, lack.column, getattr(check, lack.column), f"{check.kind} {lack.text}")


def _is_host(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return bool(_HOST_NAME.fullmatch(text))
    return True
