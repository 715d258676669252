"""TLS certificate: whether it is trusted, for the right name, and valid for long enough."""

import time
from dataclasses import dataclass

from pydantic import Field, model_validator

from wanmon.checks.names import HostName
from wanmon.checks.place import address_of
from wanmon.checks.result import CheckParams, Measure, Result, Target, Tools, rtt, unable
from wanmon.checks.thresholds import in_order, passed
from wanmon.checks.wording import shown
from wanmon.model.finding import Verdict
from wanmon.model.reason import Reason
from wanmon.protocols.tls import Handshake, UnusableAuthorities, shake_hands, trusting

#: What it can give as a reason.
REASONS = (
    Reason.TIMEOUT, Reason.REFUSED, Reason.UNREACHABLE, Reason.PROHIBITED, Reason.MALFORMED, Reason.CERTIFICATE,
    Reason.LOCAL,
)  # fmt: skip

_DEFAULT_PORT = 443
_DAY_S = 86_400
_NAMES_TOLD = 20


class Params(CheckParams):
    """`name` is whom the certificate must be for: the target's own name or address unless told.

    `ca_file` (PEM) replaces the system's authorities. Below `days_warning` of validity left it is a warning.
    """

    name: HostName = ""
    port: int | None = Field(default=None, ge=1, le=65535)
    ca_file: str = Field(default="", max_length=4096)
    timeout_s: float = Field(default=5.0, gt=0, le=60)
    days_warning: float = Field(default=30, ge=0, le=3650)
    days_critical: float = Field(default=7, ge=0, le=3650)

    @model_validator(mode="after")
    def _warning_comes_first(self) -> "Params":
        in_order(self.days_warning, self.days_critical, less_is_worse=True)
        return self


@dataclass(frozen=True, slots=True)
class Certificate:
    """What a certificate says of itself; instants are seconds of the epoch."""

    subject: str
    issuer: str
    names: tuple[str, ...]
    expires_at_s: float


async def run(target: Target, params: Params, tools: Tools) -> Result:
    """Do one handshake and judge what the server shows."""
    address = await address_of(target, params.timeout_s)
    if isinstance(address, Result):
        return address
    try:
        context = trusting(params.ca_file)
    except UnusableAuthorities as problem:
        return unable(Reason.LOCAL, str(problem))
    port = params.port or target.port or _DEFAULT_PORT
    name = params.name or target.address
    handshake = await shake_hands(address, port, name, context, params.timeout_s)
    return judge(f"{address} port {port}", handshake, params, time.time())


def judge(place: str, handshake: Handshake, params: Params, now_s: float) -> Result:
    """The verdict on a handshake at an instant (epoch). Pure."""
    took_s = handshake.duration_s
    if handshake.reason is Reason.LOCAL:
        return unable(Reason.LOCAL, f"{place}: {handshake.detail}")
    if not handshake.certificate:
        reason = handshake.reason or Reason.MALFORMED
        return Result(Verdict.CRITICAL, f"{place}: {handshake.detail or 'no certificate'}", reason, took_s)
    certificate = read(handshake.certificate)
    if certificate is None:
        words = f"{place}: {handshake.detail or 'the certificate cannot be read'}"
        return Result(Verdict.CRITICAL, words, handshake.reason or Reason.MALFORMED, took_s)
    return _judged(handshake, certificate, params, now_s)


def read(der: bytes) -> Certificate | None:
    """What a certificate (DER) says, or None where it is none. Pure."""
    # Imported late: `wanmon --help` needs no cryptography.
    from cryptography import x509

    try:
        parsed = x509.load_der_x509_certificate(der)
        names = parsed.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        told = (*names.get_values_for_type(x509.DNSName), *map(str, names.get_values_for_type(x509.IPAddress)))
    except x509.ExtensionNotFound:
        told = ()
    except ValueError:
        return None
    return Certificate(
        shown(parsed.subject.rfc4514_string()),
        shown(parsed.issuer.rfc4514_string()),
        tuple(shown(name) for name in told[:_NAMES_TOLD]),
        parsed.not_valid_after_utc.timestamp(),
    )


def _judged(handshake: Handshake, certificate: Certificate, params: Params, now_s: float) -> Result:
    days = (certificate.expires_at_s - now_s) / _DAY_S
    verdict = passed(days, params.days_warning, params.days_critical, less_is_worse=True)
    words = f"{certificate.subject or 'a certificate without a subject'} {_lasting(days)}"
    if handshake.reason is not None:
        verdict, words = Verdict.CRITICAL, f"{shown(handshake.detail)}: {words}"
    return Result(
        verdict,
        words,
        None if verdict is Verdict.OK else Reason.CERTIFICATE,
        handshake.duration_s,
        (Measure("days", round(days, 2), "", params.days_warning, params.days_critical), rtt(handshake.duration_s)),
        expires_at_s=certificate.expires_at_s,
        details={"subject": certificate.subject, "issuer": certificate.issuer, "names": list(certificate.names)},
    )


def _lasting(days: float) -> str:
    return f"expires in {days:.0f} days" if days >= 0 else f"expired {-days:.0f} days ago"
