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
    # Only checks give these; the first six are the steps of a login.
    TCP = "tcp"  # no connection
    BANNER = "banner"  # what answers does not speak SSH
    KEY_EXCHANGE = "key_exchange"  # no algorithm in common
    HOST_KEY = "host_key"  # not the key that is trusted
    PROMPT = "prompt"  # let in, and no prompt came
    OUTPUT = "output"  # a command that was never done, or whose output cannot be read
    LOSS = "loss"  # more is lost than the threshold allows
    SLOW = "slow"  # it takes longer than the threshold allows
    UNEXPECTED = "unexpected"  # an answer, and not the one that is wanted
    CERTIFICATE = "certificate"  # expired, for another name, or signed by nobody we trust
    CHANGED = "changed"  # another path than the one it is compared with
    SMALL = "small"  # packets of the wanted size do not pass


#: Reasons by which *we* could not tell: they never count as up or as down (an observation of `none`).
NO_OBSERVATION = frozenset({Reason.LOCAL, Reason.ISOLATED, Reason.AUTH, Reason.PRIVACY, Reason.TIME_WINDOW})
#: What no probe of the poller ever gives.
OF_CHECKS = frozenset(
    {
        Reason.TCP, Reason.BANNER, Reason.KEY_EXCHANGE, Reason.HOST_KEY, Reason.PROMPT, Reason.OUTPUT, Reason.LOSS,
        Reason.SLOW, Reason.UNEXPECTED, Reason.CERTIFICATE, Reason.CHANGED, Reason.SMALL,
    }
)  # fmt: skip
#: Reasons that speak against the credential alone: the device refused it.
REFUSALS = frozenset({Reason.AUTH, Reason.PRIVACY})
