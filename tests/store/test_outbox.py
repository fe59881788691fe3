"""Messages to people: kept with what they tell of, taken once, and never there twice."""

from datetime import UTC, datetime, timedelta
from typing import Any

from watchkeeper.model.feedback import Feedback
from watchkeeper.model.message import Message, Outgoing
from watchkeeper.store import Store
from watchkeeper.store.outbox import KEPT_DAYS, LEASE

NOW = datetime(2025, 1, 1, tzinfo=UTC)


def _out(key: str, tenant: str = "default", **said: Any) -> Outgoing:
    message = Message(
        key=key, tenant=tenant, incident="a", reasons=("new",), time=NOW, language="en", details="full", level="high", outcome=None,
        subject="s\0", sections=(),
    )  # fmt: skip
    return Outgoing(**{"message": message, "route": "duty", "due": NOW, **said})


def _states(store: Store) -> dict[str, str]:
    return {one.outgoing.message.key: one.state for one in store.messages()}


def test_messages_are_listed_by_incident(store: Store) -> None:
    assert store.keep_messages([_out("k1"), _out("k2")]) == 2
    assert _states(store) == {"k1": "waiting", "k2": "waiting"}
    assert len(store.messages("a", most=1)) == 1
    assert store.messages("b") == ()


def test_the_same_message_after_a_restart_is_not_sent_again(store: Store) -> None:
    store.keep_messages([_out("k1")])
    store.settle(store.take_outgoing(NOW), "sent", "", NOW)
    assert store.keep_messages([_out("k1")]) == 0
    assert store.take_outgoing(NOW + timedelta(days=1)) == ()
    assert _states(store) == {"k1": "sent"}


def test_what_is_taken_is_taken_once_and_again_when_its_taker_died(store: Store) -> None:
    store.keep_messages([_out("k1"), _out("k2", due=NOW + timedelta(hours=1))])
    [one] = store.take_outgoing(NOW)
    assert (one.message.key, one.attempts) == ("k1", 1)
    assert store.take_outgoing(NOW + LEASE / 2) == ()
    [again] = store.take_outgoing(NOW + LEASE)
    assert again.attempts == 2


def test_what_failed_is_due_later_and_says_why(store: Store) -> None:
    store.keep_messages([_out("k1")])
    store.settle(store.take_outgoing(NOW), "waiting", "status 500", NOW + timedelta(minutes=9))
    assert store.waiting_messages(NOW + timedelta(minutes=8)) == (0, 0)
    assert store.waiting_messages(NOW + timedelta(minutes=9)) == (1, 0)
    [kept] = store.messages()
    assert (kept.state, kept.note, kept.settled) == ("waiting", "status 500", None)
    store.settle(store.take_outgoing(NOW + timedelta(minutes=9)), "given-up", "status 404", NOW)
    assert store.waiting_messages(NOW + timedelta(hours=2)) == (0, 1)
    store.settle([kept.outgoing], "sent", "", NOW)
    assert _states(store) == {"k1": "given-up"}, "what is done with stays so"


def test_messages_of_every_tenant_go_out_and_each_is_noted_where_it_belongs(store: Store) -> None:
    theirs = store.of("acme")
    store.keep_messages([_out("k1")])
    theirs.keep_messages([_out("k1", "acme")])
    taken = store.take_outgoing(NOW)
    assert {one.message.tenant for one in taken} == {"default", "acme"}
    store.settle([one for one in taken if one.message.tenant == "acme"], "sent", "", NOW)
    assert (_states(store), _states(theirs)) == ({"k1": "waiting"}, {"k1": "sent"})
    assert ("message", "k1") in {(one.kind, one.id) for one in theirs.changed_since(0).changes}


def test_who_takes_care_of_an_incident_spares_others_the_message(store: Store) -> None:
    message = _out("k1").message
    assert not store.is_taken_care_of(message)
    store.acknowledge("a", "ann", NOW - timedelta(seconds=1))
    assert not store.is_taken_care_of(message), "what was acknowledged before is news again"
    store.acknowledge("a", "bob", NOW)
    assert store.is_taken_care_of(message)
    assert store.acknowledged("a") == (NOW, "bob")
    assert store.acknowledged("b") is None
    assert not store.of("acme").is_taken_care_of(message.model_copy(update={"tenant": "acme"}))


def test_a_verdict_or_closing_is_taking_care_too(store: Store) -> None:
    message = _out("k1").message
    said = {"about": "incident", "subject": "a", "verdict": "attempted", "why": "w", "by": "ann"}
    store.add_feedback(Feedback.model_validate({**said, "time": NOW - timedelta(hours=1)}))
    assert not store.is_taken_care_of(message)
    store.add_feedback(Feedback.model_validate({**said, "time": NOW + timedelta(hours=1)}))
    assert store.is_taken_care_of(message)


def test_old_messages_are_forgotten_and_those_that_wait_are_not(store: Store) -> None:
    store.keep_messages([_out("k1"), _out("k2")])
    store.settle([_out("k1")], "sent", "", NOW)
    assert store.drop_messages(NOW + timedelta(days=KEPT_DAYS)) == 0
    assert store.drop_messages(NOW + timedelta(days=KEPT_DAYS, seconds=1)) == 1
    assert _states(store) == {"k2": "waiting"}
