"""The check-up: each thing that can be wrong is found with what to do, and emptiness has its first cause."""

import ast
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from watchkeeper.autopilot.arriving import Arriving
from watchkeeper.model.checked import EMPTY, Checked
from watchkeeper.model.language import LANGUAGES
from watchkeeper.model.sender import Sender
from watchkeeper.model.vitals import Figure, Heard, Vitals
from watchkeeper.notify.routes import Routes
from watchkeeper.reporting.lexicon import lexicon, places
from watchkeeper.reporting.sentences import say
from watchkeeper.server import checkup as module
from watchkeeper.server.checkup import checkup, looked_over, why_empty
from watchkeeper.server.facts import Facts
from watchkeeper.store.outbox import Waiting

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
SENDER = Sender(id="a" * 32, tenant="default", name="edge")
ARRIVING = Arriving(events=500, kinds=3, rules=100, reached=40, missing=("process creation",), ahead_seconds={"edge": -2.0})
ROUTE = {"name": "duty", "to": {"channel": "slack", "url": "env:X"}}


def _said(process: str, **said: Any) -> Vitals:
    whole: dict[str, Any] = {"process": process, "pid": 1, "started": NOON - timedelta(hours=5), "written": NOON, "phase": "running"}
    return Vitals.model_validate({**whole, **said})


FIRED = (Figure(name="signals", labels={"level": "low"}, value=1),)
HEARD = Heard(sender=SENDER.id, events=9, last=NOON - timedelta(minutes=5))
WELL = (_said("web"), _said("worker-0", heard=(HEARD,)), _said("keeper"))


def _facts(**said: Any) -> Facts:
    arriving: Any = said.pop("arriving", ARRIVING)
    whole: dict[str, Any] = {
        "now": NOON, "vitals": WELL, "unreadable": (), "free_bytes": 100 << 30, "grown_bytes": 0, "waiting_bytes": 0, "is_any_stored": True,
        "senders": (SENDER,), "shown": 2, "hidden": 1, "messages": Waiting(0, 0), "routes": Routes.model_validate({"routes": [ROUTE]}),
        "routes_wrong": "", "secrets_missing": (), "arriving": lambda: arriving,
    }  # fmt: skip
    return Facts(**{**whole, **said})


def _codes(facts: Facts) -> dict[str, str]:
    return {found.what.code: found.state for found in checkup(facts)}


def test_a_platform_that_is_well_has_nothing_bad_to_say() -> None:
    assert _codes(_facts()) == {
        "doctor.process.well": "good", "doctor.disk.quiet": "good", "doctor.senders.heard": "good", "doctor.journal.well": "good",
        "doctor.rules.some": "worth-knowing", "doctor.routes.some": "good",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("said", "code", "state"),
    [
        ({"vitals": (_said("web", written=NOON - timedelta(minutes=2)),)}, "doctor.process.silent", "bad"),
        ({"vitals": (_said("web", hindered="the disk is full"),)}, "doctor.process.hindered", "bad"),
        ({"vitals": ()}, "doctor.process.none", "worth-knowing"),
        ({"vitals": WELL[1:]}, "doctor.process.no-web", "bad"),
        ({"unreadable": ("web.json",)}, "doctor.process.unreadable", "worth-knowing"),
        ({"free_bytes": 1 << 30}, "doctor.disk.full", "bad"),
        ({"grown_bytes": 2 << 30}, "doctor.disk.soon", "worth-knowing"),
        ({"grown_bytes": 1 << 30}, "doctor.disk.grows", "good"),
        ({"senders": ()}, "doctor.senders.none", "worth-knowing"),
        ({"vitals": (_said("web"),)}, "doctor.senders.silent", "bad"),
        ({"waiting_bytes": 1 << 30}, "doctor.journal.much", "worth-knowing"),
        ({"routes_wrong": "'notify.yml' is no YAML"}, "doctor.routes.wrong", "bad"),
        ({"secrets_missing": ("duty: not set",)}, "doctor.routes.secret", "bad"),
        ({"routes": Routes()}, "doctor.routes.none", "worth-knowing"),
        ({"routes": Routes.model_validate({"routes": [{**ROUTE, "level": "critical"}]})}, "doctor.routes.high", "worth-knowing"),
        ({"messages": Waiting(0, 1)}, "doctor.messages.lost", "bad"),
        ({"messages": Waiting(9, 0)}, "doctor.messages.wait", "worth-knowing"),
        ({"arriving": Arriving(5, 1, 100, 0, ("x",), {})}, "doctor.rules.none", "bad"),
        ({"arriving": Arriving(5, 1, 9, 9, (), {"edge": 3_600.0})}, "doctor.clock.ahead", "worth-knowing"),
        ({"arriving": Arriving(5, 1, 9, 9, (), {"edge": -9_000.0})}, "doctor.clock.behind", "worth-knowing"),
    ],
)
def test_what_is_wrong_is_found(said: dict[str, Any], code: str, state: str) -> None:
    assert code not in _codes(_facts()) or state == "good"
    assert _codes(_facts(**said))[code] == state


def test_silence_counts_from_when_we_began_to_listen() -> None:
    young = _said("worker-0", started=NOON - timedelta(minutes=10))
    assert "doctor.senders.silent" not in _codes(_facts(vitals=(young,)))
    never = SENDER.model_copy(update={"silent_after_seconds": 0})
    assert "doctor.senders.silent" not in _codes(_facts(vitals=(_said("worker-0"),), senders=(never,)))
    off = SENDER.model_copy(update={"on": False})
    assert "doctor.senders.none" in _codes(_facts(senders=(off,)))


def _accepted(count: float, name: str = "events_accepted") -> tuple[Vitals, ...]:
    labels = {"listener": "bulk"} | ({"reason": "unknown"} if name == "events_refused" else {})
    return (_said("web", figures=(Figure(name=name, labels=labels, value=count),)),)


@pytest.mark.parametrize(
    ("what", "said", "code"),
    [
        ("events", {}, "doctor.why.not-empty"),
        ("events", {"is_any_stored": False, "vitals": ()}, "doctor.why.nothing-runs"),
        ("events", {"is_any_stored": False, "vitals": (_said("web", hindered="the disk is full"),)}, "doctor.why.not-ready"),
        ("events", {"is_any_stored": False, "vitals": WELL[1:]}, "doctor.why.not-ready"),
        ("events", {"is_any_stored": False, "senders": ()}, "doctor.senders.none"),
        ("events", {"is_any_stored": False, "vitals": _accepted(5)}, "doctor.why.not-read"),
        ("events", {"is_any_stored": False, "vitals": _accepted(5, "events_refused")}, "doctor.why.refused"),
        ("events", {"is_any_stored": False}, "doctor.why.nothing-came"),
        ("signals", {"is_any_stored": False, "shown": 0, "hidden": 0}, "doctor.why.nothing-came"),
        ("signals", {"shown": 0, "hidden": 0, "arriving": None}, "doctor.why.no-rules"),
        ("signals", {"shown": 0, "hidden": 0, "arriving": Arriving(5, 1, 100, 0, ("x",), {})}, "doctor.rules.none"),
        ("signals", {"shown": 0, "hidden": 0}, "doctor.why.nothing-fired"),
        ("signals", {"shown": 0, "hidden": 1}, "doctor.why.not-empty"),
        ("incidents", {}, "doctor.why.not-empty"),
        ("incidents", {"shown": 0, "vitals": WELL[:2]}, "doctor.why.no-keeper"),
        ("incidents", {"shown": 0}, "doctor.why.hidden"),
        ("incidents", {"shown": 0, "hidden": 0, "vitals": (*WELL, _said("worker-1", figures=FIRED))}, "doctor.why.not-yet"),
    ],
)  # fmt: skip
def test_the_first_place_where_it_stops_is_named(what: Any, said: dict[str, Any], code: str) -> None:
    found = why_empty(what, _facts(**said))
    assert found.what.code == code
    assert (found.mend is None) == (code == "doctor.why.not-empty")


def test_every_emptiness_is_answered_in_every_language_without_a_hole() -> None:
    empty = _facts(is_any_stored=False, shown=0, hidden=0, vitals=())
    every: list[Checked] = [*(why_empty(what, empty) for what in EMPTY), *checkup(_facts(grown_bytes=9 << 30, messages=Waiting(9, 9)))]
    for language in LANGUAGES:
        for note in (note for found in every for note in (found.what, found.mend) if note):
            assert not {"[", "?]"} & set(say(note, language).split()), note


def test_whatever_is_not_good_says_what_to_do() -> None:
    calls = [node for node in ast.walk(ast.parse(Path(str(module.__file__)).read_text("utf-8"))) if isinstance(node, ast.Call)]
    codes = [
        arg.value for call in calls if getattr(call.func, "id", "") == "_found" for arg in call.args[1:2] if isinstance(arg, ast.Constant)
    ]
    assert len(codes) > 20
    for language in LANGUAGES:
        words = lexicon(language)
        assert [code for code in codes if f"{code}.mend" not in words] == []
        assert [code for code in codes if places(words[f"{code}.mend"]) - places(words[code]) - {"missing"}] == []


def test_facts_are_asked_for_arriving_events_only_where_there_are_some() -> None:
    def never() -> Arriving | None:
        raise AssertionError

    unasked: Callable[[], Arriving | None] = never
    facts = _facts(is_any_stored=False)
    assert list(checkup(Facts(**{**{name: getattr(facts, name) for name in Facts.__slots__}, "arriving": unasked})))


def test_one_answer_is_given_to_one_question() -> None:
    assert [found.what.code for found in looked_over(_facts(), "events")] == ["doctor.why.not-empty"]
    assert list(looked_over(_facts(), None)) == list(checkup(_facts()))


def test_a_process_that_failed_and_a_journal_that_is_damaged_are_said() -> None:
    figures = (Figure(name="journal_damaged_bytes", labels={}, value=900), Figure(name="journal_set_aside", labels={}, value=2))
    vitals = (*WELL[:1], _said("worker-0", figures=figures, heard=(HEARD,)), _said("keeper", phase="stopped", hindered="no room"))
    found = _codes(_facts(vitals=vitals))
    assert found["doctor.process.failed"] == "bad"
    assert found["doctor.journal.damaged"] == "worth-knowing"
    assert found["doctor.journal.aside"] == "bad"
