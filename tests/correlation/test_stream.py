"""Correlation as signals come: the same however they are cut and wherever it was stopped, late ones filed, memory bounded."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.baseline import Baseline
from watchkeeper.correlation import Correlated, Correlator, Knowledge, joined
from watchkeeper.correlation.kept import Kept
from watchkeeper.model.asset import Asset
from watchkeeper.model.level import LEVELS

KNOWN = Knowledge(lambda host: Asset(name=host))
drawn = st.fixed_dictionaries(
    {
        "rule": st.sampled_from("abcdefgh"),
        "minute": st.integers(0, 6 * 1440),
        "host": st.sampled_from(["", "ws1", "ws2", "dc"]),
        "level": st.sampled_from(LEVELS),
        "user": st.sampled_from(["", "alice", "system"]),
        "tactics": st.lists(st.sampled_from(["execution", "credential-access"]), max_size=2),
        "entities": st.lists(st.sampled_from(["address:192.0.2.7", "host:dc", "hash:abc"]), max_size=2, unique=True),
    }
)


def streamed(table: pa.Table, cuts: list[int], *, restarted: bool) -> Correlated:
    """Correlate a table in time order piece by piece; a restart goes on from bytes in another correlator."""
    stream = Correlator(KNOWN, Baseline.empty())
    parts = []
    for start, end in zip([0, *cuts], [*cuts, table.num_rows], strict=True):
        parts.append(stream.take(table.slice(start, end - start)))
        if restarted:
            stream = Correlator(KNOWN, Baseline.empty(), Kept.from_bytes(stream.keep().to_bytes()))
    return joined([*parts, stream.finish()], stream.baseline, KNOWN)


def in_order(story: SimpleNamespace, rows: list[dict[str, object]]) -> pa.Table:
    return story.table(sorted(rows, key=lambda row: (row["time"], row["id"])))


def assert_same(one: Correlated, other: Correlated) -> None:
    assert one.signals.combine_chunks().equals(other.signals.combine_chunks())
    assert one.incidents == other.incidents
    assert (one.folds, one.sessions) == (other.folds, other.sessions)
    assert one.baseline.table.equals(other.baseline.table)


@given(kept=st.lists(drawn, max_size=60), cuts=st.lists(st.integers(0, 60), max_size=6), restarted=st.booleans())
def test_signals_cut_anywhere_and_a_restart_anywhere_give_the_same(
    story: SimpleNamespace, kept: list[dict[str, Any]], cuts: list[int], *, restarted: bool
) -> None:
    table = in_order(story, [story.signal(**one) | {"id": f"{at:032x}"} for at, one in enumerate(kept)])
    places = sorted(min(cut, table.num_rows) for cut in cuts)
    assert_same(streamed(table, places, restarted=restarted), story.run(table.to_pylist()))


def week(story: SimpleNamespace) -> pa.Table:
    """A week of everyday signals, and on the fourth night an attack on either side of the midnight of its days."""
    steps = ("macro", "download", "dump", "spread", "archive")
    attack = [story.signal(f"attack {step}", 4 * 1440 - 30 + 15 * at, "ws2", level="high", user="bob") for at, step in enumerate(steps)]
    return in_order(story, [*story.everyday(5, 24 * 7), *attack])


def test_an_attack_across_the_end_of_a_day_stays_one_incident_wherever_it_is_stopped(story: SimpleNamespace) -> None:
    table = week(story)
    whole = story.run(table.to_pylist())
    assert [len(incident.folds) for incident in whole.incidents] == [5]
    for cut in range(0, table.num_rows, 331):
        assert_same(streamed(table, [cut], restarted=True), whole)


def test_what_is_settled_is_let_go(story: SimpleNamespace) -> None:
    stream = Correlator(KNOWN, Baseline.empty())
    sizes: list[int] = []
    table = in_order(story, story.everyday(5, 24 * 20))
    for day in range(20):
        stream.take(table.slice(day * 360, 360))
        kept = stream.keep()
        sizes.append(len(kept.folds) + len(kept.met) + kept.waiting.num_rows + len(kept.learnt))
    assert max(sizes[4:]) <= 1.2 * sizes[4]


def test_now_says_what_there_is_and_changes_nothing(story: SimpleNamespace) -> None:
    table = week(story)
    stream = Correlator(KNOWN, Baseline.empty())
    first = stream.take(table.slice(0, 1500))
    before = stream.keep().to_bytes()
    assert stream.now().settled.sessions
    assert stream.keep().to_bytes() == before
    parts = [first, stream.take(table.slice(1500)), stream.finish()]
    assert_same(joined(parts, stream.baseline, KNOWN), story.run(table.to_pylist()))


def test_a_signal_that_comes_late_is_filed_and_counted(story: SimpleNamespace) -> None:
    stream = Correlator(KNOWN, Baseline.empty())
    parts = [stream.take(story.table([story.signal("a", minute) for minute in (0, 30, 60, 200)]))]
    parts.append(stream.take(story.table([story.signal("late", 10), story.signal("a", 260)])))
    got = joined([*parts, stream.finish()], stream.baseline, KNOWN)
    assert stream.late == 1
    assert sum(fold.count for fold in got.folds) == got.signals.num_rows == 6
    (late,) = (fold for fold in got.folds if fold.rule == "late")
    assert late.first == story.start + timedelta(minutes=10)


def test_signals_without_a_time_are_settled_with_the_day_they_came(story: SimpleNamespace) -> None:
    stream = Correlator(KNOWN, Baseline.empty())
    parts = [stream.take(story.table([story.signal("a", None), story.signal("a", 0)]))]
    parts += [stream.take(story.table([story.signal("a", 1440 * day + 5)])) for day in range(1, 6)]
    got = joined([*parts, stream.finish()], stream.baseline, KNOWN)
    assert sum(fold.count for fold in got.folds if fold.first is None) == 1
    assert got.signals.num_rows == 7


def test_one_clock_that_is_wrong_does_not_carry_all_others_away(story: SimpleNamespace) -> None:
    table = week(story)
    wrong = story.signal("clock", 40 * 1440, "ws9")
    stream = Correlator(KNOWN, Baseline.empty())
    parts = [stream.take(table.slice(0, 900)), stream.take(story.table([wrong]))]
    parts += [stream.take(table.slice(900 + 200 * at, 200)) for at in range(20)]
    assert stream.late == 0
    assert stream.keep().marks.day < 8
    got = joined([*parts, stream.finish()], stream.baseline, KNOWN)
    assert got.signals.num_rows == table.num_rows + 1
    assert [len(incident.folds) for incident in got.incidents] == [5]


def test_days_without_signals_let_go_too(story: SimpleNamespace) -> None:
    stream = Correlator(KNOWN, Baseline.empty())
    for week_number in range(6):
        rows = [row | {"time": row["time"] + timedelta(days=7 * week_number)} for row in story.everyday(3, 24)]
        stream.take(in_order(story, rows))
    assert len(stream.keep().sessions.spans) <= 2 * 3 * 24


def told_of(table: pa.Table, cuts: list[int], *, restarted: bool) -> tuple[Correlated, list[dict[str, frozenset[str]]]]:
    """Correlate piece by piece as a console would, people hearing of all that is underway; give what they heard each time, too."""
    stream, parts, heard = Correlator(KNOWN, Baseline.empty()), [], []
    for start, end in zip([0, *cuts], [*cuts, table.num_rows], strict=True):
        parts.append(stream.take(table.slice(start, end - start)))
        now = stream.now().settled
        stream.name(now)
        heard.append({one.id: frozenset(piece.folded.id for piece in one.pieces) for one in now.incidents})
        if restarted:
            stream = Correlator(KNOWN, Baseline.empty(), Kept.from_bytes(stream.keep().to_bytes()))
    return joined([*parts, stream.finish()], stream.baseline, KNOWN), heard


def anonymous(found: Correlated) -> list[tuple[frozenset[str], float, tuple[str, ...]]]:
    """Give incidents without the names by which people know them."""
    return sorted((frozenset(fold.id for fold in one.folds), one.score, one.sessions) for one in found.incidents)


@given(kept=st.lists(drawn, max_size=60), cuts=st.lists(st.integers(0, 60), max_size=6), restarted=st.booleans())
def test_hearing_of_incidents_early_changes_nothing_but_their_ids(
    story: SimpleNamespace, kept: list[dict[str, Any]], cuts: list[int], *, restarted: bool
) -> None:
    table = in_order(story, [story.signal(**one) | {"id": f"{at:032x}"} for at, one in enumerate(kept)])
    got, _ = told_of(table, sorted(min(cut, table.num_rows) for cut in cuts), restarted=restarted)
    whole = story.run(table.to_pylist())
    assert anonymous(got) == anonymous(whole)
    assert len({one.id for one in got.incidents}) == len(got.incidents)
    assert (got.folds, got.baseline.table) == (whole.folds, whole.baseline.table)


def test_an_incident_keeps_its_id_while_it_grows_and_when_it_settles(story: SimpleNamespace) -> None:
    table = week(story)
    got, heard = told_of(table, list(range(10, table.num_rows, 97)), restarted=True)
    attack = {fold.id for fold in got.folds if fold.rule.startswith("attack")}
    held = [(id_, len(folds & attack)) for now in heard for id_, folds in now.items() if folds & attack]
    assert {id_ for id_, _ in held} == {got.incidents[0].id}
    assert [count for _, count in held] == sorted(count for _, count in held)
    assert held[-1][1] == 5


def test_of_two_that_turn_out_to_be_one_the_larger_goes_on_and_says_so(story: SimpleNamespace) -> None:
    stream = Correlator(KNOWN, Baseline.empty())
    stream.take(in_order(story, story.everyday(5, 48)))
    one = [story.signal(f"dump {at}", 3000 + at, "ws1", level="high", user="mallory") for at in range(3)]
    other = [story.signal(f"spread {at}", 3000 + at, "ws2", level="high", user="eve") for at in range(2)]
    stream.take(story.table([*one, *other]))
    before = stream.now().settled
    stream.name(before)
    by_folds = sorted(before.incidents, key=lambda incident: len(incident.pieces))
    assert len(by_folds) == 2
    bridge = story.signal("bridge", 3010, "ws2", level="high", user="mallory")
    stream.take(story.table([bridge]))
    (after,) = stream.now().settled.incidents
    assert after.id in {incident.id for incident in by_folds}
    assert after.took == [incident.id for incident in by_folds if incident.id != after.id]
