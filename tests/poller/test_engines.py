"""Clones and lost memories of SNMPv3 engines are told once."""

from structlog.testing import capture_logs

from wanmon.poller.engines import EngineWatch
from wanmon.protocols.snmp.remotes import Remote, Remotes

ENGINE_ID = b"\x80\x00\x1f\x88\x04clone"


def heard(remotes: Remotes, host: str, boots: int, time_s: int) -> Remote:
    remote = remotes.at((host, 161))
    remote.discovered(ENGINE_ID, 0, 0, 5000.0)
    remote.hear(boots, time_s, 5000.0)
    return remote


def told(watch: EngineWatch) -> list[tuple[object, ...]]:
    with capture_logs() as logs:
        watch.look()
    return [(line["event"], *(line[key] for key in sorted(line) if key not in ("event", "log_level"))) for line in logs]


def test_a_shared_engine_id_is_told_once_and_again_when_one_more_has_it():
    remotes = Remotes()
    watch = EngineWatch(remotes)
    heard(remotes, "10.0.0.1", 1, 1000)
    assert [] == told(watch)

    heard(remotes, "10.0.0.2", 2, 2000)
    assert [("snmp engine id shared", "10.0.0.1 10.0.0.2", ENGINE_ID.hex())] == told(watch)
    assert [] == told(watch)

    heard(remotes, "10.0.0.3", 3, 3000)
    assert [("snmp engine id shared", "10.0.0.1 10.0.0.2 10.0.0.3", ENGINE_ID.hex())] == told(watch)


def test_boots_that_went_backwards_are_told_each_time_it_happens():
    remotes = Remotes()
    watch = EngineWatch(remotes)
    remote = heard(remotes, "10.0.0.1", 7, 1000)
    assert [] == told(watch)

    remote.resynchronise(1, 5, 5100.0)
    assert [("snmp engine boots went backwards", "10.0.0.1", 1)] == told(watch)
    assert [] == told(watch)

    remote.resynchronise(1, 3, 5200.0)
    assert [("snmp engine boots went backwards", "10.0.0.1", 2)] == told(watch)
