"""Hops out of answers, and in words where a path ends; no packet is sent."""

import asyncio

import pytest

from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.protocols.echo_probe import EchoAnswer
from wanmon.protocols.icmp_errors import Refusal
from wanmon.protocols.trace import PathEnd, ends_at, hops_of, trace

A, B, T = "10.0.0.1", "10.0.1.1", "10.9.9.9"
SILENCE = EchoAnswer(reason=Reason.TIMEOUT)


def expired(address: str, rtt_s: float = 0.01) -> EchoAnswer:
    return EchoAnswer(rtt_s, Reason.UNREACHABLE, address, Refusal.EXPIRED)


def refused(address: str, refusal: Refusal) -> EchoAnswer:
    return EchoAnswer(0.01, refusal.reason, address, refusal)


REACHED = EchoAnswer(0.02, source=T)


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([[expired(A)], [REACHED], [REACHED]], (Hop(1, A, (0.01,)), Hop(2, T, (0.02,)))),
        ([[expired(A), expired(A, 0.03)], [SILENCE, REACHED]], (Hop(1, A, (0.01, 0.03)), Hop(2, T, (0.02,)))),
        ([[expired(A), expired(B, 0.03)], [REACHED]], (Hop(1, A, (0.01,)), Hop(2, T, (0.02,)))),
        ([[SILENCE], [REACHED]], (Hop(1), Hop(2, T, (0.02,)))),
        ([[expired(A)], [SILENCE], [SILENCE], [SILENCE]], (Hop(1, A, (0.01,)), Hop(2))),
        ([[SILENCE], [SILENCE]], (Hop(1),)),
        ([[expired(A)], [refused(A, Refusal.PROHIBITED)], [refused(A, Refusal.PROHIBITED)]],
         (Hop(1, A, (0.01,)), Hop(2, A, (0.01,), Reason.PROHIBITED))),
        ([[refused(A, Refusal.UNREACHABLE)], [SILENCE]], (Hop(1, A, (0.01,), Reason.UNREACHABLE),)),
        ([[EchoAnswer(reason=Reason.LOCAL)], [SILENCE]], (Hop(1, "", (), Reason.LOCAL),)),
    ],
    ids=["reached", "two probes", "two routers in turn", "silent on the way", "silent tail", "dead", "prohibited",
         "unreachable", "not sent"],
)  # fmt: skip
def test_answers_make_hops(answers: list[list[EchoAnswer]], expected: tuple[Hop, ...]):
    assert expected == hops_of(answers)


@pytest.mark.parametrize(
    ("hops", "expected"),
    [
        ((Hop(1, A), Hop(2, T)), PathEnd(True, None, "reached at hop 2")),
        ((Hop(1, A), Hop(2)), PathEnd(False, 2, f"answers end at hop 2 (after {A})")),
        ((Hop(1), Hop(2, B), Hop(3)), PathEnd(False, 3, f"answers end at hop 3 (after {B})")),
        ((Hop(1, A),), PathEnd(False, 2, f"answers end at hop 2 (after {A})")),
        (
            (Hop(1, A), Hop(2, B, (), Reason.PROHIBITED)),
            PathEnd(False, 2, f"answers end at hop 2: {B} says prohibited"),
        ),
        ((Hop(1, T, (), Reason.UNREACHABLE),), PathEnd(False, 1, f"answers end at hop 1: {T} says unreachable")),
        ((Hop(1),), PathEnd(False, 1, "answers end at hop 1: nobody on the way answers")),
        ((), PathEnd(False, 1, "answers end at hop 1: nobody on the way answers")),
    ],
    ids=["reached", "silent", "silent in between", "cut", "prohibited", "the target says no", "nobody", "nothing"],
)
def test_where_a_path_ends_is_told(hops: tuple[Hop, ...], expected: PathEnd):
    assert expected == ends_at(hops, T)


def test_an_address_is_the_same_however_it_is_written():
    assert ends_at((Hop(1, "2001:db8::1"),), "2001:0DB8:0::1").reached


def test_what_is_no_address_is_our_own_fault():
    assert (Hop(1, reason=Reason.LOCAL),) == asyncio.run(trace("no-address"))
