"""The desk for actions: what is asked for is ruled on, carried out once enough people agree, listed page by page, and taken back."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchkeeper.autopilot.action_desk import ActionDesk
from watchkeeper.autopilot.audit import verify_log
from watchkeeper.autopilot.circumstances import circumstances
from watchkeeper.autopilot.edits import Who
from watchkeeper.brain.ethics.acting import propose
from watchkeeper.model.action_seen import ActionAsked
from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job, Means
from watchkeeper.model.missing import MissingError
from watchkeeper.model.proposal import Done, Proposal, Seen
from watchkeeper.store import open_store
from watchkeeper.store.people import open_people

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)


@dataclass
class Blocked:
    """A place that holds what is blocked, and a clock."""

    now: datetime = NOW
    held: set[str] = field(default_factory=set)

    def means(self, _: Proposal) -> Means:
        return Means("edge", "block_address", self.do, self.undo, self.check)

    def do(self, job: Job) -> Done:
        self.held |= {one.value for one in job.targets}
        return Done(said="blocked")

    def undo(self, job: Job) -> Done:
        self.held -= {one.value for one in job.targets}
        return Done(said="opened")

    def check(self, job: Job) -> Seen:
        is_held = {one.value for one in job.targets} <= self.held
        return Seen(where="target", outcome="in-force" if is_held else "not-in-force", time=self.now, said="looked")


@pytest.fixture
def place() -> Blocked:
    return Blocked()


@pytest.fixture
def desk(place: Blocked, tmp_path: Path) -> Iterator[ActionDesk]:
    with closing(open_store(tmp_path)) as store:
        log = open_people(store.database, tmp_path).audit
        about = circumstances(store, tmp_path, lambda: place.now)
        yield ActionDesk(store, log, lambda: replace(about, means_of=place.means))


def _who(by: str, why: str = "because") -> Who:
    return Who(by, why, NOW)


def _asked(value: str = "8.8.4.4", **said: object) -> ActionAsked:
    return ActionAsked(**{"action": "block_address", "targets": (Entity(kind="address", value=value),), "blast_radius": 1, **said})


def test_what_a_person_asks_for_runs_when_another_agrees(desk: ActionDesk, place: Blocked) -> None:
    waiting = desk.propose(_asked(), _who("ann"))
    assert (waiting.state, waiting.proposal.asked_by, waiting.proposal.expiry_seconds) == ("waiting", "person:ann", 86_400)
    assert place.held == set()
    done = desk.answer(waiting.id[:8], _who("bob"), "cli", agrees=True, digest=waiting.proposal.digest[:6])
    assert (done.state, done.place, place.held) == ("verified", "edge", {"8.8.4.4"})
    assert desk.check(done.id).state == "verified"
    undone = desk.undo(done.id, _who("ann", "ours"))
    assert (undone.state, undone.ended_by, place.held) == ("undone", "person:ann", set())
    seen = desk.action(done.id)
    assert [one.by for one in seen.approvals] == ["bob"]
    assert seen.entries[0].what == "action waits for people"
    assert seen.entries[-1].what == "action undone"
    assert verify_log(desk.audit).found is None


def test_what_a_playbook_asks_for_is_left_to_its_flow(desk: ActionDesk, place: Blocked) -> None:
    asked = Proposal(
        tenant="default", incident="i1", action="block_address", targets=(Entity(kind="address", value="8.8.4.4"),), evidence=("e1",),
        kinds=(), confidence=0.9, blast_radius=1, undoable=True, expiry_seconds=60, asked_by="playbook:outside-address",
    )  # fmt: skip
    known = replace(desk.about(), kinds_of=lambda _: ("windows/Sysmon",))
    record = propose(desk.store.ledger(desk.audit), asked, known)
    ready = ActionDesk(desk.store, desk.audit, lambda: known).answer(record.id, _who("bob"), "link", agrees=True)
    assert (ready.state, place.held) == ("ready", set())


def test_a_word_is_for_what_was_seen_and_a_denial_ends_it(desk: ActionDesk, place: Blocked) -> None:
    record = desk.propose(_asked(), _who("ann"))
    with pytest.raises(ValueError, match="not as you saw it any more"):
        desk.answer(record.id, _who("bob"), "api", agrees=True, digest="f" * 64)
    assert desk.answer(record.id, _who("bob"), "api", agrees=False).state == "denied"
    with pytest.raises(ValueError, match="nothing of it is in force"):
        desk.undo(record.id, _who("ann"))
    assert place.held == set()


def test_lists_go_on_from_a_place_while_more_comes_in(desk: ActionDesk, place: Blocked) -> None:
    for number in range(5):
        place.now = NOW + timedelta(seconds=number)
        desk.propose(_asked(f"8.8.4.{number}"), _who("ann"))
    first = desk.actions("waiting", "", 2)
    assert [one.targets[0].value for one in first.items] == ["8.8.4.4", "8.8.4.3"]
    desk.propose(_asked("8.8.8.8"), _who("ann"))
    second = desk.actions("waiting", first.next, 2)
    assert [one.targets[0].value for one in second.items] == ["8.8.4.2", "8.8.4.1"]
    assert [one.targets[0].value for one in desk.actions("waiting", second.next, 2).items] == ["8.8.4.0"]
    assert desk.actions("waiting", second.next, 2).next == ""
    assert desk.actions("in-force", "", 9).items == ()
    assert len(desk.actions("all", "", 9).items) == 6
    assert desk.actions("all", "", 9, incident="i1").items == ()
    with pytest.raises(ValueError, match="begin again"):
        desk.actions("all", "f" * 32, 9)


def test_an_id_that_is_none_or_not_the_only_one_is_refused(desk: ActionDesk) -> None:
    for number in range(17):  # of so many, two begin with the same hex digit
        desk.propose(_asked("8.8.4.4", wave=number), _who("ann"))
    ids = [one.id for one in desk.actions("all", "", 50).items]
    twice = next(id_[0] for id_ in ids if sum(other[0] == id_[0] for other in ids) > 1)
    for start, said in ((twice, "more than one action"), ("zz", "no action begins"), ("", "no action begins"), ("%", "no action begins")):
        with pytest.raises(MissingError, match=said):
            desk.action(start)


def test_nothing_outside_the_catalogue_is_asked_for(desk: ActionDesk) -> None:
    with pytest.raises(ValueError, match="no action 'format_disk'"):
        desk.propose(_asked(action="format_disk"), _who("ann"))
    with pytest.raises(MissingError, match="0 incidents begin with 'abc'"):
        desk.propose(_asked(incident="abc"), _who("ann"))
    with pytest.raises(ValueError, match="say why"):
        desk.undo("abc", _who("ann", " "))
