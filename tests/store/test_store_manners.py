"""How agents can be spoken to, kept across restarts."""

from wanmon.protocols.snmp.manners import Learnt
from wanmon.store import manners
from wanmon.store.database import Database

SLOW = Learnt(484, 700, False, 1.5, 0.2)


def test_what_was_learnt_is_kept_and_replaced(province: Database) -> None:
    with province.write() as session:
        manners.keep(session, "BN-0001-R1", Learnt(1400))
        manners.keep(session, "BN-0001-R1", SLOW)
    with province.read() as session:
        assert {"BN-0001-R1": SLOW} == manners.learnt(session)


def test_of_a_device_that_has_left_nothing_is_kept(province: Database) -> None:
    with province.write() as session:
        manners.keep(session, "GONE", SLOW)
    with province.read() as session:
        assert {} == manners.learnt(session)
