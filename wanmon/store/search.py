"""Finding what a person means: a code, a name with or without its marks, an address, a device, a circuit. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from ipaddress import ip_address

from wanmon.errors import Ambiguous, NotFound
from wanmon.model.device import DeviceFields
from wanmon.model.inventory import Inventory
from wanmon.model.site import SiteFields
from wanmon.store.folding import folded, spelled


@dataclass(frozen=True, slots=True)
class _Known:
    """All that a site may be asked for by."""

    site: SiteFields
    identifiers: frozenset[str]  # code, devices, addresses, circuits; case folded
    spelling: str
    plain: str


#: From the surest to the vaguest; the first under which anything is found decides.
_WAYS: tuple[Callable[[_Known, str], bool], ...] = (
    lambda known, text: text.casefold() == known.site.code.casefold(),
    lambda known, text: _identifier(text) in known.identifiers,
    lambda known, text: spelled(text) == known.spelling,
    lambda known, text: folded(text) == known.plain,
    lambda known, text: spelled(text) != folded(text) and spelled(text) in known.spelling,
    lambda known, text: folded(text) in known.plain,
    lambda known, text: any(text.casefold() in identifier for identifier in known.identifiers),
)


def find_site(inventory: Inventory, text: str) -> SiteFields:
    """The one site that `text` means: by code, device, address, circuit id, name, or part of these, in this order.

    Raises `Ambiguous` listing the sites that fit equally well, `NotFound` with the nearest names.
    """
    everything = list(_known(inventory))
    for fits in _WAYS if folded(text) else ():
        found = [known.site for known in everything if fits(known, text.strip())]
        if len(found) > 1:
            raise Ambiguous("site", text, [f"{site.code} {site.name}" for site in found])
        if found:
            return found[0]
    raise NotFound("site", text, _advice(everything, text))


def matching_sites(inventory: Inventory, query: str) -> list[SiteFields]:
    """The sites with every word of `query` somewhere in code, name, devices, addresses or circuits, by code."""
    words = query.split()
    return [known.site for known in _known(inventory) if all(_mentions(known, word) for word in words)]


def find_devices(inventory: Inventory, text: str) -> list[DeviceFields]:
    """The device of that name or address, or else the devices of the site that `text` means, by name.

    Raises as `find_site` does, and `NotFound` for a site without devices.
    """
    wanted = _identifier(text)
    exact = [d for d in inventory.devices.values() if wanted in (d.name.casefold(), d.address)]
    if exact:
        return exact
    site = find_site(inventory, text)
    found = [device for device in inventory.devices.values() if device.site == site.code]
    if not found:
        raise NotFound("device", text, f"site {site.code} has none: `wanmon device add` gives it one")
    return found


def _known(inventory: Inventory) -> Iterator[_Known]:
    identifiers: dict[str, set[str]] = {code: {code.casefold()} for code in inventory.sites}
    for device in inventory.devices.values():
        identifiers[device.site] |= {device.name.casefold(), device.address}
    for circuit in inventory.circuits.values():
        identifiers[circuit.site] |= {circuit.code.casefold()}
        identifiers[circuit.site] |= {circuit.probe_address} if circuit.probe_address else set()
    for code, site in sorted(inventory.sites.items()):
        yield _Known(site, frozenset(identifiers[code]), spelled(site.name), folded(site.name))


def _mentions(known: _Known, word: str) -> bool:
    return folded(word) in known.plain or any(word.casefold() in identifier for identifier in known.identifiers)


def _identifier(text: str) -> str:
    """An address as it is written in the inventory; anything else without its case."""
    try:
        return str(ip_address(text.strip()))
    except ValueError:
        return text.strip().casefold()


def _advice(everything: list[_Known], text: str) -> str:
    shown = {known.plain: f"{known.site.code} {known.site.name}" for known in everything}
    shown |= {folded(known.site.code): f"{known.site.code} {known.site.name}" for known in everything}
    near = [shown[match] for match in get_close_matches(folded(text), shown, n=3, cutoff=0.6)]
    return f"did you mean {' or '.join(dict.fromkeys(near))}?" if near else "see `wanmon site list`"
