"""Make a folder with configuration, empty secrets, inventory, exporters and database."""

import os
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wanmon.cli.frame.first_files import SECRETS_TOML, WANMON_TOML
from wanmon.cli.frame.options import Author, Reason
from wanmon.cli.frame.output import say
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.config.layout import shipped
from wanmon.errors import NotFound, UsageError

if TYPE_CHECKING:
    from wanmon.cli.frame.signature import Signature

app = typer.Typer()

_NOT_PROVINCES = {"profiles"}
_PATTERN = "bac-ninh"


@app.command()
def init(
    ctx: typer.Context,
    directory: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that is empty or not there yet.")],
    example: Annotated[str | None, typer.Option(metavar="NAME", help="Fill it with a shipped province.")] = None,
    author: Author = None,
    reason: Reason = "",
) -> None:
    """Make DIR ready to run wanmon in; nothing that is there is ever overwritten."""
    from wanmon.cli.frame.signature import sign

    signature = sign(f"init --example {example}" if example else "init", author, reason)
    province = _example(example) if example else None
    _refuse_occupied(directory)
    _write_files(directory, province)
    _make_database(ctx.obj, directory, province, signature)
    say(f"{directory} is ready: write credentials into secrets.toml, then `cd {directory}` and `wanmon serve`")


def _example(name: str) -> Path:
    provinces = {p.name: p for p in shipped("inventory").iterdir() if p.is_dir() and p.name not in _NOT_PROVINCES}
    if name not in provinces:
        raise NotFound("example", name, f"there is {', '.join(sorted(provinces))}")
    return provinces[name]


def _refuse_occupied(directory: Path) -> None:
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise UsageError(f"{directory} is not empty: choose another folder")


def _write_files(directory: Path, province: Path | None) -> None:
    directory.mkdir(parents=True, exist_ok=True)
    (directory / "wanmon.toml").write_text(WANMON_TOML, encoding="utf-8")
    descriptor = os.open(directory / "secrets.toml", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as secrets:
        secrets.write(SECRETS_TOML)
    shutil.copytree(shipped("exporters"), directory / "exporters")
    inventory = directory / "inventory"
    if province:
        shutil.copytree(province, inventory)
    else:
        _write_empty(inventory)


def _write_empty(inventory: Path) -> None:
    from wanmon.model.inventory import NOUNS

    inventory.mkdir()
    for noun in NOUNS:
        (inventory / f"{noun.plural}.csv").write_text(",".join(noun.columns) + "\n", encoding="utf-8")
    # How often a hub, a district, a commune is asked is no fact of one province, nor are the holidays.
    for name in ("classes.csv", "holidays.csv"):
        shutil.copy(shipped("inventory") / _PATTERN / name, inventory)


def _make_database(here: Surroundings, directory: Path, province: Path | None, signature: "Signature") -> None:
    from dataclasses import asdict

    from wanmon.exchange import folder, plan
    from wanmon.store import inventory, schema
    from wanmon.store.database import Database

    url = f"sqlite:///{directory.resolve() / 'var' / 'wanmon.db'}"
    schema.upgrade(url)
    if province is None:
        return
    edits = plan.whole(folder.read(str(province))).edits
    database = Database.open(url)
    try:
        with database.write() as session:
            inventory.apply(session, edits, **asdict(signature), at=here.clock.now())
    finally:
        database.close()
