"""The ledger of actions: one at a time, whole or not at all, and told in the audit log by the transaction that keeps it."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from threading import Barrier, Event
from typing import Any

import pytest
from sqlalchemy import func, select

from watchkeeper.autopilot.audit import verify_log
from watchkeeper.brain.ethics.ledger import Ledger
from watchkeeper.model.audit import Happened
from watchkeeper.model.autonomy import Ruling
from watchkeeper.model.entity import Entity
from watchkeeper.model.note import Note
from watchkeeper.model.policy import Brake, LevelSet, PolicyChange
from watchkeeper.model.proposal import IN_FORCE, MOST_TARGETS, ActionRecord, Approval, Proposal, RecordsWanted
from watchkeeper.store import Store, open_store
from watchkeeper.store.action_tables import ActionRow
from watchkeeper.store.anchor import AnchorFile
from watchkeeper.store.audit import AuditLog
from watchkeeper.store.backup import back_up, restore

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
RULING = Ruling(outcome="run", level="L3", approvals=0, why=(Note(code="ethics.small"),))


def _record(target: str = "203.0.113.7", **said: Any) -> ActionRecord:
    asked = {name: said.pop(name) for name in Proposal.model_fields if name in said}
    whole: dict[str, Any] = {
        "tenant": "default", "incident": "i1", "action": "block_address", "targets": (Entity(kind="address", value=target),),
        "evidence": ("e1",), "kinds": ("zeek", "intel"), "confidence": 0.9, "blast_radius": 1, "undoable": True, "expiry_seconds": 60,
        "asked_by": "playbook:outside-address",
    }  # fmt: skip
    return ActionRecord(**{"proposal": Proposal(**whole | asked), "state": "ready", "ruling": RULING, "made": NOW, "changed": NOW} | said)


def _told(what: str = "action kept", on: str = "", tenant: str = "default") -> Happened:
    return Happened(time=NOW, tenant=tenant, who="system", what=what, on=on)


def _log(store: Store, folder: Path) -> AuditLog:
    return AuditLog(store.database, AnchorFile(folder))


@pytest.fixture
def log(store: Store, tmp_path: Path) -> AuditLog:
    return _log(store, tmp_path / "anchor")


@pytest.fixture
def ledger(store: Store, log: AuditLog) -> Ledger:
    return store.ledger(log)


def _put(ledger: Ledger, *records: ActionRecord) -> None:
    with ledger.alone() as kept:
        for one in records:
            kept.put(one, _told(on=one.id, tenant=ledger.tenant))


def _wanted(ledger: Ledger, **said: Any) -> list[str]:
    with ledger.alone() as kept:
        return [one.proposal.targets[0].value for one in kept.records(RecordsWanted(**said))]


def test_a_record_is_given_back_as_it_was_kept_last(ledger: Ledger, log: AuditLog) -> None:
    first = _record("a\0\ud800".encode("utf-8", "replace").decode(), arguments={"host": "w\0"})
    _put(ledger, first)
    later = first.model_copy(update={"state": "in-force", "done": NOW, "changed": NOW + timedelta(seconds=1), "place": "edge"})
    _put(ledger, later)
    with ledger.alone() as kept:
        assert kept.record(first.id) == later
        assert kept.record("0" * 32) is None
    assert [one.what for one in log.about(first.id, "default")] == ["action kept"] * 2
    assert log.about(first.id, "acme") == ()
    assert verify_log(log).found is None


def test_sixty_thousand_targets_are_one_record(ledger: Ledger) -> None:
    targets = tuple(Entity(kind="address", value=f"10.{n >> 16}.{n >> 8 & 255}.{n & 255}") for n in range(60_000))
    assert len(targets) < MOST_TARGETS
    many = _record(targets=targets)
    _put(ledger, many)
    with ledger.alone() as kept:
        assert kept.records(RecordsWanted(states=("ready",))) == (many,)


def test_records_are_found_by_every_condition(ledger: Ledger) -> None:
    minute = timedelta(minutes=1)
    _put(
        ledger,
        _record("a", made=NOW - 3 * minute, state="verified", done=NOW - 3 * minute),
        _record("b", made=NOW - 2 * minute, incident="i2", state="failed"),
        _record("c", made=NOW - minute, action="isolate_host", state="doing", changed=NOW),
        _record("d", made=NOW, state="waiting"),
    )
    assert _wanted(ledger) == ["d", "c", "b", "a"]
    assert _wanted(ledger, most=2) == ["d", "c"]
    assert _wanted(ledger, states=tuple(IN_FORCE)) == ["c", "a"]
    assert _wanted(ledger, incident="i2") == ["b"]
    assert _wanted(ledger, actions=("isolate_host", "unknown")) == ["c"]
    assert _wanted(ledger, done_since=NOW - 3 * minute) == ["c", "a"], "what was never begun is not counted"
    assert _wanted(ledger, done_since=NOW) == ["c"]
    assert _wanted(ledger, states=("doing",), incident="i2") == []


def test_records_are_found_by_what_time_asks_of_them(ledger: Ledger) -> None:
    minute = timedelta(minutes=1)
    _put(
        ledger,
        _record("a", made=NOW - 3 * minute, state="verified", expires=NOW, changed=NOW - minute),
        _record("b", made=NOW - 2 * minute, state="waiting", deadline=NOW - minute),
        _record("c", made=NOW - minute, state="undone", expires=NOW - minute, deadline=NOW - minute),
    )
    assert _wanted(ledger, due_by=NOW) == ["b", "a"], "of what is over nothing is asked"
    assert _wanted(ledger, due_by=NOW - minute) == ["b"]
    assert _wanted(ledger, changed_by=NOW - minute) == ["a"]
    assert _wanted(ledger, changed_since=NOW) == ["c", "b"]


def test_records_are_found_by_what_they_may_act_on(ledger: Ledger) -> None:
    _put(ledger, _record("203.0.113.7"), _record("203.0.113.8", made=NOW + timedelta(seconds=1)))
    _put(ledger, _record("198.51.100.0/24", made=NOW + timedelta(seconds=2)))

    def touching(value: str) -> list[str]:
        return _wanted(ledger, touching=(Entity(kind="address", value=value),))

    assert touching(" 203.0.113.7/32") == ["198.51.100.0/24", "203.0.113.7"], "a network is not compared here, and always given"
    assert touching("203.0.113.9") == ["198.51.100.0/24"]
    assert touching("203.0.113.0/24") == ["198.51.100.0/24", "203.0.113.8", "203.0.113.7"]
    assert _wanted(ledger, touching=(Entity(kind="address", value="203.0.113.7"),), most=1) == ["198.51.100.0/24"]


def test_what_was_begun_is_counted_without_reading_it(ledger: Ledger) -> None:
    listed = _record("a", state="doing", changed=NOW, arguments={"verified_list": "feed"}, objects=3)
    _put(ledger, listed, _record("b", state="failed", done=NOW - timedelta(minutes=1)), _record("c"))
    with ledger.alone() as kept:
        found = kept.begun(NOW - timedelta(minutes=1), 9)
        assert kept.begun(NOW, 9) == found[:1] == kept.begun(NOW - timedelta(hours=1), 1)
    assert [(one.id == listed.id, one.time, one.objects, one.is_listed) for one in found] == [
        (True, NOW, 3, True),
        (False, NOW - timedelta(minutes=1), 1, False),
    ]


def test_what_was_begun_counts_however_it_ended(ledger: Ledger) -> None:
    begun = _record("a", state="doing", changed=NOW)
    _put(ledger, begun)
    _put(ledger, begun.model_copy(update={"state": "failed", "changed": NOW + timedelta(hours=1)}))
    assert _wanted(ledger, done_since=NOW) == ["a"]
    assert _wanted(ledger, done_since=NOW + timedelta(seconds=1)) == []


def test_pages_follow_each_other_though_times_are_the_same(ledger: Ledger) -> None:
    _put(ledger, *(_record(str(number)) for number in range(7)))
    with ledger.alone() as kept:
        found: list[str] = []
        while page := kept.records(RecordsWanted(most=3, after=found[-1] if found else "")):
            found += [one.id for one in page]
        assert len(set(found)) == len(found) == 7
        assert found == [one.id for one in kept.records(RecordsWanted())]
        with pytest.raises(ValueError, match="begin again"):
            kept.records(RecordsWanted(after="f" * 32))


def test_an_id_is_found_by_its_first_characters(store: Store, log: AuditLog) -> None:
    ledger, record = store.ledger(log), _record()
    _put(ledger, record)
    with ledger.alone() as kept:
        assert kept.called(record.id[:5]) == (record.id,)
        assert kept.called("%") == kept.called("zz") == ()


def test_the_last_word_of_a_person_counts_once(ledger: Ledger) -> None:
    def said(by: str, *, agrees: bool, proposal: str = "p" * 32) -> Approval:
        return Approval(proposal=proposal, digest="d" * 64, by=by, agrees=agrees, way="cli", time=NOW)

    with ledger.alone() as kept:
        for one in (said("ann", agrees=True), said("bob", agrees=True), said("ann", agrees=False), said("ann", agrees=True, proposal="q")):
            kept.put_approval(one, _told("approved", one.proposal))
        assert [(one.by, one.agrees) for one in kept.approvals("p" * 32)] == [("bob", True), ("ann", False)]


def test_levels_changes_and_brakes_are_kept_in_their_order(ledger: Ledger) -> None:
    def level(level: Any) -> LevelSet:
        return LevelSet(action="block_address", group="*", level=level, by="ann", time=NOW, why="27 of 27 worked")

    asked = [PolicyChange(id=letter * 32, policy={"a": [1]}, asked_by="ann", state="asked", made=NOW) for letter in "ba"]
    agreed = asked[0].model_copy(update={"agreed_by": "bob", "state": "in-force", "begins": NOW})
    with ledger.alone() as kept:
        kept.put_level(level("L3"), _told("promoted"))
        kept.put_level(level("L2"), _told("demoted"))
        for one in (*asked, agreed):
            kept.put_change(one, _told("policy change", one.id))
    with ledger.alone() as kept:
        assert kept.levels() == (level("L3"), level("L2"))
        assert kept.changes() == (agreed, asked[1])


def test_a_brake_for_all_holds_for_every_tenant(store: Store, log: AuditLog) -> None:
    ours, theirs = store.ledger(log), store.of("acme").ledger(log)
    for scope, on in (("default", True), ("*", True), ("*", False)):
        with ours.alone() as kept:
            kept.put_brake(Brake(scope=scope, on=on, by="ann", time=NOW), _told("brake", scope))
    with theirs.alone() as kept:
        assert [(one.scope, one.on) for one in kept.brakes()] == [("*", False)]
        with pytest.raises(ValueError, match="not set in the ledger"):
            kept.put_brake(Brake(scope="default", on=False, by="ann", time=NOW), _told("brake"))
    with ours.alone() as kept:
        assert [(one.scope, one.on) for one in kept.brakes()] == [("*", False), ("default", True)]


def test_a_tenant_sees_nothing_of_another(store: Store, log: AuditLog) -> None:
    ours, theirs = store.ledger(log), store.of("acme").ledger(log)
    record = _record()
    _put(ours, record)
    with theirs.alone() as kept:
        assert kept.record(record.id) is None
        assert kept.records(RecordsWanted()) == ()
        with pytest.raises(ValueError, match="is of tenant 'default'"):
            kept.put(record, _told())


def _fails(*_: object) -> None:
    raise RuntimeError("the power failed")


def _begin_two(ledger: Ledger, first: ActionRecord, second: ActionRecord, *, fail: bool) -> None:
    with ledger.alone() as kept:
        kept.put(first.model_copy(update={"state": "doing"}), _told())
        kept.put(second, _told())
        if fail:
            _fails()


@pytest.mark.parametrize("when", ["before the entry", "after the entry", "as it is kept"])
def test_what_fails_halfway_keeps_nothing_and_tells_nothing(
    store: Store, log: AuditLog, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    ledger, first, second = store.ledger(log), _record("a"), _record("b")
    _put(ledger, first)
    head = log.head()
    with monkeypatch.context() as broken:
        if when == "before the entry":
            broken.setattr(log, "add", _fails)
        if when == "as it is kept":
            broken.setattr(log.anchor, "announce", _fails)
        with pytest.raises(RuntimeError, match="the power failed"):
            _begin_two(ledger, first, second, fail=when == "after the entry")
    assert log.head() == head
    assert verify_log(log).found is None
    with ledger.alone() as kept:
        assert kept.record(first.id) == first
        assert kept.record(second.id) is None
    assert [one.kind for one in store.changed_since(0).changes] == ["action"]


def _at_once(many: int, place: Path | str, anchor: Path, work: Callable[[Ledger], int]) -> list[int]:
    """Let so many threads, each with connections of its own as a process has, begin at the same moment.

    Whatever may take its time or fail is done before they meet, so that who meets need not wait for long, however busy the machine is.
    """
    ready = Barrier(many)

    def one(ledger: Ledger) -> int:
        ready.wait()
        return work(ledger)

    with ExitStack() as opened, ThreadPoolExecutor(many) as threads:
        stores = [opened.enter_context(closing(open_store(place))) for _ in range(many)]
        return list(threads.map(one, [store.ledger(_log(store, anchor)) for store in stores]))


def test_of_two_that_want_to_do_the_same_one_does_it(place: Path | str, tmp_path: Path) -> None:
    record = _record()
    with closing(open_store(place)) as store:
        _put(store.ledger(_log(store, tmp_path / "anchor")), record)

    def begin(ledger: Ledger) -> int:
        with ledger.alone() as kept:
            found = kept.record(record.id)
            assert found is not None
            if found.state != "ready":
                return 0
            kept.put(found.model_copy(update={"state": "doing"}), _told("action begun", record.id))
            return 1

    assert sum(_at_once(4, place, tmp_path / "anchor", begin)) == 1


def test_counts_are_exact_while_others_write(place: Path | str, tmp_path: Path) -> None:
    """Four want to do ten each, and only seven may be done in the hour."""
    wanted = iter([_record(str(number), state="doing", changed=NOW) for number in range(40)])

    def begin(ledger: Ledger) -> int:
        began = 0
        for record in (next(wanted) for _ in range(10)):
            with ledger.alone() as kept:
                if len(kept.records(RecordsWanted(done_since=NOW - timedelta(hours=1)))) < 7:
                    kept.put(record, _told("action begun", record.id))
                    began += 1
        return began

    assert sum(_at_once(4, place, tmp_path / "anchor", begin)) == 7
    with closing(open_store(place)) as store:
        log = _log(store, tmp_path / "anchor")
        assert verify_log(log).found is None
        assert log.head().number == 7


def _count(store: Store) -> int:
    """Count records without waiting for anybody who writes."""
    with store.database.engine.connect() as connection:
        return connection.scalar(select(func.count()).select_from(ActionRow)) or 0


@pytest.mark.parametrize("scope", ["default", "*"])
def test_after_a_brake_is_set_nothing_begins(scope: str, place: Path | str, tmp_path: Path) -> None:
    """Whoever set the brake knows, when told that it holds, everything that was begun."""
    records = (_record(str(number), state="doing", tenant="acme", changed=NOW) for number in count())
    anchor, over = tmp_path / "anchor", Event()
    with closing(open_store(place)) as store:
        theirs, log = store.of("acme"), _log(store, anchor)
        setter = store.ledger(log) if scope == "*" else theirs.ledger(log)
        brake = Brake(scope="*" if scope == "*" else "acme", on=True, by="ann", time=NOW)
        ready = Barrier(2)

        def act() -> None:
            with closing(open_store(place, "acme")) as other:
                ledger = other.ledger(_log(other, anchor))
                ready.wait(60)
                while not over.wait(0.001):  # whoever asks without a pause leaves a database that serves no queue no turn to others
                    record = next(records)
                    with ledger.alone() as kept:
                        if any(one.on for one in kept.brakes()):
                            return
                        kept.put(record, _told("action begun", record.id, "acme"))

        with ThreadPoolExecutor(1) as threads:
            acting = threads.submit(act)
            ready.wait(60)
            try:
                with setter.alone() as kept:
                    kept.put_brake(brake, _told("brake set"))
                begun = _count(store)
                acting.result(60)
            finally:
                over.set()
            assert _count(store) == begun


@pytest.fixture
def filled(ledger: Ledger) -> ActionRecord:
    record = _record()
    _put(ledger, record)
    with ledger.alone() as kept:
        kept.put_approval(Approval(proposal=record.id, digest="d", by="ann", agrees=True, way="cli", time=NOW), _told())
        kept.put_level(LevelSet(action="*", group="*", level="L1", by="ann", time=NOW, why="new here"), _told())
        kept.put_change(PolicyChange(id="1" * 32, policy={}, asked_by="ann", state="asked", made=NOW), _told())
        kept.put_brake(Brake(scope="*", on=True, by="ann", time=NOW), _told())
    return record


def test_a_backup_holds_all_of_it(filled: ActionRecord, place: Path | str, tmp_path: Path) -> None:
    made = back_up(place, tmp_path / "backup")
    assert {name: made.rows[name] for name in ("actions", "approvals", "levels", "policy_changes", "brakes")} == dict.fromkeys(
        ("actions", "approvals", "levels", "policy_changes", "brakes"), 1
    )
    restore(tmp_path / "backup", tmp_path / "other")
    with closing(open_store(tmp_path / "other")) as store, store.ledger(_log(store, tmp_path / "anchor")).alone() as kept:
        assert kept.record(filled.id) == filled
        assert [one.by for one in kept.approvals(filled.id)] == ["ann"]
        assert [one.level for one in kept.levels()] == ["L1"]
        assert [one.scope for one in kept.brakes()] == ["*"]
        kept.put_level(LevelSet(action="*", group="*", level="L2", by="ann", time=NOW, why="it goes well"), _told())
        assert [one.level for one in kept.levels()] == ["L1", "L2"], "numbers go on from those that were restored"


@pytest.mark.parametrize("place", ["sqlite"], indirect=True)
def test_what_is_asked_most_is_answered_from_indexes(store: Store) -> None:
    asked = {
        "ix_actions_state": select(ActionRow.id).where(ActionRow.tenant == "t", ActionRow.state.in_(("doing", "verified"))),
        "ix_actions_incident": select(ActionRow.id).where(ActionRow.tenant == "t", ActionRow.incident_id == "i"),
        "ix_actions_begun": select(ActionRow.id).where(ActionRow.tenant == "t", ActionRow.begun >= NOW),
    }
    with store.database.engine.connect() as connection:
        for index, question in asked.items():
            told = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {question.compile(connection, compile_kwargs={'literal_binds': True})}")
            assert any(index in str(row) for row in told), index
