"""Options that many commands take, each declared once."""

from enum import StrEnum
from typing import Annotated

import typer


class Output(StrEnum):
    """How an answer is written: for people, for programs, for spreadsheets."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


OutputOption = Annotated[Output, typer.Option("--output", "-o", help="How to write the answer.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]
Author = Annotated[str | None, typer.Option(metavar="NAME", help="Who changes it; else $SUDO_USER, or the user.")]
Reason = Annotated[str, typer.Option(metavar="TEXT", help="Why it is changed.")]
Where = Annotated[
    list[str] | None, typer.Option(metavar="COLUMN=VALUE", help="Rows with this value; may be given several times.")
]
UnitOption = Annotated[str | None, typer.Option(metavar="UNIT", help="Sites of this unit and those within it.")]
