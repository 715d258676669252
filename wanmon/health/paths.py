"""Traced paths in words, as people read them out over the telephone. Pure."""

from collections.abc import Iterator, Sequence

from wanmon.model.path import Hop


def in_words(hops: Sequence[Hop]) -> str:
    """A path in one line: `10.27.0.1 1.2 ms, 10.27.1.1 2.0 ms, no answer from hop 3`."""
    heard = [hop.number for hop in hops if hop.address or hop.reason]
    last = heard[-1] if heard else 0
    words = [_hop(hop) for hop in hops if hop.number <= last]
    if not hops or hops[-1].number > last:
        words.append(f"no answer from hop {last + 1}")
    return ", ".join(words)


def _hop(hop: Hop) -> str:
    return " ".join(_parts(hop))


def _parts(hop: Hop) -> Iterator[str]:
    yield hop.address or f"hop {hop.number} silent"
    if hop.rtts_s:
        yield f"{min(hop.rtts_s) * 1000:.1f} ms"
    if hop.reason:
        yield f"({hop.reason})"
