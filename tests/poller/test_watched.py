"""A task that should never end: begun anew when it fails, but for the loss of the lease."""

import asyncio

import pytest

from wanmon.errors import LeaseHeld
from wanmon.poller import loop
from wanmon.poller.loop import watched


def test_a_task_that_fails_is_counted_and_begun_anew(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(loop, "RESTART_AFTER_S", 0.0)
    begun, counted = [], []

    async def work() -> None:
        begun.append(1)
        if len(begun) < 4:
            raise RuntimeError("oh")

    asyncio.run(watched("poll", work, lambda: counted.append(1)))

    assert (4, 3) == (len(begun), len(counted))


def test_the_loss_of_the_lease_is_let_through():
    """Two services must never serve one database."""
    counted: list[int] = []

    async def work() -> None:
        raise LeaseHeld("another process")

    with pytest.raises(LeaseHeld):
        asyncio.run(watched("beat", work, lambda: counted.append(1)))

    assert [] == counted


def test_the_watch_ends_when_it_is_cancelled():
    async def whole() -> None:
        watching = asyncio.create_task(watched("poll", asyncio.Event().wait, lambda: None))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching

    asyncio.run(whole())
