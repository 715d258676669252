"""What an SNMP engine counts; `metrics` reads it, nothing here renders it."""

from dataclasses import dataclass


@dataclass(slots=True)
class SnmpCounters:
    """Datagrams and what became of them, since the engine began.

    `requests` left for the first time, `retries` again; `timeouts` are requests that no reply ended. Of what came in,
    `replies` were taken; `malformed`, `mismatched` (another address, community, version, or other OIDs than asked) and
    `late` (a request already ended, duplicates too) were put aside while their request waited on.
    """

    requests: int = 0
    retries: int = 0
    replies: int = 0
    timeouts: int = 0
    malformed: int = 0
    mismatched: int = 0
    late: int = 0
