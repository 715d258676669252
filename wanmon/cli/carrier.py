"""Carriers: list, show, add, set, remove."""

import typer

from wanmon.cli.frame.surroundings import Surroundings
from wanmon.cli.frame.verbs import Face, add_all
from wanmon.model.inventory import NOUN, Inventory

app = typer.Typer()


def _extras(here: Surroundings, inventory: Inventory, code: str) -> dict[str, int]:
    return {"circuit_count": sum(circuit.carrier == code for circuit in inventory.circuits.values())}


add_all(
    app,
    Face(
        NOUN["carrier"],
        help={
            "name": "Its name.",
            "hotline": "Whom to call when a circuit is down.",
            "email": "Whom to write to.",
        },
        table=("code", "name", "hotline", "email"),
        extras=_extras,
    ),
)
