"""Weighing hypotheses into a verdict. Owns the arithmetic and the outcome; nothing is closed here, and no label has calibrated it yet."""

import math
from collections.abc import Callable

from watchkeeper.model.asset import Asset
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.verdict import Opinion, Outcome, Verdict
from watchkeeper.triage.facts import Facts, facts, named
from watchkeeper.triage.hypotheses import Hypothesis, Weight, hypotheses

_ATTACK = 0.6
_HARMLESS = 0.35
"""Shares of attack hypotheses above which it is judged an attack and below which harmless; between them it stays undetermined."""


def judge(incident: Incident, asset_of: Callable[[str], Asset]) -> Verdict:
    """Weigh every hypothesis against the facts; with the incident's trace the facts include what happened on the hosts."""
    found = facts(incident, asset_of)
    every = hypotheses()
    scores = [math.log(hypothesis.prior) + sum(weight.weight for weight in _holding(hypothesis, found)) for hypothesis in every]
    total = sum(math.exp(score) for score in scores)
    ranked = sorted(zip(every, (math.exp(score) / total for score in scores), strict=True), key=lambda pair: -pair[1])
    attack = sum(probability for hypothesis, probability in ranked if hypothesis.malicious)
    outcome, confidence = _outcome(ranked[0][0], attack, found)
    opinions = tuple(_opinion(hypothesis, probability, found) for hypothesis, probability in ranked)
    leading = next((opinion for opinion in opinions if opinion.malicious == (attack >= 0.5)), opinions[0])
    return Verdict(
        outcome=outcome,
        confidence=round(confidence, 3),
        hypothesis=leading.hypothesis,
        why=(*_outcome_notes(outcome, found), *leading.supporting, *leading.contradicting, Note(code="triage.uncalibrated")),
        missing=leading.missing,
        opinions=opinions,
        decided_by="fast",
    )


def _holding(hypothesis: Hypothesis, found: Facts) -> list[Weight]:
    return [weight for weight in hypothesis.weights if _values(weight, found)]


def _values(weight: Weight, found: Facts) -> tuple[str, ...]:
    values = found.get(weight.fact, ())
    return tuple(value for value in values if not weight.any or value in weight.any)


def _outcome(leading: Hypothesis, attack: float, found: Facts) -> tuple[Outcome, float]:
    if attack < _HARMLESS:
        return (leading.outcome if not leading.malicious else "benign"), 1 - attack
    if attack < _ATTACK:
        return "undetermined", max(attack, 1 - attack)
    if found.get("effect") or found.get("moved-across-hosts"):
        return "succeeded", attack
    if found.get("blocked"):
        return "blocked", attack
    if found.get("process-telemetry"):
        return "attempted", attack
    return "undetermined", attack


def _outcome_notes(outcome: Outcome, found: Facts) -> tuple[Note, ...]:
    telling = {"succeeded": ("effect", "moved-across-hosts"), "blocked": ("blocked",)}.get(outcome, ())
    shown = tuple(Note(code=f"triage.outcome.{fact}", arguments={"values": named(found[fact])}) for fact in telling if found.get(fact))
    return shown or (Note(code=f"triage.outcome.{outcome}"),)


def _opinion(hypothesis: Hypothesis, probability: float, found: Facts) -> Opinion:
    holding = sorted(_holding(hypothesis, found), key=lambda weight: -abs(weight.weight))
    return Opinion(
        expert="triage",
        hypothesis=hypothesis.id,
        malicious=hypothesis.malicious,
        probability=round(probability, 4),
        supporting=tuple(_note(weight, found) for weight in holding if weight.weight > 0),
        contradicting=tuple(_note(weight, found) for weight in holding if weight.weight < 0),
        missing=tuple(Note(code=f"triage.missing.{fact}") for fact in hypothesis.wants if not found.get(fact)),
    )


def _note(weight: Weight, found: Facts) -> Note:
    return Note(code=f"triage.fact.{weight.fact}", arguments={"values": named(_values(weight, found))})
