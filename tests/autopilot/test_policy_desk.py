"""The desk for policy: who is alone, what is measured of a class before it is promoted, and brakes that keep what is not said."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.autopilot.circumstances import circumstances
from watchkeeper.autopilot.edits import Who
from watchkeeper.autopilot.policy_desk import PolicyDesk
from watchkeeper.brain.ethics.acting import propose
from watchkeeper.model.audit import Happened
from watchkeeper.model.entity import Entity
from watchkeeper.model.missing import MissingError
from watchkeeper.model.principal import Role
from watchkeeper.model.proposal import Proposal
from watchkeeper.model.user import User
from watchkeeper.notify.routes import FILE, read_routes
from watchkeeper.store import open_store
from watchkeeper.store.people import open_people

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
CLASS = ("block_address", "outside")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[PolicyDesk]:
    with closing(open_store(tmp_path)) as store:
        people = open_people(store.database, tmp_path)
        yield PolicyDesk(store, people, lambda: circumstances(store, tmp_path, lambda: NOW), lambda: read_routes(tmp_path / FILE))


def _who(by: str, why: str = "because") -> Who:
    return Who(by, why, NOW)


def _add(desk: PolicyDesk, login: str, role: Role, tenant: str = "default", *, disabled: bool = False) -> None:
    user = User(login=login, roles=((tenant, role),), made=NOW, made_by="x", password_since=NOW, disabled=NOW if disabled else None)
    desk.people.add_user(user, "no hash", Happened(time=NOW, tenant=tenant, who="x", what="user added", on=login))


def test_who_is_alone_follows_from_the_other_admins_who_may_sign_in(desk: PolicyDesk) -> None:
    _add(desk, "dora", "admin")
    _add(desk, "emil", "responder")
    _add(desk, "gone", "admin", disabled=True)
    _add(desk, "theirs", "admin", "acme")
    assert desk.promote(CLASS, None, _who("dora")).state == "announced"
    desk.cancel(desk.policy().changes[0].id[:9], _who("emil"))
    _add(desk, "everywhere", "admin", "*")
    change = desk.promote(CLASS, None, _who("dora"))
    assert change.state == "asked"
    assert desk.agree(change.id, _who("everywhere")).state == "in-force"
    [line] = desk.levels()
    assert (line.record.action, line.record.group, line.level, line.most, line.demotions) == (*CLASS, "L3", "L4", 0)
    assert line.last is not None
    assert line.last.by == "dora"


def test_who_is_there_hears_of_a_change_that_waits_and_how_to_cancel_it(desk: PolicyDesk, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("routes: [{name: duty, to: {channel: slack, url: 'env:WK_TEST_URL'}}]", "utf-8")
    _add(desk, "dora", "admin")
    announced = desk.promote(CLASS, None, _who("dora", "all\nis well"))
    _add(desk, "emil", "admin")
    asked = desk.ask(desk.policy().policy | {"announce_hours": 48}, _who("dora"))
    told = [one.outgoing.message for one in desk.store.messages("", 10)]
    by_id = {message.subject: (message.level, message.sections[1].lines) for message in told}
    assert by_id == {
        "Change of policy: block_address, outside: L3": (
            "high",
            (
                f"Asked for by dora: {announced.why.replace(chr(10), '␊')}",
                "It holds from 2026-11-27 12:00:00 (UTC) on unless somebody cancels it; nobody else can agree.",
                f"To cancel it: watchkeeper policy cancel {announced.id[:12]}",
            ),
        ),
        "Change of policy: policy.yml": (
            "medium",
            (
                "Asked for by dora: because",
                f"It holds once another administrator agrees: watchkeeper policy agree {asked.id[:12]}",
                f"To cancel it: watchkeeper policy cancel {asked.id[:12]}",
            ),
        ),
    }


def test_a_change_that_cannot_be_told_is_not_asked_for(desk: PolicyDesk, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text("routes: [", "utf-8")
    _add(desk, "dora", "admin")
    with pytest.raises(ValueError, match=r"notify\.yml"):
        desk.promote(CLASS, None, _who("dora"))
    assert len(desk.policy().changes) == 0


def test_a_class_is_listed_with_its_record_once_something_was_asked_for(desk: PolicyDesk) -> None:
    assert desk.levels() == ()
    proposal = Proposal(
        tenant="default", incident="", action="block_address", targets=(Entity(kind="address", value="8.8.4.4"),), evidence=(), kinds=(),
        confidence=0, blast_radius=1, undoable=True, expiry_seconds=60, asked_by="person:ann",
    )  # fmt: skip
    propose(desk.store.ledger(desk.people.audit), proposal, desk.about())
    [line] = desk.levels()
    assert (line.record.action, line.record.group, line.record.proposed, line.level, line.last) == (*CLASS, 1, "L2", None)


def test_a_level_is_lowered_by_one_person_and_not_raised(desk: PolicyDesk) -> None:
    desk.lower(CLASS, "L0", _who("ann"))
    assert desk.levels()[0].level == "L0"
    with pytest.raises(ValueError, match="would not lower it"):
        desk.lower(CLASS, "L2", _who("ann"))
    with pytest.raises(ValueError, match="say why"):
        desk.lower(CLASS, "L0", _who("ann", ""))
    assert desk.promote(CLASS, None, _who("ann")).state == "in-force", "up to L2 one person is enough: people decide each time"
    assert desk.levels()[0].level == "L1"


def test_the_policy_in_force_is_the_one_that_was_agreed_to(desk: PolicyDesk) -> None:
    _add(desk, "dora", "admin")
    _add(desk, "emil", "admin")
    shipped = desk.policy()
    assert shipped.change == ""
    change = desk.ask(shipped.policy | {"never": ["gateway"]}, _who("dora"))
    assert desk.policy().policy == shipped.policy
    desk.agree(change.id, _who("emil"))
    assert (desk.policy().change, desk.policy().policy["never"]) == (change.id, ["gateway"])
    with pytest.raises(MissingError, match="0 changes"):
        desk.agree("", _who("emil"))


def test_a_brake_keeps_what_is_not_said(desk: PolicyDesk) -> None:
    assert desk.brakes() == ()
    desk.brake(_who("ann"), on=True)
    assert desk.brake(_who("ann"), dry_run=True).on
    assert (desk.brake(_who("ann"), on=False).on, desk.brakes()[0].dry_run) == (False, True)
    desk.brake(_who("ann"), on=True, every=True)
    assert [(one.scope, one.on) for one in desk.brakes()] == [("*", True), ("default", False)]
