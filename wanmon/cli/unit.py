"""Administrative units: list, show, add, set, remove."""

import typer

from wanmon.cli.frame.surroundings import Surroundings
from wanmon.cli.frame.verbs import Face, add_all
from wanmon.model.inventory import NOUN, Inventory

app = typer.Typer()


def _extras(here: Surroundings, inventory: Inventory, code: str) -> dict[str, list[str]]:
    return {
        "units_within": [unit.code for unit in inventory.units.values() if unit.parent == code],
        "sites": [site.code for site in inventory.sites.values() if site.unit == code],
    }


add_all(
    app,
    Face(
        NOUN["unit"],
        help={
            "official_code": "The statistical office's code.",
            "name": "Its name, without the kind.",
            "kind": "What it is called in Vietnamese: tỉnh, huyện, phường.",
            "level": "Its tier.",
            "parent": "The code of the unit that it lies in.",
            "valid_from": "The first day of this unit.",
            "valid_to": "The last day of this unit.",
        },
        table=("code", "official_code", "name", "kind", "level", "parent", "valid_from", "valid_to"),
        extras=_extras,
    ),
)
