"""What a run leaves behind: cases, incidents, feedback, and baselines that are used only where they belong."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import delete, exists, literal, select, update
from sqlalchemy.orm import aliased

from watchkeeper.model.edit import Edit, Merge, Split
from watchkeeper.model.entity import Entity
from watchkeeper.model.feedback import Feedback
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.live import Cursor
from watchkeeper.model.note import Note
from watchkeeper.model.sender import Sender
from watchkeeper.model.subject import Subject
from watchkeeper.model.suppression import Suppression
from watchkeeper.model.verdict import Outcome
from watchkeeper.model.watch import Standing, Watch
from watchkeeper.store import Advance, Store, Wanted, open_store, platform_tables, tables
from watchkeeper.store.columns import Owned, Table

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def _incident(name: str, rank: int) -> Incident:
    return Incident(
        id=name, rank=rank, title="t", level="high", score=1.0, start=NOW, end=NOW, sessions=(), folds=(), hosts=("h",), entities=(),
        techniques=(), tactics=(), why=(), shown=True,
    )  # fmt: skip


def _case(*incidents: Incident, made: datetime = NOW) -> Case:
    return Case(
        version="0",
        made=made,
        sources=(),
        rules=1,
        rule_problems=(),
        events=1,
        signals=1,
        folds=1,
        sessions=(),
        incidents=incidents,
        assets=(),
    )


def _save(store: Store, name: str, out: Path, case: Case) -> None:
    store.save(name, case, out, case.incidents)


def test_incidents_outlive_the_store_that_saved_them(place: Path | str) -> None:
    with closing(open_store(place)) as first:
        _save(first, "c1", Path(), _case(_incident("a", 1), _incident("b", 2)))
    with closing(open_store(place)) as second:
        assert [incident.id for incident in second.incidents()] == ["a", "b"]


def test_the_same_case_again_replaces_its_incidents(store: Store, tmp_path: Path) -> None:
    _save(store, "c1", tmp_path, _case(_incident("a", 1), _incident("b", 2)))
    _save(store, "c1", tmp_path, _case(_incident("a", 1)))
    _save(store, "c2", tmp_path, _case(_incident("z", 1), made=NOW + timedelta(days=1)))
    assert [incident.id for incident in store.incidents()] == ["z", "a"]


def test_feedback_keeps_its_order_and_outlives_its_incident(store: Store, tmp_path: Path) -> None:
    _save(store, "c1", tmp_path, _case(_incident("a", 1)))
    words = [Feedback(subject="a", verdict=verdict, why="w", by="me", time=NOW) for verdict in ("benign", "succeeded")]
    for word in words:
        store.add_feedback(word)
    _save(store, "c1", tmp_path, _case())
    assert store.feedback() == tuple(words)


def test_what_was_kept_when_only_incidents_were_judged_is_still_read() -> None:
    kept = {"incident": "a", "verdict": "benign", "why": "w", "by": "me", "time": "2025-01-01T00:00:00Z"}
    assert Feedback.model_validate(kept) == Feedback(subject="a", verdict="benign", why="w", by="me", time=NOW)


def test_suppressions_and_edits_are_kept_with_what_became_of_them(store: Store) -> None:
    later = Suppression(id="b", rule="r", where=(), owner="o", why="w", created=NOW, expires=NOW + timedelta(days=9))
    sooner = later.model_copy(update={"id": "a", "expires": NOW + timedelta(days=2)})
    for one in (later, sooner, ended := later.model_copy(update={"ended": NOW})):
        store.keep_suppression(one)
    assert store.suppressions() == (sooner, ended)
    edit = Edit(number=1, change=Merge(into="a", other="b"), why="w", by="me", time=NOW)
    split = Edit(number=2, change=Split(incident="a", folds=("f",), made="c"), why="w", by="me", time=NOW)
    for change in (edit, split, undone := edit.model_copy(update={"undone": NOW})):
        store.keep_edit(change)
    assert store.edits() == (undone, split)


def test_what_rules_ask_for_is_known_by_their_ids(store: Store) -> None:
    store.keep_meanings({"a": "1", "b": "2"})
    store.keep_meanings({"b": "3"})
    assert store.meanings(["a", "b", "c"]) == {"a": "1", "b": "3"}


def test_a_baseline_is_used_for_later_cases_of_the_same_hosts_only(store: Store) -> None:
    store.save_baseline("c1", (NOW, NOW + timedelta(hours=8)), ["a", "b", "c"], b"one")
    store.save_baseline("c1", (NOW, NOW + timedelta(hours=8)), ["a", "b", "c"], b"one again")
    tomorrow = NOW + timedelta(days=1)
    assert store.baselines(tomorrow, ["a", "b", "x", "y"]) == (b"one again",)
    assert store.baselines(NOW, ["a", "b", "c"]) == (), "the same evidence must not explain itself away"
    assert store.baselines(tomorrow, ["x", "y", "c"]) == ()
    assert store.baselines(tomorrow, []) == ()


def _subject(name: str, *, chance: float = 1.0) -> Subject:
    return Subject(
        id=name, about="session", start=NOW, rules=("r",), severe=(), trails=("t",), prior=0.0, traits={"score": 1.0}, chance=chance
    )  # fmt: skip


def _said(name: str, verdict: Outcome) -> Feedback:
    return Feedback(subject=name, verdict=verdict, why="w", by="me", time=NOW)


def test_words_come_back_with_what_they_were_about_for_the_same_hosts_only(store: Store, tmp_path: Path) -> None:
    case = _case(_incident("a", 1), _incident("b", 2))
    store.save("c1", case, tmp_path, case.incidents)
    store.save_baseline("c1", (NOW, NOW), ["h1", "h2"], b"")
    store.save_subjects("c1", [_subject("a"), _subject("b")])
    store.add_feedback(_said("a", "benign"))
    store.add_feedback(_said("a", "blocked"))
    assert [(one.subject, one.verdict) for one in store.precedents(["h1", "h2"])] == [(_subject("a"), "benign"), (_subject("a"), "blocked")]
    assert store.precedents(["elsewhere"]) == ()


def test_what_a_person_judged_stays_as_it_was_seen_then_and_the_rest_is_replaced(store: Store, tmp_path: Path) -> None:
    case = _case(_incident("a", 1))
    store.save("c1", case, tmp_path, case.incidents)
    store.save_baseline("c1", (NOW, NOW), ["h"], b"")
    store.save_subjects("c1", [_subject("a", chance=0.015), _subject("gone")])
    store.add_feedback(_said("a", "benign"))
    store.save_subjects("c1", [_subject("a"), _subject("new")])
    (kept,) = store.precedents(["h"])
    assert kept.subject.chance == 0.015


def _everything(store: Store) -> dict[str, object]:
    """Ask everything that can be asked of a store."""
    asked = {
        "baselines": store.baselines(NOW + timedelta(days=400), ["h"]), "seen": store.seen("c1"), "precedents": store.precedents(["h"]),
        "cursor": store.cursor("keeper"), "live": store.live_incident("a"), "lives": store.live_incidents(Wanted()),
        "setting": store.setting("s"),
        "count": store.count_live_incidents(Wanted()), "changes": store.changed_since(0), "meanings": store.meanings(["r"]),
    }  # fmt: skip
    plain = ("newest_case", "cases", "incidents", "placed_incidents", "feedback", "suppressions", "edits", "standings", "watches",
             "senders", "settings", "last_change")  # fmt: skip
    return asked | {name: getattr(store, name)() for name in plain}


def _fill(store: Store, word: str) -> None:
    """Keep one of everything, under the same ids whatever the tenant."""
    case = _case(_incident("a", 1))
    store.save("c1", case, Path(word), case.incidents)
    store.save_baseline("c1", (NOW, NOW), ["h"], word.encode())
    store.save_subjects("c1", [_subject("a")])
    store.add_feedback(Feedback(subject="a", verdict="benign", why=word, by="me", time=NOW))
    store.keep_suppression(Suppression(id="b", rule="r", where=(), owner="o", why=word, created=NOW, expires=NOW + timedelta(days=9)))
    store.keep_edit(Edit(number=1, change=Merge(into="a", other="b"), why=word, by="me", time=NOW))
    store.keep_meanings({"r": word})
    store.keep_watch(_watch("w", "c1", by=word))
    store.keep_standing(Standing(incident="a", state="closed", time=NOW, by=word, why="done"))
    store.advance(Advance(Cursor(name="keeper", position=1, body=word.encode()), case.incidents))
    store.keep_sender(Sender(id=word, tenant=store.tenant, name="edge"))
    store.keep_setting("s", word)
    store.keep_title(word)


def test_no_tenant_sees_or_changes_what_is_anothers(store: Store) -> None:
    nothing = _everything(store)
    assert len(nothing) == 22
    acme, other = store.of("acme"), store.of("other")
    _fill(acme, "acme")
    assert _everything(other) == nothing
    assert [name for name, found in _everything(acme).items() if found == nothing[name]] == []
    kept = _everything(acme)
    _fill(other, "other")
    assert (other.drop_sender("acme"), other.drop_sender("other"), acme.drawing_key() == other.drawing_key()) == (False, True, False)
    other.save("c1", _case(), Path(), ())
    other.save_watches("c1", ())
    assert _everything(acme) == kept


def test_a_session_of_a_tenant_reaches_no_row_of_another(store: Store) -> None:
    acme = store.of("acme")
    _fill(acme, "acme")
    acme.drawing_key()
    rows = [mapper.class_ for mapper in Table.registry.mappers if issubclass(mapper.class_, Owned)]
    assert {table.name for module in (tables, platform_tables) for table in _tables_of(module)} <= {row.__tablename__ for row in rows}
    with store.database.writing("other") as session:
        for row in rows:
            again = aliased(row)
            assert session.scalars(select(row)).all() == []
            assert session.scalars(select(again.tenant)).all() == []
            assert session.scalars(select(literal(1)).where(exists().where(row.tenant == "acme"))).all() == []
            session.execute(delete(row))
            session.execute(update(row).values(tenant="stolen"))
    with store.database.reading(None) as session:
        assert {tenant for row in rows for tenant in session.scalars(select(row.tenant))} == {"acme"}


def _tables_of(module: ModuleType) -> Iterator[Any]:
    for one in vars(module).values():
        if isinstance(one, type) and issubclass(one, Table) and one is not Table:
            yield one.__table__


def test_a_tenant_has_a_name_that_can_stand_in_a_path(store: Store) -> None:
    for bad in ("", "..", "a/b", "a..b", "Upper", "*", "x" * 64, "a\0"):
        with pytest.raises(ValueError, match="is no name"):
            store.of(bad)
    assert store.of("a-1.b_c").tenant == "a-1.b_c"


def test_the_drawing_key_is_made_once_for_each_store(place: Path | str, tmp_path: Path) -> None:
    with closing(open_store(place)) as first, closing(open_store(place)) as same, closing(open_store(tmp_path / "b")) as other:
        key = first.drawing_key()
        assert len(key) == 32
        assert same.drawing_key() == key
        assert other.drawing_key() != key
        assert first.of("acme").drawing_key() != key


def _watch(name: str, case: str, **more: object) -> Watch:
    known = {
        "id": name, "incident": "i1", "case": case, "entity": Entity(kind="domain", value=f"{name}.example"),
        "why": Note(code="watch.attacker"),
        "level": "high", "hops": 0, "since": NOW, "until": NOW + timedelta(days=90),
    }  # fmt: skip
    return Watch.model_validate({**known, **more})


def test_what_is_looked_out_for_is_replaced_with_its_case_and_what_people_did_stays(store: Store) -> None:
    store.save_watches("c1", [_watch("a", "c1"), _watch("b", "c1")])
    store.save_watches("c2", [_watch("z", "c2")])
    store.keep_watch(_watch("b", "c1", ended=NOW, ended_by="ann"))
    store.keep_watch(_watch("hand", "c1", by="ann"))
    later = NOW + timedelta(days=9)
    store.save_watches("c1", [_watch("a", "c1", since=later), _watch("b", "c1", since=later), _watch("new", "c1", since=later)])
    kept = {one.id: one for one in store.watches()}
    assert set(kept) == {"a", "b", "hand", "new", "z"}
    assert (kept["a"].since, kept["b"].ended_by, kept["new"].since) == (NOW, "ann", later)
    store.save_watches("c1", [])
    assert {one.id for one in store.watches()} == {"b", "hand", "z"}


def test_a_case_reopens_an_incident_once_and_later_words_stand_after_it(store: Store) -> None:
    for hours in (0, 5):
        store.keep_standing(Standing(incident="i1", state="re-opened", time=NOW + timedelta(hours=hours), case="c2", joined=(str(hours),)))
    store.keep_standing(Standing(incident="i1", state="closed", time=NOW, by="ann", why="done"))
    said = store.standings()["i1"]
    assert [(one.state, one.time, one.joined) for one in said] == [("re-opened", NOW, ("5",)), ("closed", NOW, ())]
