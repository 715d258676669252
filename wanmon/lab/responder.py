"""What an agent says to a v1 or v2c request: the rules of RFC 3416 section 4.2 over an object store.

Pure but for the memory of requests already understood. Read-only: a SET is refused and never applied.
"""

from collections.abc import Callable, Collection

from wanmon.lab.agent_wire import V1, ErrorStatus, Malformed, Pdu, Request, read_names, read_request, response
from wanmon.lab.encoding import varbind
from wanmon.lab.objects import Instance, ObjectStore
from wanmon.protocols.snmp.types import Oid, Syntax

#: The largest content of a response's variable-bindings, in bytes; a GETBULK is cut here, a GET gets tooBig.
LARGEST_VARBINDS = 8_192
_REMEMBERED_REQUESTS = 64

#: What a request asked for resolves to: an instance, or a var-bind that says why there is none.
_Plan = list[Instance | bytes]


class Responder:
    """Answers for one device. `malformed` and `refused` count datagrams left without an answer."""

    def __init__(self, communities: Collection[bytes]) -> None:
        self._communities = frozenset(communities)
        self._plans: dict[bytes, _Plan] = {}
        self._planned_for: ObjectStore | None = None
        self.malformed = 0
        self.refused = 0

    def answer(self, datagram: bytes, store: ObjectStore, at_ms: int) -> bytes | None:
        """The response, or None where an agent stays silent: a wrong community, or no request at all."""
        try:
            request = read_request(datagram)
            if request.community not in self._communities:
                self.refused += 1
                return None
            if request.version == V1:
                return _answer_v1(request, store, at_ms)
            if request.pdu is Pdu.GET:
                return self._get(request, store, at_ms)
            return _ANSWERS_V2C[request.pdu](request, store, at_ms)
        except Malformed:
            self.malformed += 1
            return None

    def _get(self, request: Request, store: ObjectStore, at_ms: int) -> bytes:
        """GET in v2c; a poller asks the same again and again, so what was resolved is kept."""
        plan = self._plan(request.varbinds, store)
        content = b"".join([item if isinstance(item, bytes) else item.varbind(at_ms) for item in plan])
        if len(content) > LARGEST_VARBINDS:
            return response(request, b"", ErrorStatus.TOO_BIG)
        return response(request, content)

    def _plan(self, varbinds: bytes, store: ObjectStore) -> _Plan:
        if self._planned_for is not store or len(self._plans) >= _REMEMBERED_REQUESTS:
            self._plans.clear()
            self._planned_for = store
        plan = self._plans.get(varbinds)
        if plan is None:
            plan = [store.get(oid) or varbind(oid, store.absence(oid), b"") for oid in read_names(varbinds)]
            self._plans[varbinds] = plan
        return plan


def _get_next(request: Request, store: ObjectStore, at_ms: int) -> bytes:
    found = [_next(store, oid) or oid for oid in read_names(request.varbinds)]
    content = b"".join([_end(item) if isinstance(item, tuple) else item.varbind(at_ms) for item in found])
    if len(content) > LARGEST_VARBINDS:
        return response(request, b"", ErrorStatus.TOO_BIG)
    return response(request, content)


def _get_bulk(request: Request, store: ObjectStore, at_ms: int) -> bytes:
    """GETBULK (section 4.2.3): as many whole var-binds as fit, row by row."""
    names = read_names(request.varbinds)
    single = min(max(request.second, 0), len(names))
    parts = [
        _end(item) if isinstance(item, tuple) else item.varbind(at_ms)
        for item in (_next(store, oid) or oid for oid in names[:single])
    ]
    room = LARGEST_VARBINDS - sum(map(len, parts))
    parts += _rows(store, names[single:], max(request.third, 0), room, at_ms)
    return response(request, b"".join(parts)) if room >= 0 else response(request, b"", ErrorStatus.TOO_BIG)


def _rows(store: ObjectStore, names: list[Oid], repetitions: int, room: int, at_ms: int) -> list[bytes]:
    """The repeated part of a GETBULK, ending early when the room is used up or every column is at the end."""
    instances = store.instances
    positions = [store.position_after(oid) for oid in names]
    ends = [_end(instances[-1].oid if at < len(instances) else oid) for at, oid in zip(positions, names, strict=True)]
    parts: list[bytes] = []
    for row in range(repetitions if names else 0):
        if row and min(positions) + row > len(instances):
            break
        for column, position in enumerate(positions):
            at = position + row
            part = instances[at].varbind(at_ms) if at < len(instances) else ends[column]
            room -= len(part)
            if room < 0:
                return parts
            parts.append(part)
    return parts


def _refuse_set(request: Request, store: ObjectStore, at_ms: int) -> bytes:
    return response(request, request.varbinds, ErrorStatus.NOT_WRITABLE, 1)


_ANSWERS_V2C: dict[Pdu, Callable[[Request, ObjectStore, int], bytes]] = {
    Pdu.GET_NEXT: _get_next,
    Pdu.GET_BULK: _get_bulk,
    Pdu.SET: _refuse_set,
}


def _answer_v1(request: Request, store: ObjectStore, at_ms: int) -> bytes:
    """GET and GETNEXT of SNMPv1, which knows neither exceptions nor Counter64 (RFC 3584 section 4.2.2)."""
    find = _FIND_V1.get(request.pdu)
    if find is None:
        raise Malformed("GETBULK in SNMPv1")
    parts: list[bytes] = []
    for index, oid in enumerate(read_names(request.varbinds), start=1):
        found = find(store, oid)
        if found is None or found.syntax is Syntax.COUNTER64:
            return response(request, request.varbinds, ErrorStatus.NO_SUCH_NAME, index)
        parts.append(found.varbind(at_ms))
    content = b"".join(parts)
    if len(content) > LARGEST_VARBINDS:
        return response(request, request.varbinds, ErrorStatus.TOO_BIG)
    return response(request, content)


def _next(store: ObjectStore, oid: Oid) -> Instance | None:
    at = store.position_after(oid)
    return store.instances[at] if at < len(store.instances) else None


def _next_v1(store: ObjectStore, oid: Oid) -> Instance | None:
    """The next instance that SNMPv1 can show."""
    found = _next(store, oid)
    while found is not None and found.syntax is Syntax.COUNTER64:
        found = _next(store, found.oid)
    return found


def _end(oid: Oid) -> bytes:
    return varbind(oid, Syntax.END_OF_MIB_VIEW, b"")


#: A SET finds nothing it may write: notWritable is noSuchName in SNMPv1 (RFC 3584 section 4.4).
_FIND_V1: dict[Pdu, Callable[[ObjectStore, Oid], Instance | None]] = {
    Pdu.GET: ObjectStore.get,
    Pdu.GET_NEXT: _next_v1,
    Pdu.SET: lambda store, oid: None,
}
