"""How scripts of faults, and what became of one, are shown."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from wanmon.cli.frame.amounts import duration
from wanmon.lab.course import START_S
from wanmon.lab.run import Played
from wanmon.lab.script import Event, Script
from wanmon.lab.trouble import KINDS
from wanmon.lab.truth import TrueOutage
from wanmon.lab.verdict import Judged, Ruling, Verdict
from wanmon.model.state import State

EVENTS = ("at", "for_s", "fault", "whom", "meaning")
SCRIPTS = ("name", "title", "days", "faults")
OUTAGES = ("site", "state", "began_at", "ended_at", "lasts_s", "cause", "fault", "real_cause", "delay_s", "verdict")
#: Seconds of a day, of which an availability is a share.
DAY_S = 86_400.0


def script_record(name: str, script: Script) -> Mapping[str, Any]:
    """A script in a list."""
    return {"name": name, "title": script.name, "days": script.days, "faults": len(script.events)}


def event_records(script: Script) -> list[Mapping[str, Any]]:
    """The events of a script, in the order of time."""
    return [
        {
            "at": script.start + timedelta(seconds=event.at_s),
            "for_s": event.for_s,
            "fault": event.fault.value,
            "whom": _whom(event),
            "meaning": KINDS[event.fault].meaning,
        }
        for event in sorted(script.events, key=lambda event: event.at_s)
    ]


def outage_records(verdict: Verdict, script: Script) -> list[Mapping[str, Any]]:
    """What was recorded beside what really was, and what was missed, in the order of time."""
    rows = [_judged_record(each, script) for each in verdict.judged]
    rows += [_missed_record(each, script) for each in verdict.missed]
    return sorted(rows, key=lambda row: (row["began_at"], row["site"]))


def telling(row: Mapping[str, Any]) -> bool:
    """Whether a table for people has this outage: a site's own, or one that was not told rightly."""
    return row["state"] is State.DOWN or row["verdict"] != Ruling.RIGHT


def summary(verdict: Verdict, script: Script, played: Played) -> Mapping[str, Any]:
    """What became of a script, in figures."""
    days = (played.until_s - START_S) / DAY_S
    real_openings = [each for each in verdict.real if each.state is State.DOWN]
    worst = max(verdict.shares, key=lambda share: share.error, default=None)
    coverages = [share.coverage for share in verdict.shares if share.coverage is not None]
    return {
        "script": script.name,
        "sites": len(played.world.inventory.sites),
        "days": days,
        "outages_real": len(verdict.real),
        "outages_recorded": len(verdict.judged),
        "outages_false": len(verdict.false),
        "outages_missed": len(verdict.missed),
        "openings_real": len(real_openings),
        "openings_recorded": len(verdict.openings),
        "openings_false": len(verdict.false_openings),
        "openings_missed": len(verdict.missed_openings),
        "causes_wrong": len(verdict.ruled(Ruling.WRONG_CAUSE)),
        "detection_median_s": verdict.median_delay_s,
        "detection_max_s": verdict.delays_s[-1] if verdict.delays_s else None,
        "availability_worst_site": worst.site if worst else None,
        "availability_worst_error_s": worst.error * days * DAY_S if worst else None,
        "coverage_min": min(coverages, default=None),
        "state_steps": played.steps,
        "state_steps_per_second": round(played.steps / played.wall_s),
        "took_s": played.wall_s,
    }


def _judged_record(each: Judged, script: Script) -> Mapping[str, Any]:
    recorded, real = each.recorded, each.real
    return {
        "site": recorded.site,
        "state": recorded.state,
        "began_at": _at(script, recorded.began_s),
        "ended_at": None if recorded.is_open else _at(script, recorded.ended_s),
        "lasts_s": recorded.ended_s - recorded.began_s,
        "cause": recorded.cause,
        "fault": _fault(real),
        "real_cause": real.cause if real else None,
        "delay_s": each.delay_s,
        "verdict": each.ruling.value,
    }


def _missed_record(real: TrueOutage, script: Script) -> Mapping[str, Any]:
    return {
        "site": real.site,
        "state": real.state,
        "began_at": _at(script, real.from_s),
        "ended_at": _at(script, real.to_s),
        "lasts_s": real.lasts_s,
        "cause": None,
        "fault": _fault(real),
        "real_cause": real.cause,
        "delay_s": None,
        "verdict": "missed",
    }


def _fault(real: TrueOutage | None) -> str:
    if real is None:
        return ""
    return real.trouble.value if real.trouble else "cut above"


def _at(script: Script, at_s: float) -> datetime:
    return script.start + timedelta(seconds=at_s - START_S)


def _whom(event: Event) -> str:
    return ", ".join(_named(event))


def _named(event: Event) -> Iterator[str]:
    """Whom an event befalls, and how much."""
    yield from (event.site,) if event.site else event.sites
    if event.below:
        yield f"all behind {event.below}"
    if event.carrier:
        yield event.carrier
    if event.toward or event.port:
        yield f"toward {event.toward}" if event.toward else f"port {event.port}"
    if event.ratio is not None:
        yield f"{event.ratio:.0%}"
    if event.seconds is not None:
        yield ("-" if event.seconds < 0 else "") + duration(abs(event.seconds))
