"""What is closed stays in the case, says why, is not shown but for what is drawn, and never against the bars."""

from datetime import UTC, datetime, timedelta

import pyarrow as pa
import pytest

from watchkeeper.autopilot.closing import settle
from watchkeeper.baseline import Baseline
from watchkeeper.correlation import Correlated, Knowledge, correlate
from watchkeeper.model.asset import Asset
from watchkeeper.model.signal import SIGNAL_SCHEMA
from watchkeeper.model.subject import Precedent, Subject
from watchkeeper.triage import NO_EXPERIENCE, SHOWN_SHARE, Experience, is_drawn, learn

START = datetime(2025, 1, 1, tzinfo=UTC)
KEY = b"k" * 32
SESSIONS = 300


def _signal(at: int, when: datetime, level: str = "low", detector: str = "sigma") -> dict[str, object]:
    return {
        "id": f"{at}", "event_id": f"e{at}", "time": when, "host": "h", "user": "u", "source": "f", "row": at, "rule": "chatter",
        "title": "Chatter", "level": level, "detector": detector, "techniques": [], "tactics": [], "entities": [], "matches": [],
        "synthetic": False,
    }  # fmt: skip


def _found(start: datetime, *, detector: str = "sigma") -> Correlated:
    rows = [_signal(at, start + timedelta(hours=3 * at), detector=detector) for at in range(SESSIONS)]
    return correlate(pa.Table.from_pylist(rows, schema=SIGNAL_SCHEMA), Baseline.empty(), Knowledge(_asset))


def _asset(name: str) -> Asset:
    return Asset(name=name)


def _word(subject: Subject, at: int) -> Precedent:
    """Every tenth is another thing, and an attack."""
    when = START + timedelta(hours=at)
    if at % 10:
        return Precedent(subject=subject.model_copy(update={"id": f"w{at}", "start": when}), verdict="benign", said=when)
    loud = {**subject.traits, "severity": 2.0, "severe-novelty": 3.0}
    changed = {"id": f"w{at}", "start": when, "rules": ("loud",), "trails": ("loud",), "traits": loud, "prior": 1.0}
    return Precedent(subject=subject.model_copy(update=changed), verdict="succeeded", said=when)


@pytest.fixture(scope="module")
def experience() -> Experience:
    """What people said of 1,200 such sessions a year before."""
    before = settle(_found(START - timedelta(days=900)), _asset, NO_EXPERIENCE, KEY).subjects
    highest = {name: max(one.traits[name] for one in before) + 0.1 for name in before[0].traits}
    widest = before[0].model_copy(update={"traits": highest})
    return learn(_word(widest, at) for at in range(1200))


@pytest.fixture(scope="module")
def found() -> Correlated:
    return _found(START + timedelta(days=400))


def test_without_words_nothing_is_closed_and_the_case_says_why(found: Correlated) -> None:
    settled = settle(found, _asset, NO_EXPERIENCE, KEY)
    assert [session.shown for session in settled.found.sessions] == [session.shown for session in found.sessions]
    assert all(session.verdict is None and session.attack is not None for session in settled.found.sessions)
    assert settled.found.signals == found.signals
    assert [note.code for note in settled.why] == ["triage.closing.too-few"]
    assert len(settled.subjects) == len(found.sessions) + len(found.incidents)


def test_what_is_closed_says_why_and_is_shown_only_if_drawn(found: Correlated, experience: Experience) -> None:
    settled = settle(found, _asset, experience, KEY)
    closed = [session for session in settled.found.sessions if session.verdict]
    assert len(closed) > SESSIONS / 2
    for session in closed:
        assert session.verdict
        assert (session.verdict.outcome, session.verdict.decided_by) == ("benign", "fast")
        assert session.verdict.why[0].code == "triage.closed"
        assert {"closed", "misses", "bound", "threshold"} <= session.verdict.why[0].arguments.keys()
        assert session.shown == is_drawn(session.id, KEY) == (session.verdict.why[-1].code == "triage.drawn")
    shown = {session.id for session in settled.found.sessions if session.shown}
    marks = zip(*(settled.found.signals.column(name).to_pylist() for name in ("session", "shown")), strict=True)
    assert all(mark == (session in shown) for session, mark in marks)
    assert settled.found.signals.num_rows == found.signals.num_rows, "nothing is deleted"
    chances = {subject.id: subject.chance for subject in settled.subjects}
    assert {chances[session.id] for session in closed} == {SHOWN_SHARE}
    assert [note.code for note in settled.why][:2] == ["triage.closing.proven", "triage.closing.done"]


def test_nothing_is_closed_on_a_critical_host_or_where_intelligence_knows_something(found: Correlated, experience: Experience) -> None:
    critical = settle(found, lambda name: Asset(name=name, criticality=5), experience, KEY)
    assert not any(session.verdict for session in critical.found.sessions)
    known = settle(_found(START + timedelta(days=400), detector="intel"), _asset, experience, KEY)
    assert not any(session.verdict for session in known.found.sessions)
    assert {note.code for note in known.why} >= {"triage.barred.intelligence"}
