"""Notes and claims are said in both languages, and values cannot act."""

from watchkeeper.model.claim import Claim
from watchkeeper.model.evidence import Evidence
from watchkeeper.model.language import Language
from watchkeeper.model.note import Note
from watchkeeper.reporting import say
from watchkeeper.reporting.sentences import pieces, word


def test_a_note_is_said_in_the_readers_language() -> None:
    note = Note(code="answer.success.hypothesis", arguments={"hypothesis": "ransomware-staging"})
    assert say(note, "en") == f"best explanation: {word('hypothesis.ransomware-staging', 'en')}"
    assert say(note, "zh").startswith("最合理的解释")
    assert "ransomware" not in say(note, "zh")


def test_a_claim_is_said_by_its_predicate() -> None:
    claim = Claim(
        predicate="network.connected",
        arguments={"host": "ws07", "image": "a.exe", "address": "203.0.113.77", "port": "443"},
        evidence=(Evidence(event_id="e", time=None),),
        time=None,
    )
    for language in ("en", "zh"):
        said = say(claim, language)
        assert all(value in said for value in claim.arguments.values())


def test_closed_words_are_translated_wherever_they_stand() -> None:
    note = Note(code="triage.fact.tactic", arguments={"values": "execution, defense-evasion"})
    assert "执行, 隐匿" in say(note, "zh")
    assert "Execution, Stealth" in say(note, "en")


def test_values_cannot_fill_other_places_nor_hide() -> None:
    note = Note(code="answer.else.incident", arguments={"rank": "{title}", "title": "a\x1b[2J\u202eb {rank} {0.__class__}"})
    assert say(note, "en") == "incident {title} concerns the same hosts: a␛[2J\\u202eb {rank} {0.__class__}"


def test_nothing_is_lost_without_a_template_or_an_argument() -> None:
    assert say(Note(code="no.such", arguments={"a": "1"}), "en") == "[no.such a=1]"
    assert "[title?]" in say(Note(code="answer.else.incident", arguments={"rank": "2"}), "en")


def test_values_are_told_from_words() -> None:
    languages: tuple[Language, ...] = ("en", "zh")
    for language in languages:
        parts = pieces(Note(code="answer.else.incident", arguments={"rank": "2", "title": "x"}), language)
        assert [part.text for part in parts if part.value] == ["2", "x"]


def test_a_reason_is_said_within_a_sentence_in_its_language_and_no_value_becomes_one() -> None:
    known = {"kind": "address", "value": "203.0.113.9", "since": "2026-01-01", "incident": "ab", "count": "2", "of": "evil.example"}
    note = Note(code="incident.followed", arguments={**known, "because": "watch.answer"})
    assert "(evil.example resolved to this address)" in say(note, "en")
    assert "（evil.example 曾解析到该地址）" in say(note, "zh")
    odd = Note(code="incident.followed", arguments={**known, "because": "incident.followed"})
    assert say(odd, "en").count("looked out for") == 2, "it stands for one sentence, not for itself without end"
    assert "(no such code)" in say(Note(code="incident.followed", arguments={**known, "because": "no such code"}), "en")
