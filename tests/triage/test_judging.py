"""Hypotheses are weighed by facts alone, and the verdict says why and what is missing."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from watchkeeper.model.asset import Asset
from watchkeeper.model.fold import Fold
from watchkeeper.model.incident import Incident
from watchkeeper.model.level import Level
from watchkeeper.model.note import Note
from watchkeeper.model.subject import Precedent
from watchkeeper.model.trace import Edge, Node, Trace
from watchkeeper.model.verdict import Outcome
from watchkeeper.triage import Experience, judge, learn, of_incident, subject_of
from watchkeeper.triage.hypotheses import hypotheses, read_hypotheses

NOW = datetime(2025, 5, 5, 12, tzinfo=UTC)


def _fold(title: str, level: Level, novelty: float = 3.0) -> Fold:
    return Fold(
        id=title, session="s", rule=title, title=title, level=level, host="ws1", user="", first=NOW, last=NOW, count=1, exemplars=(),
        novelty=novelty, why=(),
    )  # fmt: skip


def _incident(*folds: Fold, tactics: tuple[str, ...] = (), techniques: tuple[str, ...] = (), trace: Trace | None = None) -> Incident:
    return Incident(
        id="i", rank=1, title="t", level="high", score=1.0, start=NOW, end=NOW, sessions=("s",), folds=folds, hosts=("ws1",), entities=(),
        techniques=techniques, tactics=tactics, why=(), shown=True, trace=trace,
    )  # fmt: skip


def _trace(*edges: Edge) -> Trace:
    nodes = (
        Node(id="p", kind="process", label="evil.exe", host="ws1", time=NOW, details={}, alerted=True, tactic=""),
        Node(id="f", kind="file", label="dump.bin", host="ws1", time=NOW, details={}, alerted=False, tactic=""),
    )
    return Trace(
        nodes=nodes, edges=edges, entry="p", entry_note=Note(code="x"), story=(), dropped_claims=0, attackers=(), techniques=(),
        unknowns=(), events_read=1,
    )  # fmt: skip


WROTE = Edge(source="p", target="f", kind="wrote", time=NOW, evidence=("e",))
DUMPING = {"tactics": ("execution", "credential-access", "lateral-movement"), "techniques": ("T1003.001", "T1059.001")}
SEVERE = (_fold("LSASS dumped", "high"), _fold("Encoded command", "high"))


def _asset(name: str) -> Asset:
    return Asset(name=name)


def test_credential_dumping_with_an_effect_succeeded() -> None:
    verdict = judge(_incident(*SEVERE, **DUMPING, trace=_trace(WROTE)), _asset)
    assert (verdict.outcome, verdict.hypothesis) == ("succeeded", "credential-theft")
    assert verdict.why[0].code == "triage.outcome.effect"
    assert verdict.why[0].arguments == {"values": "dump.bin"}


def test_without_an_effect_it_was_attempted_and_without_telemetry_undetermined() -> None:
    assert judge(_incident(*SEVERE, **DUMPING, trace=_trace()), _asset).outcome == "attempted"
    untraced = judge(_incident(*SEVERE, **DUMPING), _asset)
    assert untraced.outcome == "undetermined"
    assert "triage.missing.process-telemetry" in [note.code for note in untraced.missing]


def test_what_a_product_stopped_was_blocked() -> None:
    blocked = judge(_incident(_fold("Malware blocked by antivirus", "critical"), *SEVERE, **DUMPING, trace=_trace()), _asset)
    assert blocked.outcome == "blocked"


@pytest.mark.parametrize("novelty", [0.1, 0.5])
def test_an_everyday_mild_rule_is_harmless(novelty: float) -> None:
    verdict = judge(_incident(_fold("Admin tool used", "low", novelty)), _asset)
    assert verdict.outcome == "benign"
    assert verdict.confidence > 0.9
    assert verdict.attack is not None
    assert verdict.attack < 0.1


def _said(incident: Incident, *verdicts: Outcome) -> Experience:
    """What was learnt from the same incident on earlier days."""
    words: list[Precedent] = []
    for day, verdict in enumerate(verdicts, 1):
        before = incident.model_copy(update={"id": f"{verdict}{day}", "start": NOW - timedelta(days=40 - day), "trace": None})
        subject = subject_of(of_incident(before), _asset)
        words.append(Precedent(subject=subject, verdict=verdict, said=NOW))
    return learn(words)


MEDIUM = (_fold("Remote tool used", "medium"), _fold("Service made", "medium"))


def test_what_people_authorised_before_is_authorised_and_says_so() -> None:
    incident = _incident(*MEDIUM)
    verdict = judge(incident, _asset, _said(incident, "authorised"))
    assert (verdict.outcome, verdict.why[0].code) == ("authorised", "triage.outcome.authorised-before")
    other = incident.model_copy(update={"folds": (*MEDIUM, _fold("Something else", "medium"))})
    assert judge(other, _asset, _said(incident, "authorised")).outcome != "authorised", "what was authorised covers a part of it only"
    assert judge(incident, _asset, _said(incident, "authorised", "succeeded")).outcome != "authorised"
    assert judge(incident, _asset).outcome != "authorised"


def test_what_people_called_benign_before_is_benign_for_that_reason() -> None:
    incident = _incident(*MEDIUM)
    verdict = judge(incident, _asset, _said(incident, "benign"))
    assert (verdict.outcome, verdict.why[0].code) == ("benign", "triage.outcome.benign-before")


def test_an_appointed_scanner_is_authorised_only_if_a_person_says_what_it_is() -> None:
    incident = _incident(_fold("Port scan", "medium"), tactics=("discovery",))

    def asset(*, learnt: bool) -> Callable[[str], Asset]:
        return lambda name: Asset(name=name, role="scanner", learnt=learnt)

    assert judge(incident, asset(learnt=False)).outcome == "authorised"
    assert judge(incident, asset(learnt=True)).outcome != "authorised"


def test_words_move_the_odds_and_the_verdict_says_how_many_there_were() -> None:
    incident = _incident(*MEDIUM, tactics=("execution",))
    free = judge(incident, _asset)
    calm, alarmed = (judge(incident, _asset, _said(incident, *[verdict] * 20)) for verdict in ("benign", "succeeded"))
    assert (calm.attack or 0) < (free.attack or 0) < (alarmed.attack or 0)
    assert sum(opinion.probability for opinion in alarmed.opinions if opinion.malicious) == pytest.approx(alarmed.attack or 0, abs=0.01)
    assert alarmed.why[-1] == Note(code="triage.calibrated", arguments={"labels": "20", "attacks": "20"})
    assert free.why[-1].code == "triage.uncalibrated"


SAID: tuple[tuple[dict[str, tuple[str, ...]], Trace | None, Outcome], ...] = (
    ({"stopped": ("LSASS dumped", "Encoded command")}, _trace(WROTE), "blocked"),
    ({"stopped": ("LSASS dumped",)}, _trace(WROTE), "succeeded"),
    ({"stopped": ("LSASS dumped", "Encoded command"), "let-through": ("LSASS dumped",)}, _trace(WROTE), "succeeded"),
    ({"stopped": ("LSASS dumped",)}, _trace(), "blocked"),
    ({"refused": ("Encoded command",)}, None, "attempted"),
    ({"refused": ("Encoded command",), "granted": ("LSASS dumped",)}, None, "succeeded"),
    ({"let-through": ("LSASS dumped",)}, None, "undetermined"),
)


@pytest.mark.parametrize(("said", "trace", "outcome"), SAID)
def test_what_products_and_events_say_decides_whether_it_worked(
    said: dict[str, tuple[str, ...]], trace: Trace | None, outcome: Outcome
) -> None:
    assert judge(_incident(*SEVERE, **DUMPING, trace=trace), _asset, said=said).outcome == outcome


def test_probabilities_sum_to_one_and_every_hypothesis_is_listed() -> None:
    verdict = judge(_incident(*SEVERE, **DUMPING), _asset)
    assert {opinion.hypothesis for opinion in verdict.opinions} == {hypothesis.id for hypothesis in hypotheses()}
    assert sum(opinion.probability for opinion in verdict.opinions) == pytest.approx(1, abs=0.01)
    assert [opinion.probability for opinion in verdict.opinions] == sorted((o.probability for o in verdict.opinions), reverse=True)


def test_one_more_severe_fact_never_makes_an_attack_less_likely() -> None:
    def attack(incident: Incident) -> float:
        return sum(opinion.probability for opinion in judge(incident, _asset).opinions if opinion.malicious)

    mild = _incident(_fold("a", "medium"), _fold("b", "medium"))
    assert attack(mild) < attack(_incident(*SEVERE)) < attack(_incident(*SEVERE, **DUMPING))


def test_a_wrong_file_of_hypotheses_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "h.yml"
    path.write_text("- {id: a, malicious: true, prior: 1, weights: [{fact: tactic, weight: heavy}]}")
    with pytest.raises(ValueError, match="weight"):
        read_hypotheses(path)
