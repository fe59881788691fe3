"""Reading: what ships is sound, a person's own goes before it, and a hostile file is refused with its name."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.autopilot.playbooks.conftest import FACTS

from watchkeeper.autopilot.playbooks.reading import MOST_BYTES, playbooks, read_playbook
from watchkeeper.autopilot.playbooks.walking import begin, next_steps
from watchkeeper.autopilot.playbooks.wording import VALUES
from watchkeeper.model.condition import IncidentFacts
from watchkeeper.model.language import Language
from watchkeeper.model.note import Note
from watchkeeper.model.playbook import Act, Ask, Escalate, Playbook, Tell, Wait, Wanted, Words
from watchkeeper.model.walked import StepResult
from watchkeeper.reporting.lexicon import lexicon, places

_OWN = """
title: {en: "Our own", zh: "自己的"}
for: {fact: synthetic}
priority: 1000
start: tell
steps:
  tell: {kind: tell, say: "Look at it", next: end}
  end: {kind: end}
"""
_LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "\n".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]" for before, name in zip("abcdef", "bcdefg", strict=True)
)


def _words(playbook: Playbook) -> Iterator[Words]:
    yield playbook.title
    for step in playbook.steps.values():
        match step:
            case Tell() | Escalate():
                yield step.say
            case Ask():
                yield from (step.question, *(choice.said for choice in step.choices))
            case _:
                continue


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_shipped_playbooks_say_is_in_the_lexicon_with_places_that_are_filled(language: Language) -> None:
    for playbook in playbooks():
        for words in _words(playbook):
            assert isinstance(words, Note), playbook.name
            assert places(lexicon(language)[words.code]) <= set(VALUES), words.code


def test_no_sentence_for_playbooks_is_left_over() -> None:
    used = {words.code for playbook in playbooks() for words in _words(playbook) if isinstance(words, Note)}
    assert {code for code in lexicon("en") if code.startswith("playbook.")} - used == set()


@pytest.mark.parametrize("name", [one.name for one in playbooks()])
def test_while_nobody_answers_a_shipped_playbook_cuts_off_desks_alone_and_touches_no_protected_account(name: str) -> None:
    playbook = next(one for one in playbooks() if one.name == name)
    facts = FACTS.model_copy(update={"roles": ("workstation", "domain-controller", "mail"), "protected": True, "signals": 99})
    facts = facts.model_copy(update={"planned": ("isolate_host", "block_address", "disable_account")})
    for wanted in _asked_for(playbook, facts):
        assert wanted.action != "isolate_host" or set(wanted.targets.roles) <= {"workstation", "laptop", "desktop", "unknown"} != set()
        assert wanted.action not in {"disable_account", "end_sessions"} or wanted.targets.protected is False or name == "ransomware"


def _asked_for(playbook: Playbook, facts: IncidentFacts) -> Iterator[Wanted]:
    """Walk a playbook with everything working and nobody answering, and give every action that it asks for."""
    walked = next_steps(playbook, begin(playbook, facts), facts)
    while not walked.position.over:
        due = walked.due[0]
        yield from due.step.actions if isinstance(due.step, Act) else ()
        silent = isinstance(due.step, Ask | Wait)
        silence = StepResult(key=due.key, outcome="lapsed" if silent else "done", states=() if silent else ("verified",))
        walked = next_steps(playbook, walked.position, facts, [silence])


def test_evidence_is_secured_before_anything_destroys_it() -> None:
    facts = FACTS.model_copy(update={"planned": ("kill_process",)})
    for playbook in playbooks():
        asked = [wanted.action for wanted in _asked_for(playbook, facts)]
        assert "kill_process" not in asked or asked.index("snapshot_evidence") < asked.index("kill_process"), playbook.name


def test_sessions_are_ended_where_accounts_are_closed_and_after_that() -> None:
    facts = FACTS.model_copy(update={"planned": ("disable_account", "end_sessions"), "protected": True})
    for playbook in playbooks():
        steps = playbook.steps.items()
        closing = {name: step for name, step in steps if isinstance(step, Act) and step.actions[0].action == "disable_account"}
        for step in closing.values():
            after = playbook.steps[step.next]
            assert isinstance(after, Act), playbook.name
            assert [(one.action, one.targets) for one in after.actions] == [("end_sessions", step.actions[0].targets)], playbook.name
            assert step.on_refused not in {None, step.next}, "whoever refused to close an account is not asked to end what it has open"
        asked = [wanted.action for wanted in _asked_for(playbook, facts)]
        assert ("disable_account" in asked) == ("end_sessions" in asked), playbook.name


def test_whoever_blocks_addresses_blocks_names_and_phishing_keeps_the_mail_from_others() -> None:
    for playbook in playbooks():
        asked = [{one.action for one in step.actions} for step in playbook.steps.values() if isinstance(step, Act)]
        assert all("block_domain" in one for one in asked if "block_address" in one) or playbook.name == "attempt", playbook.name
    [phishing] = [one for one in playbooks() if one.name == "phishing"]
    assert {"hold_mail", "quarantine_mail"} <= {wanted.action for wanted in _asked_for(phishing, FACTS)}


def test_a_person_s_own_playbook_goes_before_the_shipped_one_of_its_name(tmp_path: Path) -> None:
    for name in ("unknown", "ours"):
        (tmp_path / f"{name}.yml").write_text(_OWN, "utf-8")
    found = playbooks([tmp_path, tmp_path / "nothing-here"])
    assert [one.name for one in found[:2]] == ["ours", "unknown"]
    assert len(found) == len(playbooks()) + 1


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("steps: [", "is no YAML, line 1"),
        ("- a list", "is no mapping"),
        ("name: other\n" + _OWN, "calls itself 'other'; it is called as its file is, 'mine'"),
        (_LAUGHS, "holds more than 20,000 values"),
        ("[" * 1_500, "is no YAML"),
        ("x: " + "[" * 60 + "]" * 60, "goes deeper than 40"),
        ("# " + "x" * MOST_BYTES, "has more than 256 KiB"),
        (_OWN.replace('"Look at it"', "!!python/object/apply:os.system [id]"), "is no YAML"),
    ],
)  # fmt: skip
def test_a_hostile_file_is_refused_with_its_name(tmp_path: Path, text: str, said: str) -> None:
    path = tmp_path / "mine.yml"
    path.write_text(text, "utf-8")
    with pytest.raises(ValueError, match=r"mine\.yml") as error:
        read_playbook(path)
    assert said in str(error.value)


def test_a_folder_full_of_playbooks_is_not_read(tmp_path: Path) -> None:
    for number in range(501):
        (tmp_path / f"p{number}.yml").touch()
    with pytest.raises(ValueError, match="501 playbooks; at most 500"):
        playbooks([tmp_path])
