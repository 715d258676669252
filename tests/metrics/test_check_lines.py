"""The lines of checks: one series for each question, and nothing old among them."""

from dataclasses import replace

import pytest

from tests.metrics.rendered import NOW_S, OPEN, TEXT, board, exposition, names, of, samples, scraped, value
from tests.poller.checking.asked import OK, SILENT, UNABLE, certificate, entries, question
from wanmon.checks.result import Result
from wanmon.metrics.checks import CheckRenderer
from wanmon.model.finding import Verdict
from wanmon.model.reason import Reason

#: What the last run measured.
FRESH = {
    "wanmon_check_success", "wanmon_check_duration_seconds", "wanmon_check_rtt_seconds", "wanmon_check_loss_ratio",
    "wanmon_check_tls_certificate_expiry_timestamp_seconds",
}  # fmt: skip


def shown(*results: Result, accept: str = TEXT, now_s: float = NOW_S) -> str:
    return scraped(replace(board(), checks=entries(*results)), accept, now_s)


@pytest.mark.parametrize(
    ("result", "success"),
    [(OK, 1), (replace(OK, verdict=Verdict.WARNING, reason=Reason.LOSS), 0), (SILENT, 0), (UNABLE, None)],
    ids=["ok", "warning", "critical", "unknown"],
)
def test_success_is_ok_alone_and_unknown_is_neither(result, success):
    assert success == value(shown(result), "wanmon_check_success", site="S1", check="echo", target="S1-R1")


def test_failures_are_counted_by_reason_and_every_reason_is_there_from_the_start():
    before, after = shown(), shown(OK, SILENT, SILENT, UNABLE)

    assert {"timeout": 0, "loss": 0, "local": 0} == {
        labels["reason"]: count for labels, count in of(before, "wanmon_check_failures_total")
    }
    assert {"timeout": 2, "loss": 0, "local": 1} == {
        labels["reason"]: count for labels, count in of(after, "wanmon_check_failures_total")
    }
    assert (0, 4) == (value(before, "wanmon_check_runs_total"), value(after, "wanmon_check_runs_total"))


def test_a_question_nobody_asked_yet_has_an_interval_and_an_info_and_no_values():
    text = shown()

    assert 60 == value(text, "wanmon_check_interval_seconds")
    assert 1 == value(text, "wanmon_check_info", kind="icmp_echo", vantage="hub")
    assert set() == names(text) & {*FRESH, "wanmon_check_last_run_timestamp_seconds"}


def test_what_was_measured_is_withdrawn_after_three_intervals_and_when_it_was_asked_is_not():
    found = certificate(1_800_000_000.0)
    fresh, old = shown(found, now_s=NOW_S + 179), shown(found, now_s=NOW_S + 180)

    assert set() == FRESH - names(fresh)
    assert set() == FRESH & names(old)
    assert {"wanmon_check_last_run_timestamp_seconds", "wanmon_check_last_success_timestamp_seconds"} <= names(old)
    assert 1_800_000_000 == value(fresh, "wanmon_check_tls_certificate_expiry_timestamp_seconds")


def test_a_scrape_of_some_sites_has_their_checks_alone():
    checks = {**entries(OK), **entries(OK, asked=question("S2", target="S2-R1"))}
    made = exposition().narrowed(replace(board(), checks=checks), {"S2"}, NOW_S, TEXT).body.decode()

    assert [{"site": "S2", "device": "", "check": "echo", "target": "S2-R1"}] == [
        labels for labels, _ in of(made, "wanmon_check_success")
    ]


@pytest.mark.parametrize("accept", [TEXT, OPEN])
def test_no_target_breaks_the_scrape(accept):
    odd = entries(OK, asked=question(target='"}\n\\x'))
    text = scraped(replace(board(), checks=odd), accept)

    assert ['"}\n\\x'] == [labels["target"] for labels, _ in of(text, "wanmon_check_success")]
    assert samples(text)


def test_only_what_changed_is_rendered_again():
    renderer = CheckRenderer()
    first, second = entries(OK), entries(OK, asked=question("S2", target="S2-R1"))
    before = renderer.lines({**first, **second})
    after = renderer.lines({**first, **entries(SILENT, asked=question("S2", target="S2-R1"))})
    [one], [other] = first, second

    assert before[one] is after[one]
    assert before[other] != after[other]
    assert {one} == renderer.lines(first).keys()
