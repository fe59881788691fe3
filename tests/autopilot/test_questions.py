"""Questions: asked once, answered once, in time, by a choice of theirs; and the audit log tells who said what."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.autopilot.playbooks.conftest import incident

from watchkeeper.autopilot.edits import Who
from watchkeeper.autopilot.playbooks.reading import playbooks
from watchkeeper.autopilot.playbooks.wording import in_words
from watchkeeper.autopilot.questions import answer, answers_of, ask, listed
from watchkeeper.model.asset import Asset
from watchkeeper.model.playbook import Ask
from watchkeeper.model.question import Question
from watchkeeper.store import Store, open_store
from watchkeeper.store.people import People, open_people

NOW = datetime(2026, 11, 26, 21, tzinfo=UTC)
ANN = Who("ann", "the owner said so", NOW + timedelta(minutes=1))


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path)) as opened:
        yield opened


@pytest.fixture
def people(store: Store, tmp_path: Path) -> People:
    return open_people(store.database, tmp_path)


def _asked(store: Store, key: str = "1/ask-owner#1") -> Question:
    playbook = next(one for one in playbooks() if one.name == "web-shell")
    step = playbook.steps["ask-owner"]
    assert isinstance(step, Ask)
    return ask(store, incident(), (step, key, playbook.name), lambda name: Asset(name=name, owner="Web team"), NOW)


def test_a_question_is_asked_once_and_says_what_is_known_in_both_languages(store: Store) -> None:
    question = _asked(store)
    assert _asked(store) == question
    assert listed(store, NOW) == (question,)
    assert in_words(question.question, "en").startswith("pc-1, dc01 is steered from outside")
    assert "断网" in in_words(question.question, "zh")
    assert (question.owners, question.default, question.deadline) == (("Web team",), "leave", NOW + timedelta(hours=1))
    assert _asked(store, "1/ask-owner#2").id != question.id


def test_an_answer_counts_once_and_who_waits_for_it_hears(store: Store, people: People) -> None:
    question, before = _asked(store), store.last_change()
    told = answer(store, people.audit, (question.id[:8], "isolate"), ANN, "cli")
    assert (told.answer and told.answer.by, answers_of(store, question.incident)) == ("ann", {question.id: "isolate"})
    assert [(one.kind, one.id) for one in store.changed_since(before).changes] == [("question", question.incident)]
    assert (listed(store, NOW), listed(store, NOW, everything=True)) == ((), (told,))
    with pytest.raises(ValueError, match="was answered 'isolate' by 'ann' before"):
        answer(store, people.audit, (question.id, "leave"), ANN, "cli")
    entry = next(iter(people.audit.newest(limit=10)))
    assert (entry.what, entry.on, entry.who, entry.note) == ("question answered", question.id, "ann", "isolate")


def test_what_is_no_answer_is_refused_and_nothing_is_kept(store: Store, people: People) -> None:
    question = _asked(store)
    with pytest.raises(ValueError, match=r"'maybe' is no answer to question .*; there are isolate, leave"):
        answer(store, people.audit, (question.id, "maybe"), ANN, "cli")
    with pytest.raises(ValueError, match="could be answered until 2026-11-26 22:00 UTC; 'leave' was taken"):
        answer(store, people.audit, (question.id, "leave"), replace(ANN, time=NOW + timedelta(hours=1)), "cli")
    for start in ("", "zz"):
        with pytest.raises(ValueError, match="no question begins"):
            answer(store, people.audit, (start, "leave"), ANN, "cli")
    assert (answers_of(store, question.incident), list(people.audit.newest(limit=10))) == ({}, [])
    assert listed(store, NOW + timedelta(hours=2)) == ()


def test_another_tenant_sees_none_of_it(store: Store, people: People) -> None:
    question = _asked(store)
    other = store.of("other")
    assert listed(other, NOW) == ()
    with pytest.raises(ValueError, match="no question begins"):
        answer(other, people.audit, (question.id, "leave"), ANN, "cli")
    assert _asked(other).id != question.id
