"""Changes as records: what a plan would do, and what the log says was done. Pure.

A row that is added or removed is one line for people, `name=…, unit=…`, with what it holds in the order of its columns.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from wanmon.cli.frame.choosing import shown
from wanmon.exchange.plan import Plan, describe
from wanmon.model.change import Action, Change, Changeset
from wanmon.model.inventory import NOUN

PLAN_COLUMNS = ("action", "noun", "key", "field", "old", "new")
LOG_COLUMNS = ("at", "author", "origin", "command", "reason", "noun", "key", "action", "field", "old", "new")
#: What of the log fits a screen; the rest is in JSON and CSV.
LOG_TABLE = ("at", "author", "reason", "noun", "key", "action", "field", "old", "new")


def plan_lines(plan: Plan) -> list[dict[str, Any]]:
    """A plan for people: a line for each row added or removed, and for each field changed."""
    return [
        {**difference, "field": "", "new": _row(_held(plan, difference))}
        if difference["action"] is Action.ADD
        else difference
        for difference in _differences(plan)
    ]


def plan_fields(plan: Plan) -> list[dict[str, Any]]:
    """A plan for programs: of an added row, too, a record for each field that it has."""
    records: list[dict[str, Any]] = []
    for difference in _differences(plan):
        if difference["action"] is Action.ADD:
            held = _held(plan, difference)
            records += [{**difference, "field": field, "new": value} for field, value in held.items()]
        else:
            records.append(difference)
    return records


def log_records(changes: Sequence[tuple[Changeset, Change]]) -> list[dict[str, Any]]:
    """The log as it stands; a row added or removed as JSON."""
    return [
        {
            "at": changeset.at,
            "author": changeset.author,
            "origin": changeset.origin,
            "command": changeset.command,
            "reason": changeset.reason,
            "noun": change.noun,
            "key": change.key,
            "action": change.action,
            "field": change.field,
            "old": change.old,
            "new": change.new,
        }
        for changeset, change in changes
    ]


def log_lines(records: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The same for people."""
    return [
        {**record, **{side: _row_of_json(record["noun"], record[side]) for side in ("old", "new")}}
        if record["action"] is not Action.SET
        else dict(record)
        for record in records
    ]


def _differences(plan: Plan) -> Iterator[dict[str, Any]]:
    """Each line of the plan, of an added row the first alone."""
    added: set[tuple[str, str]] = set()
    for difference in describe(plan):
        row = (difference.noun, difference.key)
        if row not in added:
            yield asdict(difference)
        if difference.action is Action.ADD:
            added.add(row)


def _held(plan: Plan, difference: Mapping[str, Any]) -> dict[str, str]:
    """What an added row holds, except its key and empty fields."""
    noun = NOUN[difference["noun"]]
    row = plan.after.rows(noun)[difference["key"]]
    values = {column: shown(getattr(row, column)) for column in noun.columns if column != noun.key}
    return {column: value for column, value in values.items() if value}


def _row(held: Mapping[str, object]) -> str:
    return ", ".join(f"{field}={value}" for field, value in held.items())


def _row_of_json(noun: str, text: str | None) -> str:
    held = json.loads(text) if text else {}
    return _row({field: value for field, value in held.items() if value not in (None, "") and field != NOUN[noun].key})
