"""Families: from events to edges, one file a family. Owns putting them together."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from watchkeeper.evidence import origin
from watchkeeper.model.event import Event
from watchkeeper.tracing.fact import Fact
from watchkeeper.tracing.families import alert, audited, file, general, lasting, logon, network, process, registry, script, zeek
from watchkeeper.tracing.families.pattern import Cast, Pattern
from watchkeeper.tracing.families.pattern import facts as _shown

FAMILIES = (process, logon, file, registry, network, lasting, script, zeek)

_PATTERNS: dict[str, tuple[Pattern, ...]] = defaultdict(tuple)
for _family in FAMILIES:
    for _kind, _edges in _family.PATTERNS.items():
        _PATTERNS[_kind] += _edges


def patterns(kind: str) -> tuple[Pattern, ...] | None:
    """Give the edges that a kind of event, as `evidence.origin` names it, may show; none where the event as a whole is read."""
    return None if kind in audited.KINDS else _PATTERNS.get(kind)


def facts(events: Iterable[Event], cast: Cast) -> Iterator[Fact]:
    """Yield every edge that the events show, in their order."""
    for event in events:
        kind = origin(event.logsource)
        if kind in audited.KINDS:
            yield from audited.facts(event, cast)
        else:
            yield from _shown(event, _PATTERNS[kind], cast) if kind in _PATTERNS else general.facts(event, cast)
        yield from alert.facts(event, cast)
