"""Whatever the table can say is held to the same: what an event shows stands, and every lie next to it is refused with a reason."""

from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from claims_lies import events_in, lies, truth, truths
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from watchkeeper.evidence import origin, refusal
from watchkeeper.evidence.predicates import ANY, ATTRIBUTE, CONDITIONS, COUNTED, MANY, TABLE
from watchkeeper.model.event import Event
from watchkeeper.model.logsource import LogSource

NINE = datetime(2024, 3, 5, 9, tzinfo=UTC)
KINDS = [
    (predicate, kind)
    for predicate, shapes in TABLE.items()
    for kind, shape in shapes.items()
    if not any(place.startswith(ATTRIBUTE) for place in shape.values())
]
"""What is read off native fields; what the schema's attributes show is held to the same by real events."""
CHANNELS = {
    "sysmon": "Microsoft-Windows-Sysmon/Operational", "powershell": "Microsoft-Windows-PowerShell/Operational",
    "powershell-classic": "Windows PowerShell", "defender": "Microsoft-Windows-Windows Defender/Operational", "security": "Security",
    "system": "System",
}  # fmt: skip
PATHS = st.builds(
    "{}{}.{}".format,
    st.sampled_from(["C:\\Windows\\System32\\", "C:\\Users\\eva\\", "D:\\", "/usr/bin/", "/tmp/"]),  # noqa: S108 -- only text
    st.from_regex(r"[A-Za-z][a-z]{2,8}", fullmatch=True),
    st.sampled_from(["exe", "dll", "txt", "kalofa"]),
)
WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cs", "Cc")), min_size=2, max_size=40)
TEXTS = st.one_of(PATHS, WORDS, st.integers(0, 99_999).map(str), st.integers(0, 99_999).map(hex), st.just("x" * 900))
FIELDS = {"TargetFilename": PATHS, "TargetObject": PATHS}


def logsource(kind: str) -> LogSource:
    log, _, number = kind.partition(" ")
    if kind == ANY:
        return LogSource(product="windows", service="Application", event_type="1000")
    if log in {"zeek", "suricata"}:
        return LogSource(product=log, service=number)
    return LogSource(product="x", service=CHANNELS.get(log, log), event_type=number)


@st.composite
def events(draw: st.DrawFn, predicate: str, kind: str, name: str) -> Event:
    shape = TABLE[predicate][kind]
    fields: dict[str, str | tuple[str, ...]] = {}
    for field in shape.values():
        texts = draw(st.lists(FIELDS.get(field, TEXTS).filter(lambda text: bool(text.strip("- "))), min_size=1, max_size=2))
        fields[field] = texts[0] if len(texts) == 1 else tuple(texts)
    fields |= {one.field: min(one.values) for one in CONDITIONS.get((predicate, kind), ()) if one.is_held}
    moment = NINE + timedelta(microseconds=draw(st.integers(0, 3)))
    return Event(
        id=name, time=moment, host=draw(st.sampled_from(["ws7", "ws8"])), source="a", row=0, logsource=logsource(kind), fields=fields
    )


def _held(told: Iterable[Event], neighbour: Event | None, predicates: Iterable[str] = ()) -> Iterator[tuple[str, str]]:
    """Check everything that can be said of each event; yield the predicate and the lie that each refusal was for."""
    for event in told:
        known = {one.id: one for one in (event, neighbour) if one}
        for claim in truths(event):
            if predicates and claim.predicate not in predicates:
                continue
            assert refusal(claim, known) is None, claim
            for lie, told_lie in lies(claim, [event], neighbour):
                note = refusal(told_lie, known)
                assert note is not None, (lie, claim, told_lie)
                yield claim.predicate, lie


@pytest.mark.parametrize(("predicate", "kind"), KINDS, ids=[f"{predicate}-{kind}" for predicate, kind in KINDS])
@settings(max_examples=8, phases=[Phase.generate])
@given(draws=st.data())
def test_what_an_event_shows_stands_and_lies_next_to_it_do_not(predicate: str, kind: str, draws: st.DataObject) -> None:
    one, neighbour = (draws.draw(events(predicate, kind, name)) for name in ("e", "n"))
    assert origin(one.logsource) == kind or kind == ANY
    list(_held([one], neighbour, (predicate, predicate + MANY)))


@pytest.mark.parametrize(("predicate", "kind"), KINDS, ids=[f"{predicate}-{kind}" for predicate, kind in KINDS])
def test_of_several_events_none_may_be_dropped_or_added(predicate: str, kind: str) -> None:
    fields: dict[str, str | tuple[str, ...]] = {field: f"C:\\Tools\\{field}.exe" for field in TABLE[predicate][kind].values()}
    fields |= {one.field: min(one.values) for one in CONDITIONS.get((predicate, kind), ()) if one.is_held}
    some = [
        Event(id=f"e{at}", time=NINE + timedelta(seconds=at), host="ws7", source="a", row=at, logsource=logsource(kind), fields=fields)
        for at in range(4)
    ]
    claim = truth(predicate if predicate in COUNTED else predicate + MANY, *some[:3])
    assert claim is not None
    known = {event.id: event for event in some}
    assert refusal(claim, known) is None
    told = Counter(name for name, lie in lies(claim, some[:3], some[3]) if refusal(lie, known) is not None)
    made = Counter(name for name, _ in lies(claim, some[:3], some[3]))
    assert told == made
    assert predicate in COUNTED or {"event dropped", "event added"} <= made.keys()


SETS = (
    "otrf/atomic/windows/lateral_movement/host/covenant_psremoting_grunt.zip",
    "otrf/atomic/windows/lateral_movement/host/empire_wmic_add_user_backdoor.zip",
    "otrf/atomic/linux", "sources/stratus-cloudtrail.zip", "sources/suricata-alerts.zip", "sources/wazuh-logs.zip",
)  # fmt: skip
WHOLE = (*SETS, "otrf/compound", "otrf/atomic/windows", "sources/panther-events.zip", "sources/ocsf-examples.zip", "zeek/apt29.zip")


def _each_kind(paths: Iterable[Path], most: int) -> Iterator[tuple[Event, Event | None]]:
    """Yield the first events of each kind with the event of that kind before it."""
    seen: Counter[str] = Counter()
    last: dict[str, Event] = {}
    for event in events_in(paths):
        kind = origin(event.logsource)
        seen[kind] += 1
        if seen[kind] <= most:
            yield event, last.get(kind)
        last[kind] = event


@pytest.mark.parametrize(("sets", "most", "least"), [(SETS, 4, 40), pytest.param(WHOLE, 60, 50, marks=pytest.mark.slow)])
def test_what_real_events_show_stands_and_lies_next_to_it_do_not(data: Path, sets: tuple[str, ...], most: int, least: int) -> None:
    refused = Counter(
        predicate.removesuffix(MANY)
        for event, neighbour in _each_kind([data / name for name in sets], most)
        for predicate, _ in _held([event], neighbour)
    )
    assert len(refused) >= least, sorted(TABLE.keys() - refused.keys())
