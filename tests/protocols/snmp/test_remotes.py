"""The clocks of engines, by address: when one is believed, when it is set back, and who shares an engine id."""

import pytest

from wanmon.protocols.snmp.remotes import Remote, Remotes

ENGINE_ID = b"\x80\x00\x1f\x88\x04edge"


def known(boots: int = 5, time_s: int = 1000, at_s: float = 100.0) -> Remote:
    """An engine whose clock an authentic message has set at `at_s`."""
    remote = Remote()
    remote.discovered(ENGINE_ID, 0, 0, at_s)
    assert remote.hear(boots, time_s, at_s)
    return remote


def test_a_clock_goes_on_by_itself() -> None:
    assert (5, 1060) == known().now(160.9)


def test_a_clock_ends_at_its_largest_number() -> None:
    assert (5, 2**31 - 1) == known(time_s=2**31 - 10).now(200.0)


# boots and time of a message that comes 60 s after the clock was set to boots 5, time 1000
TIMELY = {
    "as expected": (5, 1060, True),
    "150 s late": (5, 910, True),
    "151 s late": (5, 909, False),
    "ahead, however far": (5, 90_000, True),
    "after a restart": (6, 0, True),
    "from before a restart": (4, 1060, False),
}


@pytest.mark.parametrize(("boots", "time_s", "expected"), TIMELY.values(), ids=TIMELY.keys())
def test_what_is_timely_is_what_rfc_3414_says(boots: int, time_s: int, expected: bool) -> None:
    """Section 3.2 step 7b."""
    assert expected is known().hear(boots, time_s, 160.0)


def test_boots_at_their_end_are_never_timely() -> None:
    """Such an engine must be configured anew (RFC 3414 section 2.3)."""
    remote = Remote()
    remote.discovered(ENGINE_ID, 0, 0, 0.0)

    assert not remote.hear(2**31 - 1, 5, 0.0)


def test_newer_messages_set_the_clock_and_older_ones_do_not() -> None:
    remote = known()
    remote.hear(5, 1055, 160.0)  # slower than ours: the engine's own clock counts
    assert (5, 1055) == remote.now(160.0)

    remote.hear(5, 1050, 161.0)
    assert (5, 1056) == remote.now(161.0)


def test_discovery_tells_a_clock_only_while_no_authentic_message_has() -> None:
    """Anyone can write its answer: it must never set back what an engine itself has said."""
    remote = Remote()
    remote.discovered(ENGINE_ID, 3, 70, 0.0)
    assert (3, 70) == remote.now(0.0)

    remote.hear(5, 1000, 100.0)
    remote.discovered(ENGINE_ID, 1, 1, 100.0)
    assert (5, 1000) == remote.now(100.0)


def test_another_engine_at_the_address_begins_anew() -> None:
    remote = known()
    remote.proven = object()
    remote.discovered(b"another", 1, 2, 100.0)

    assert (b"another", (1, 2), False, None) == (
        remote.engine_id, remote.now(100.0), remote.is_authentic, remote.proven,
    )  # fmt: skip


def test_silence_makes_doubt_and_discovery_ends_it() -> None:
    remote = known()
    assert not remote.is_doubted

    remote.doubt()
    assert remote.is_doubted

    remote.discovered(ENGINE_ID, 0, 0, 100.0)
    assert not remote.is_doubted


@pytest.mark.parametrize(
    ("boots", "time_s", "expected"),
    [(6, 0, 0), (5, 2000, 0), (4, 9999, 1), (5, 10, 1)],
    ids=["a restart", "a jump ahead", "boots back", "time back"],
)
def test_a_clock_that_goes_back_is_counted(boots: int, time_s: int, expected: int) -> None:
    remote = known()
    remote.resynchronise(boots, time_s, 200.0)

    assert (expected, (boots, time_s)) == (remote.rolled_back, remote.now(200.0))


def together(*clocks: tuple[int, int, float], engine_ids: tuple[bytes, ...] = ()) -> dict[str, tuple[str, ...]]:
    """The clones among engines with these boots and times, each set at an instant."""
    remotes = Remotes()
    for number, (boots, time_s, at_s) in enumerate(clocks):
        remote = remotes.at((f"10.0.0.{number + 1}", 161))
        remote.discovered(engine_ids[number] if engine_ids else ENGINE_ID, 0, 0, at_s)
        remote.hear(boots, time_s, at_s)
    return remotes.clones()


CLONES: dict[str, tuple[list[tuple[int, int, float]], list[int]]] = {
    "one device at two addresses": ([(5, 1000, 2000.0), (5, 1003, 2003.9)], []),
    "two of one boot count": ([(5, 1000, 2000.0), (5, 500, 2000.0)], [1, 2]),
    "two that booted together": ([(5, 1000, 2000.0), (6, 1000, 2000.0)], [1, 2]),
    "two clones and one device twice": ([(5, 50, 2000.0), (6, 900, 2000.0), (6, 901, 2001.0)], [1, 2, 3]),
    "a device that restarted in between": ([(5, 1000, 2000.0), (6, 20, 2100.0)], []),
    "a device that lost its memory in between": ([(5, 1000, 2000.0), (1, 20, 2100.0)], []),
    "an address not heard for long": ([(5, 1000, 2000.0), (5, 1500, 2500.0), (9, 450, 2500.0)], [1, 2, 3]),
    "a clone that restarted in between": ([(5, 1000, 2000.0), (6, 400, 2100.0)], [1, 2]),
}  # fmt: skip


@pytest.mark.parametrize(("clocks", "expected"), CLONES.values(), ids=CLONES.keys())
def test_clones_are_told_from_one_device_at_many_addresses(
    clocks: list[tuple[int, int, float]], expected: list[int]
) -> None:
    found = together(*clocks)

    assert ({ENGINE_ID.hex(): tuple(f"10.0.0.{number}" for number in expected)} if expected else {}) == found


def test_different_engine_ids_are_no_clones() -> None:
    assert {} == together((1, 5, 2000.0), (9, 900, 2000.0), engine_ids=(b"one", b"two"))


def test_a_clock_that_nobody_has_authenticated_speaks_against_nobody() -> None:
    remotes = Remotes()
    for number in (1, 2):
        remotes.at((f"10.0.0.{number}", 161)).discovered(ENGINE_ID, number, 100 * number, 2000.0)

    assert {} == remotes.clones()


def test_addresses_are_written_as_operators_write_them() -> None:
    remotes = Remotes()
    for number, address in enumerate([("10.0.0.1", 161), ("10.0.0.1", 1161), ("fd00::1", 1161, 0, 0)]):
        remote = remotes.at(address)
        remote.discovered(ENGINE_ID, 0, 0, 2000.0)
        remote.hear(number, 100 + 900 * number, 2000.0)

    assert {ENGINE_ID.hex(): ("10.0.0.1", "10.0.0.1:1161", "[fd00::1]:1161")} == remotes.clones()
