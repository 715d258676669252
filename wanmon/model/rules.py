"""What must hold between the rows of an inventory, whoever changed it and however.

`problems` looks at a whole inventory and names every row that breaks a rule; fields on their own are checked where
they are parsed.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from wanmon.model.inventory import NOUN, NOUNS, Inventory, Noun
from wanmon.model.site import SiteKind, SiteStatus


@dataclass(frozen=True, slots=True)
class Problem:
    """A row, the field at fault, the value it has, and what is wrong with it."""

    noun: str
    key: str
    field: str
    value: object
    message: str

    def __str__(self) -> str:
        place = f"{self.field} {self.value!s:.80}" if self.value not in (None, "") else self.field
        return f"{self.noun} {self.key}: {place}: {self.message}"


Rule = Callable[[Inventory], Iterator[Problem]]

#: Which column of which noun names a row of which other noun.
REFERENCES = (
    ("unit", "parent", "unit"),
    ("site", "unit", "unit"),
    ("site", "site_class", "class"),
    ("site", "parent", "site"),
    ("site", "second_parent", "site"),
    ("device", "site", "site"),
    ("circuit", "site", "site"),
    ("circuit", "carrier", "carrier"),
    ("circuit", "device", "device"),
    ("service", "site", "site"),
    ("check", "site", "site"),
    ("check", "site_class", "class"),
)


def problems(inventory: Inventory) -> list[Problem]:
    """Every breach of every rule, in the order of the rules."""
    return [problem for rule in RULES for problem in rule(inventory)]


def references_exist(inventory: Inventory) -> Iterator[Problem]:
    """What a row names is there."""
    for name, column, other in REFERENCES:
        noun = NOUN[name]
        known = inventory.rows(NOUN[other])
        for key, row in inventory.rows(noun).items():
            value = getattr(row, column)
            if value is not None and value not in known:
                yield Problem(name, key, column, value, f"no such {other}")


def units_form_a_tree(inventory: Inventory) -> Iterator[Problem]:
    """No unit lies within itself, and none ends before it begins."""
    for code, unit in inventory.units.items():
        above: set[str] = set()
        at = unit.parent
        while at and at in inventory.units and at not in above:
            above.add(at)
            at = inventory.units[at].parent
        if code in above:
            yield Problem("unit", code, "parent", unit.parent, "leads back to itself")
        if unit.valid_from and unit.valid_to and unit.valid_to < unit.valid_from:
            yield Problem("unit", code, "valid_to", unit.valid_to, f"before valid_from {unit.valid_from}")


def sites_lead_to_a_hub(inventory: Inventory) -> Iterator[Problem]:
    """A hub has no parent, every other site has one, and no path leads back to where it began."""
    endless = _in_cycles(inventory)
    for code, site in inventory.sites.items():
        if site.kind is SiteKind.DATACENTER:
            if site.parent or site.second_parent:
                yield Problem("site", code, "parent", site.parent or site.second_parent, "a hub has no parent")
            continue
        if site.parent is None:
            yield Problem("site", code, "parent", "", "missing: only a datacenter has no parent")
        elif site.second_parent == site.parent:
            yield Problem("site", code, "second_parent", site.second_parent, "the same as parent")
        if code in endless:
            yield Problem("site", code, "parent", site.parent, "the topology runs in a cycle")


def _in_cycles(inventory: Inventory) -> set[str]:
    """The sites from which a path leads back to themselves (or from one such site to another)."""
    above = {code: {p for p in site.parents if p in inventory.sites} for code, site in inventory.sites.items()}
    below_none = _peeled(above)
    below: dict[str, set[str]] = {code: set() for code in below_none}
    for code in below_none:
        for parent in above[code] & below_none:
            below[parent].add(code)
    return _peeled(below)


def _peeled(waits_for: Mapping[str, set[str]]) -> set[str]:
    """What remains when those that wait for nobody are taken away, again and again."""
    waiting = {code: set(others) for code, others in waits_for.items()}
    asked_by: dict[str, list[str]] = {}
    for code, others in waiting.items():
        for other in others:
            asked_by.setdefault(other, []).append(code)
    free = [code for code, others in waiting.items() if not others]
    for code in free:  # grows while it is walked
        for asker in asked_by.get(code, ()):
            waiting[asker].discard(code)
            if not waiting[asker]:
                free.append(asker)
    return set(waiting) - set(free)


def parents_are_not_retired(inventory: Inventory) -> Iterator[Problem]:
    """A living site does not stand behind a retired one."""
    for code, site in inventory.sites.items():
        for column in ("parent", "second_parent"):
            parent = inventory.sites.get(getattr(site, column) or "")
            if site.status is not SiteStatus.RETIRED and parent and parent.status is SiteStatus.RETIRED:
                yield Problem("site", code, column, parent.code, "is retired")


def addresses_are_used_once(inventory: Inventory) -> Iterator[Problem]:
    """Two devices do not share address and port, nor two sites an address: it would be polled for both."""
    owner: dict[str, tuple[str, str]] = {}
    taken: dict[tuple[str, int], str] = {}
    for name, device in inventory.devices.items():
        first = taken.setdefault((device.address, device.port), name)
        if first != name:
            yield Problem("device", name, "address", device.address, f"overlaps with device {first}")
            continue
        holder, site = owner.setdefault(device.address, (name, device.site))
        if site != device.site:
            yield Problem("device", name, "address", device.address, f"overlaps with device {holder} of site {site}")


def ports_carry_one_circuit(inventory: Inventory) -> Iterator[Problem]:
    """A (device, interface) carries at most one circuit, of the device's own site; an interface has a device."""
    taken: dict[tuple[str, str], str] = {}
    for code, circuit in inventory.circuits.items():
        if circuit.interface and not circuit.device:
            yield Problem("circuit", code, "interface", circuit.interface, "needs a device")
        device = inventory.devices.get(circuit.device or "")
        if device and device.site != circuit.site:
            yield Problem("circuit", code, "device", device.name, f"stands at site {device.site}, not {circuit.site}")
        if circuit.device and circuit.interface:
            first = taken.setdefault((circuit.device, circuit.interface), code)
            if first != code:
                yield Problem("circuit", code, "interface", circuit.interface, f"already carries circuit {first}")
        if circuit.starts_on and circuit.ends_on and circuit.ends_on < circuit.starts_on:
            yield Problem("circuit", code, "ends_on", circuit.ends_on, f"before starts_on {circuit.starts_on}")


def keys_differ_in_more_than_case(inventory: Inventory) -> Iterator[Problem]:
    """Two keys that people would read as one are one too many."""
    for noun in NOUNS:
        yield from _confusable(noun, list(inventory.rows(noun)))


def _confusable(noun: Noun, keys: list[str]) -> Iterator[Problem]:
    folded = Counter(key.casefold() for key in keys)
    for key in keys:
        if folded[key.casefold()] > 1:
            yield Problem(noun.name, key, noun.key, key, "differs from another only in case")


RULES: tuple[Rule, ...] = (
    references_exist,
    units_form_a_tree,
    sites_lead_to_a_hub,
    parents_are_not_retired,
    addresses_are_used_once,
    ports_carry_one_circuit,
    keys_differ_in_more_than_case,
)
