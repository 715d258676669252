"""`list`, `show`, `add`, `set` and `remove`, made for a noun from its columns: a flag for each, with its help."""

import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Annotated, Any, get_args

import typer

from wanmon.cli.frame import choosing, rows
from wanmon.cli.frame.changing import change
from wanmon.cli.frame.choosing import flag
from wanmon.cli.frame.options import Author, DryRun, Output, OutputOption, Reason, Where
from wanmon.cli.frame.output import show_record, show_records
from wanmon.cli.frame.signature import sign
from wanmon.cli.frame.surroundings import Surroundings
from wanmon.errors import UsageError
from wanmon.model.change import Action
from wanmon.model.inventory import Edit, Inventory, Noun

#: What `show` tells beyond the row itself.
Extras = Callable[[Surroundings, Inventory, str], Mapping[str, Any]]
#: What a list tells of each row beyond itself.
Also = Callable[[Surroundings, Inventory], Mapping[str, Mapping[str, Any]]]


@dataclass(frozen=True, slots=True)
class Face:
    """A noun as the command line shows it: what each column is, which of them fit a table, what belongs to a row.

    `listed` are columns of lists that are no fields of the row: `also` tells them, by key. They are in tables alone:
    what programs get of a list is what a file of it has, and may be applied again.
    """

    noun: Noun
    help: Mapping[str, str]
    table: Sequence[str]
    extras: Extras = lambda here, inventory, key: {}
    listed: Sequence[str] = ()
    also: Also = lambda here, inventory: {}

    @property
    def settable(self) -> list[str]:
        """The columns that have a flag: all but the key, which is for life."""
        return [column for column in self.noun.columns if column != self.noun.key]


def add_all(app: typer.Typer, face: Face) -> None:
    """Give `app` all five verbs."""
    for add in (add_list, add_show, add_add, add_set, add_remove):
        add(app, face)


def add_list(app: typer.Typer, face: Face) -> None:
    """`list [QUERY] [--where column=value]`."""
    noun = face.noun

    @app.command("list", help=f"List the {noun.plural}; with QUERY those that have its words anywhere.")
    def list_rows(
        ctx: typer.Context,
        query: Annotated[str, typer.Argument(help="Words to look for, with or without diacritics.")] = "",
        where: Where = None,
        output: OutputOption = Output.TABLE,
    ) -> None:
        inventory = ctx.obj.inventory()
        keys = [key for key, _ in choosing.having(noun, inventory.rows(noun), where or ())]
        show_keys(ctx.obj, face, inventory, choosing.looked_for(inventory, noun, query, keys), output)


def show_keys(here: Surroundings, face: Face, inventory: Inventory, keys: Sequence[str], output: Output) -> None:
    """The rows of these keys."""
    also = face.also(here, inventory)
    records = [{**rows.plain(face.noun, inventory.rows(face.noun)[key]), **also.get(key, {})} for key in keys]
    columns = (*face.noun.columns, *face.listed) if output is Output.TABLE else face.noun.columns
    show_records(records, columns, output, table=face.table, none=f"no {face.noun.plural}")


def add_show(app: typer.Typer, face: Face) -> None:
    """`show KEY`."""
    noun = face.noun

    @app.command("show", help=f"Show one {noun.name} with all that belongs to it.")
    def show_row(
        ctx: typer.Context,
        key: Annotated[str, typer.Argument(metavar=noun.name.upper(), help=_what_names(noun))],
        output: OutputOption = Output.TABLE,
    ) -> None:
        inventory = ctx.obj.inventory()
        found = choosing.find(inventory, noun, key)
        record = rows.plain(noun, inventory.rows(noun)[found])
        show_record({**record, **face.extras(ctx.obj, inventory, found)}, output)


def add_add(app: typer.Typer, face: Face) -> None:
    """`add KEY --column value ...`."""
    noun = face.noun

    def add_row(
        ctx: typer.Context, key: str, dry_run: bool, author: str | None, reason: str, **flags: str | None
    ) -> None:
        edit = rows.addition(noun, key, rows.given(flags))
        change(ctx.obj, lambda inventory: [edit], sign(f"{noun.name} add {key}", author, reason), dry_run=dry_run)

    key = parameter("key", Annotated[str, typer.Argument(metavar=noun.key.upper(), help="For life, never reused.")])
    register(app, "add", f"Add a {noun.name}.", add_row, [key, *flag_parameters(face, needed=rows.required(noun))])


def add_set(app: typer.Typer, face: Face) -> None:
    """`set KEY... | --where column=value  --column value ...`."""
    noun = face.noun

    def set_rows(
        ctx: typer.Context,
        keys: list[str] | None,
        where: list[str] | None,
        dry_run: bool,
        author: str | None,
        reason: str,
        **flags: str | None,
    ) -> None:
        values = rows.given(flags)
        if not values:
            raise UsageError(f"say what to set: see `wanmon {noun.name} set --help`")

        def wish(inventory: Inventory) -> list[Edit]:
            return rows.alterations(inventory, noun, choosing.several(inventory, noun, keys, where), values)

        named = " ".join(keys or [f"--where {condition}" for condition in where or ()])
        change(ctx.obj, wish, sign(f"{noun.name} set {named}"[:200], author, reason), dry_run=dry_run)

    which = [
        parameter("keys", Annotated[list[str] | None, typer.Argument(help=_what_names(noun))], None),
        parameter("where", Where, None),
    ]
    text = f"Change {noun.plural}; an empty value '' clears one."
    register(app, "set", text, set_rows, [*which, *flag_parameters(face)])


def add_remove(app: typer.Typer, face: Face) -> None:
    """`remove KEY...`."""
    noun = face.noun

    @app.command("remove", help=f"Remove {noun.plural} that nothing else in the inventory needs.")
    def remove_rows(
        ctx: typer.Context,
        keys: Annotated[list[str], typer.Argument(help=f"The {noun.key} in full.")],
        dry_run: DryRun = False,
        author: Author = None,
        reason: Reason = "",
    ) -> None:
        def wish(inventory: Inventory) -> list[Edit]:
            found = dict.fromkeys(choosing.exact(inventory, noun, key) for key in keys)
            return [Edit(Action.REMOVE, noun, key, {}) for key in found]

        change(ctx.obj, wish, sign(f"{noun.name} remove {' '.join(keys)}"[:200], author, reason), dry_run=dry_run)


def register(
    app: typer.Typer, name: str, text: str, run: Callable[..., None], parameters: Sequence[inspect.Parameter]
) -> None:
    """Make `run` a command that writes: with these parameters, and those of every write."""
    every = [
        parameter("ctx", typer.Context),
        *parameters,
        parameter("dry_run", DryRun, False),
        parameter("author", Author, None),
        parameter("reason", Reason, ""),
    ]
    run.__signature__ = inspect.Signature(every)  # type: ignore[attr-defined]  # where `inspect.signature` looks first
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in every}
    app.command(name, help=text)(run)


def flag_parameters(face: Face, *, needed: Sequence[str] = (), columns: Sequence[str] = ()) -> list[inspect.Parameter]:
    """A flag for each column (of `columns`, or all that can be set), of text: the fields judge the values."""
    return [
        parameter(
            column,
            Annotated[
                str | None,
                typer.Option(
                    flag(column),
                    metavar=_metavar(face.noun, column),
                    help=face.help[column] + (" [needed]" if column in needed else ""),
                ),
            ],
            None,
        )
        for column in columns or face.settable
    ]


def parameter(name: str, annotation: Any, default: Any = inspect.Parameter.empty) -> inspect.Parameter:
    """One parameter of a command that is put together."""
    return inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=annotation, default=default)


def _metavar(noun: Noun, column: str) -> str:
    kind: Any = noun.fields.model_fields[column].annotation
    while get_args(kind):  # Annotated[float, ...] | None
        kind = get_args(kind)[0]
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return "|".join(kind)
    of_float = "SHARE" if column.endswith("target") else "DEGREES"
    return {date: "YYYY-MM-DD", int: "NUMBER", float: of_float}.get(kind, column.rpartition("_")[2].upper())


def _what_names(noun: Noun) -> str:
    if noun.name == "site":
        return "A code, a name with or without diacritics, an address, a device or a circuit id."
    return f"Its {noun.key}" + (" or its name." if "name" in noun.columns and noun.key != "name" else ".")
