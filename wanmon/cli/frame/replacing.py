"""Another machine in the place of a device: what its row and its circuits become, in one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field

from wanmon.cli.frame import choosing, rows
from wanmon.cli.frame.changing import counted, show_plan
from wanmon.cli.frame.options import Output
from wanmon.cli.frame.output import say
from wanmon.cli.frame.signature import Signature
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import UsageError
from wanmon.model.inventory import NOUN, Edit, Inventory
from wanmon.protocols.ssh.host_key import Fingerprint

#: What a new machine may have that the old one had not; name and site are the place's.
COLUMNS = ("address", "port", "snmp", "profile", "ssh", "ssh_port", "platform")
#: What another vendor speaks otherwise: told where it is pinned and stays.
_OF_THE_VENDOR = ("profile", "platform")


@dataclass(frozen=True, slots=True)
class Replacement:
    """What was asked for: new values of columns, the new name of each old port, the host key of the new machine."""

    device: str
    values: Mapping[str, str]
    ports: Mapping[str, str] = field(default_factory=dict)
    key: Fingerprint | None = None


def port_names(texts: Sequence[str]) -> dict[str, str]:
    """`OLD=NEW` as a mapping. Port names may hold an `=` on the right, not on the left. Raises `UsageError`."""
    found: dict[str, str] = {}
    for text in texts:
        old, separator, new = text.partition("=")
        if not (separator and old and new):
            raise UsageError(f"--interface {text!r}: is not OLD=NEW: the old port's name and the new one's")
        if found.setdefault(old, new) != new:
            raise UsageError(f"--interface {text!r}: {old} is given two new names")
    return found


def edits_of(inventory: Inventory, wanted: Replacement) -> list[Edit]:
    """The edits that a replacement comes to. Raises `UsageError` naming every old port that no circuit ends on."""
    bound = _bound(inventory, wanted.device)
    unknown = [old for old in wanted.ports if old not in bound.values()]
    if unknown:
        ends = ", ".join(sorted(set(bound.values()))) or "none"
        raise UsageError(f"--interface {', '.join(unknown)}: no circuit of {wanted.device} ends there, but on: {ends}")
    edits = rows.alterations(inventory, NOUN["device"], [wanted.device], wanted.values)
    for circuit, old in bound.items():
        if old in wanted.ports:
            new = {"interface": wanted.ports[old]}
            edits += rows.alterations(inventory, NOUN["circuit"], [circuit], new)
    return edits


def left_as_they_are(inventory: Inventory, wanted: Replacement) -> list[str]:
    """What a person should look at because it stays as it was for the old machine, a line each."""
    lines = [
        f"{circuit} still ends on {old!r} of {wanted.device}: if the new machine calls it otherwise, "
        f"`wanmon circuit set {circuit} --interface NEW`"
        for circuit, old in _bound(inventory, wanted.device).items()
        if old not in wanted.ports
    ]
    device = inventory.devices[wanted.device]
    for column in _OF_THE_VENDOR:
        held = getattr(device, column)
        if held != "auto" and column not in wanted.values:
            lines.append(f"its {column} stays {held}: see `wanmon device set --help` if the vendor is another")
    return lines


def replace(here: Surroundings, wanted: Replacement, signature: Signature, *, dry_run: bool) -> None:
    """Make the replacement, or show it. Raises what `store.inventory.apply` raises."""
    from wanmon.store import host_keys, machines, replacement
    from wanmon.store import inventory as store

    before = here.inventory()
    edits = edits_of(before, wanted)
    if dry_run:
        _show(here, before, edits, wanted.device)
        return
    now = here.clock.now()
    with here.database.write() as session:
        before = store.load(session)
        edits = edits_of(before, wanted)
        old = machines.standing(session, wanted.device)
        was = str(machines.plate_of(old)) if old else "a machine that was never read"
        changeset = replacement.replace(session, wanted.device, edits, **asdict(signature), at=now)
        if wanted.key is not None:
            key = wanted.key
            host_keys.trust(session, wanted.device, key.algorithm, key.text, signature.author, now)
    for line in left_as_they_are(before, wanted):
        say(line)
    made = f", {counted(edits)}" if edits else ""
    say(f"change {changeset}: {wanted.device} is another machine now; {was} is in its history{made}")
    if wanted.key is None and before.devices[wanted.device].ssh != "none":
        say(f"its host key is forgotten: `wanmon device trust {wanted.device}` once the new machine answers")


def _show(here: Surroundings, before: Inventory, edits: Sequence[Edit], device: str) -> None:
    from wanmon.exchange.plan import Plan
    from wanmon.store.judgement import inventory_after

    show_plan(Plan(before, inventory_after(before, edits), tuple(edits), 0, ()), Output.TABLE)
    say(f"and of {device} would be forgotten: how it is spoken to, its uptime, neighbours, credentials and host key")
    say("nothing was changed: this was a dry run")


def _bound(inventory: Inventory, device: str) -> dict[str, str]:
    """The port that each circuit of a device ends on, by circuit."""
    return {
        code: circuit.interface
        for code, circuit in inventory.circuits.items()
        if circuit.device == device and circuit.interface
    }


def find(inventory: Inventory, text: str) -> str:
    """The device that is meant. Raises `NotFound` and `Ambiguous`."""
    return choosing.find(inventory, NOUN["device"], text)
