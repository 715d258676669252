"""What the checks of a site say together, as the rule of both ends takes it (`health.two_way`). Pure."""

from wanmon.checks.result import Result
from wanmon.health.two_way import Seen
from wanmon.model.finding import Verdict
from wanmon.model.path import Hop
from wanmon.model.reason import Reason
from wanmon.poller.checking.questions import Question

#: Reasons by which a far end was not heard at all; by any other that is not ours it was.
SILENT = frozenset({Reason.TIMEOUT, Reason.LATE, Reason.UNREACHABLE, Reason.PROHIBITED, Reason.DEADLINE, Reason.TCP})
#: Where an agent does not listen, the host says that its port is closed.
NO_AGENT = SILENT | {Reason.REFUSED}
#: Reasons by which nobody was asked.
OURS = frozenset({Reason.LOCAL, Reason.ISOLATED})
_OF_THE_WAY = frozenset({Reason.UNREACHABLE, Reason.PROHIBITED})


def seen(
    router: str,
    address: str,
    target: str,
    *,
    echo: Result | None = None,
    snmp: Result | None = None,
    from_site: Result | None = None,
    direction: Result | None = None,
    path: tuple[Hop, ...] | None = None,
) -> Seen:
    """What is known by an echo (`icmp_echo`) and an agent (`snmp_system`) of a router, and by its own `ssh_path`.

    `direction` is what `loss_direction` found.

    `target` is what the router asks for, `path` a trace from the hub to `address`.
    """
    was_asked = from_site is not None and from_site.verdict is not Verdict.UNKNOWN and not _is_about_login(from_site)
    return Seen(
        router,
        address,
        target,
        echo_loss=_lost(echo),
        snmp_answers=_answers(snmp, NO_AGENT),
        ssh_answers=_login(from_site),
        back_loss=_lost(from_site) if was_asked else None,
        back_reason=from_site.reason if was_asked and from_site and from_site.reason in _OF_THE_WAY else None,
        untried="" if was_asked or from_site is None else from_site.text,
        path=path,
        echo_sent=_sent(echo),
        back_sent=_sent(from_site) if was_asked else 0,
        lost_there=direction.measured("lost_there") if direction else None,
        lost_back=direction.measured("lost_back") if direction else None,
    )


def _sent(result: Result | None) -> int:
    """How many echoes a share is of; 0 where nobody said."""
    sent = result.details.get("sent", 0) if result else 0
    return sent if isinstance(sent, int) else 0


def heard(question: Question, result: Result) -> str:
    """The device that answered TCP or SSH itself, whatever it said: it lives. Empty where none did.

    Where another host key is shown, nobody knows who answers.
    """
    if question.kind == "tcp_connect" and question.device is not None:
        is_heard = result.verdict is not Verdict.UNKNOWN and (result.reason in (None, Reason.REFUSED, Reason.SLOW))
        return question.device.name if is_heard else ""
    if question.kind == "ssh_path" and question.target.router is not None:
        is_heard = result.reason is not Reason.HOST_KEY and bool(_login(result))
        return question.target.router.device if is_heard else ""
    return ""


def _lost(result: Result | None) -> float | None:
    """The share of echoes that was lost; all, where the network said why."""
    if result is None or result.verdict is Verdict.UNKNOWN:
        return None
    return 1.0 if result.loss_ratio is None else result.loss_ratio


def _answers(result: Result | None, silent: frozenset[Reason]) -> bool | None:
    if result is None or result.reason in OURS:
        return None
    return result.reason not in silent


def _login(result: Result | None) -> bool | None:
    """Whether SSH was heard. A router without a trusted key was not even connected to."""
    if result is None or (result.verdict is Verdict.UNKNOWN and result.reason is Reason.HOST_KEY):
        return None
    if result.verdict is Verdict.UNKNOWN:
        return _answers(result, SILENT)
    return True


def _is_about_login(result: Result) -> bool:
    """Whether a changed host key kept us from asking."""
    return result.reason is Reason.HOST_KEY
