"""The inventory in the database: load it, change it, tell who changed what.

Every change goes through `apply`: one transaction that looks at the inventory as it is, judges it as it would be, and
writes the rows together with their log, or nothing at all.
"""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, insert, or_, update
from sqlmodel import Session, col, select

from wanmon.model.change import Action, Change, Changeset
from wanmon.model.device import Device
from wanmon.model.fields import Fields
from wanmon.model.inventory import NOUN, NOUNS, Edit, Inventory, Noun
from wanmon.store.judgement import inventory_after


@dataclass(frozen=True, slots=True)
class _Difference:
    """A row before and after; none where it is not there."""

    noun: Noun
    key: str
    old: Fields | None
    new: Fields | None


def load(session: Session) -> Inventory:
    """Every row of the inventory, by key and in the order of keys. The rows no longer belong to the session."""
    rows: dict[str, Any] = {noun.plural: _rows(session, noun) for noun in NOUNS}
    return Inventory(**rows)


def apply(
    session: Session, edits: Sequence[Edit], *, author: str, origin: str, command: str, reason: str, at: datetime
) -> int | None:
    """Make all of `edits` within a session of `Database.write`; return the id of the changeset.

    None, and nothing written, where everything is already so. Raises `InventoryError` with every problem found, and
    `NotFound` for a row to be changed or removed that is not there.
    """
    before = load(session)
    after = inventory_after(before, edits)
    differences = list(_differences(before, after, edits))
    if not differences:
        return None
    changeset = _log(
        session, differences, Changeset(at=at, author=author, origin=origin, command=command, reason=reason)
    )
    _write(session, differences)
    return changeset


def note(
    session: Session,
    device: str,
    field: str,
    old: str,
    new: str,
    changeset: int | None = None,
    *,
    author: str,
    origin: str,
    command: str,
    reason: str,
    at: datetime,
) -> int:
    """Log what was done about a device that is no column of it: its machine, its host key; the id of the changeset.

    It joins `changeset` where there is one already.
    """
    if changeset is None:
        signed = Changeset(at=at, author=author, origin=origin, command=command, reason=reason)
        session.add(signed)
        session.flush()
        assert signed.id is not None
        changeset = signed.id
    session.add(
        Change(changeset=changeset, noun="device", key=device, action=Action.SET, field=field, old=old, new=new)
    )
    session.flush()
    return changeset


def latest_changeset(session: Session) -> int:
    """The id of the newest changeset, 0 before the first: a cheap way to see that the inventory changed."""
    return session.exec(select(func.max(Changeset.id))).one() or 0


def changes(
    session: Session, noun: str | None = None, key: str | None = None, limit: int = 100
) -> list[tuple[Changeset, Change]]:
    """Who changed what, the newest first; of one noun or one row, where told."""
    query = select(Changeset, Change).join(Change, col(Change.changeset) == col(Changeset.id))
    if noun is not None:
        query = query.where(Change.noun == noun)
    if key is not None:
        query = query.where(Change.key == key)
    return [(c, change) for c, change in session.exec(query.order_by(col(Change.id).desc()).limit(limit))]


def last_changeset(session: Session, rows: Mapping[str, Collection[str]]) -> Changeset | None:
    """The newest changeset of any of these rows, given as keys by noun; none where they were never changed."""
    either = [and_(col(Change.noun) == noun, col(Change.key).in_(keys)) for noun, keys in rows.items()]
    query = select(Changeset).join(Change, col(Change.changeset) == col(Changeset.id)).where(or_(*either))
    return session.exec(query.order_by(col(Change.id).desc()).limit(1)).first()


def _rows(session: Session, noun: Noun) -> dict[str, Fields]:
    found = session.exec(select(noun.table).order_by(getattr(noun.table, noun.key))).all()
    for row in found:
        session.expunge(row)
    return {getattr(row, noun.key): row for row in found}


def _differences(before: Inventory, after: Inventory, edits: Sequence[Edit]) -> Iterator[_Difference]:
    """What the edits come to, once for each row: an edit that changes nothing is none."""
    for name, key in dict.fromkeys((edit.noun.name, edit.key) for edit in edits):
        noun = NOUN[name]
        difference = _Difference(noun, key, before.rows(noun).get(key), after.rows(noun).get(key))
        if _columns(difference.noun, difference.old) != _columns(difference.noun, difference.new):
            yield difference


def _columns(noun: Noun, row: Fields | None) -> dict[str, Any]:
    return {} if row is None else {column: getattr(row, column) for column in noun.columns}


def _log(session: Session, differences: list[_Difference], changeset: Changeset) -> int:
    session.add(changeset)
    session.flush()
    assert changeset.id is not None
    rows = [
        {"changeset": changeset.id, "noun": difference.noun.name, "key": difference.key, **change}
        for difference in differences
        for change in _changes(difference)
    ]
    session.execute(insert(Change), rows)
    return changeset.id


def _changes(difference: _Difference) -> Iterator[dict[str, Any]]:
    """A row added or removed is one change, a row altered is one for each field that differs."""
    noun, old, new = difference.noun, difference.old, difference.new
    if old is None or new is None:
        action = Action.ADD if old is None else Action.REMOVE
        yield {"action": action, "field": "", "old": _as_json(noun, old), "new": _as_json(noun, new)}
        return
    before, after = _columns(noun, old), _columns(noun, new)
    for column in noun.columns:
        if before[column] != after[column]:
            texts = {"old": _as_text(before[column]), "new": _as_text(after[column])}
            yield {"action": Action.SET, "field": column, **texts}


def _as_json(noun: Noun, row: Fields | None) -> str | None:
    if row is None:
        return None
    return json.dumps(row.model_dump(mode="json", include=set(noun.columns)), ensure_ascii=False)


def _as_text(value: object) -> str | None:
    """As the field reads it back: choices by value, dates in ISO 8601, no value as none."""
    return None if value is None else str(value)


def _write(session: Session, differences: list[_Difference]) -> None:
    """Removals first and additions last: an address may pass from one row to another."""
    removed = [d for d in differences if d.new is None]
    altered = [d for d in differences if d.old is not None and d.new is not None]
    for difference in removed:
        session.execute(delete(difference.noun.table).where(_is_row(difference)))
    _park_addresses(session, [d.key for d in altered if d.noun.table is Device])
    for difference in altered:
        values = _columns(difference.noun, difference.new)
        session.execute(update(difference.noun.table).where(_is_row(difference)).values(values))
    for noun in NOUNS:
        added = [_columns(noun, d.new) for d in differences if d.noun is noun and d.old is None]
        if added:
            session.execute(insert(noun.table), added)


def _is_row(difference: _Difference) -> ColumnElement[bool]:
    column: ColumnElement[str] = getattr(difference.noun.table, difference.noun.key)
    return column == difference.key


def _park_addresses(session: Session, devices: list[str]) -> None:
    """Take the devices that change off their addresses: two that swap them would meet on one for a moment."""
    if len(devices) > 1:
        session.execute(update(Device).where(col(Device.name).in_(devices)).values(address="~" + col(Device.name)))
