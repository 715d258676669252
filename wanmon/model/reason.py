"""Why an observation is not a plain "ok": a closed list."""

from enum import StrEnum


class Reason(StrEnum):
    """Why an answer did not come, or cannot be believed. "Prohibited" is not "no answer"."""

    TIMEOUT = "timeout"  # silence for the whole time allowed
    LATE = "late"  # an answer after its deadline
    UNREACHABLE = "unreachable"  # the network said so (ICMP, no route)
    PROHIBITED = "prohibited"  # the network said "not allowed"
    REFUSED = "refused"  # the far end said no (port closed, error-status)
    MALFORMED = "malformed"  # bytes that are not the protocol
    MISMATCHED = "mismatched"  # a well-formed answer to something else
    AUTH = "auth"  # unknown user, wrong digest, wrong password
    PRIVACY = "privacy"  # decryption failed at the far end
    TIME_WINDOW = "time_window"  # SNMPv3: engine time does not agree
    TOO_BIG = "too_big"  # the answer does not fit, however little is asked
    NO_SUCH = "no_such"  # the object does not exist there
    PARTIAL = "partial"  # some of what was asked came, some did not
    DEADLINE = "deadline"  # we ran out of the time set for the whole job
    LOCAL = "local"  # our own fault: socket, privilege, missing credential
    ISOLATED = "isolated"  # we ourselves are cut off


#: Reasons by which *we* could not tell: they never count as up or as down (an observation of `none`).
NO_OBSERVATION = frozenset({Reason.LOCAL, Reason.ISOLATED, Reason.AUTH, Reason.PRIVACY, Reason.TIME_WINDOW})
#: Reasons that speak against the credential alone: the device refused it.
REFUSALS = frozenset({Reason.AUTH, Reason.PRIVACY})
