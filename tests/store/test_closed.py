"""Closed months: frozen as they were, and closed again without losing what was answered for."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from wanmon.health.availability import Tally, Terms
from wanmon.health.figures import CircuitFigure, Evidence, Figures, SiteFigure
from wanmon.health.intervals import NOTHING
from wanmon.health.period import named
from wanmon.model.closed import ClosedFigure, ClosedMonth
from wanmon.model.state import State
from wanmon.store import closed
from wanmon.store.database import Database

FEBRUARY = named("2026-02")
TERMS = Terms(FEBRUARY.span, 0.0, NOTHING, NOTHING)


def tally(up: int, down: int, unreachable: int, unknown: int, *, of_site: bool) -> Tally:
    seconds = dict.fromkeys(State, 0) | {State.UP: up, State.DOWN: down, State.UNREACHABLE: unreachable}
    broken = down + unreachable if of_site else down
    return Tally(seconds | {State.UNKNOWN: unknown}, broken, min(3, down), 2 if broken else 0)


SITE = SiteFigure("BN-0001", 0.995, tally(900, 7, 5, 11, of_site=True), (), TERMS)
CIRCUIT = CircuitFigure("C-1", "BN-0001", "VNPT", 0.99, Evidence.SITE, tally(900, 7, 5, 11, of_site=False), (), TERMS)
SILENT = replace(CIRCUIT, circuit="C-2", tally=tally(0, 0, 0, 0, of_site=False))
FIGURES = Figures({"BN-0001": SITE}, {"C-1": CIRCUIT, "C-2": SILENT})


@pytest.fixture
def close(database: Database, noon: datetime):
    def ask(figures: Figures = FIGURES, reason: str = "", days: int = 0) -> None:
        with database.write() as session:
            closed.close(session, "2026-02", figures, author="lan", reason=reason, at=noon + timedelta(days=days))

    return ask


def test_a_month_never_closed_is_none(database: Database):
    with database.read() as session:
        assert closed.latest(session, "2026-02") is None


def test_the_figures_come_back_as_they_were_frozen(database: Database, close, noon: datetime):
    close(reason="tháng 2")
    with database.read() as session:
        found = closed.latest(session, "2026-02")

    assert found
    assert ("lan", "tháng 2", noon, 1) == (found.author, found.reason, found.closed_at, found.times)
    assert (SITE.tally, 0.995, "BN-0001") == (
        found.sites["BN-0001"].tally,
        found.sites["BN-0001"].target,
        found.sites["BN-0001"].site,
    )
    assert (CIRCUIT.tally, 0.99, "BN-0001") == (
        found.circuits["C-1"].tally,
        found.circuits["C-1"].target,
        found.circuits["C-1"].site,
    )
    assert (None, None) == (found.circuits["C-2"].tally.share, found.circuits["C-2"].tally.coverage)


def test_what_is_frozen_can_be_read_without_this_program(database: Database, close):
    """Whoever opens the database finds the shares themselves, and no share where there was no data."""
    close()
    with database.read() as session:
        rows = {(row.site, row.circuit): row for row in session.exec(select(ClosedFigure))}

    of_site, of_circuit = rows["BN-0001", None], rows["BN-0001", "C-1"]
    assert (900 / 912, None, 912 / 923) == (of_site.availability, of_site.chargeable, of_site.coverage)
    assert (900 / 907, 900 / 904, 912 / 923) == (of_circuit.availability, of_circuit.chargeable, of_circuit.coverage)
    assert (None, None, None) == (
        rows["BN-0001", "C-2"].availability,
        rows["BN-0001", "C-2"].chargeable,
        rows["BN-0001", "C-2"].coverage,
    )


def test_closed_again_the_newest_counts_and_the_first_is_kept(database: Database, close, noon: datetime):
    close()
    close(Figures({}, {}), reason="cause found", days=1)
    with database.read() as session:
        found = closed.latest(session, "2026-02")
        months = session.exec(select(ClosedMonth)).all()
        kept = session.exec(select(ClosedFigure).where(ClosedFigure.closed == months[0].id)).all()

    assert found
    assert (2, "cause found", {}) == (found.times, found.reason, found.sites)
    assert 3 == len(kept)


def test_another_month_is_not_closed_by_it(database: Database, close):
    close()
    with database.read() as session:
        assert closed.latest(session, "2026-03") is None
