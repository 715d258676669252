"""How many instances fit into one PDU, by the bytes of the reply. Pure."""

from collections.abc import Iterable, Sequence

#: A var-bind's own header and its value's, in their usual short forms.
HEADERS_BYTES = 4
#: The largest number: a Counter64 with its leading zero.
LARGEST_NUMBER_BYTES = 9


def frame_bytes(community: bytes) -> int:
    """The bytes of a reply around its var-binds, at most."""
    # SEQUENCE, version, community, PDU, request id, error-status, error-index, SEQUENCE
    return 4 + 3 + 4 + len(community) + 4 + 6 + 3 + 4 + 4


def pack(sizes: Iterable[int], limit: int) -> list[Sequence[int]]:
    """Positions in their order, cut so that the sizes of a part sum up to `limit` at most; a part has one at least."""
    parts: list[list[int]] = []
    room = -1
    for position, size in enumerate(sizes):
        if room < size or not parts:
            parts.append([])
            room = limit
        parts[-1].append(position)
        room -= size
    return [tuple(part) for part in parts]
