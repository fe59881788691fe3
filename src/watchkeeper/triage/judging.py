"""Weighing hypotheses into a verdict. Owns the arithmetic and the outcome; what labels make of the odds stands in `experience`."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from watchkeeper.model.asset import Asset
from watchkeeper.model.fold import Fold
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.subject import Subject
from watchkeeper.model.verdict import Opinion, Outcome, Verdict
from watchkeeper.triage.experience import NO_EXPERIENCE, Experience
from watchkeeper.triage.facts import NOTHING_SAID, Facts, Said, before, facts, named
from watchkeeper.triage.features import describe
from watchkeeper.triage.hypotheses import Hypothesis, Weight, hypotheses
from watchkeeper.triage.seen import Seen, of_incident

_ATTACK = 0.6
_HARMLESS = 0.35
"""Shares of attack hypotheses above which it is judged an attack and below which harmless; between them it stays undetermined."""


def judge(
    incident: Incident, asset_of: Callable[[str], Asset], experience: Experience = NO_EXPERIENCE, said: Said = NOTHING_SAID
) -> Verdict:
    """Weigh every hypothesis against the facts; with the incident's trace the facts include what happened on the hosts.

    Args:
        incident: what is judged.
        asset_of: what is known of a host.
        experience: what people said of earlier incidents and sessions: it moves the odds of an attack by as much as it moves them from
            signals alone, and says what was authorised before.
        said: what products and events say of whether it worked.
    """
    seen = of_incident(incident)
    subject = subject_of(seen, asset_of)
    found = {**facts(seen, asset_of), **said, **before(seen, experience.past(subject))}
    ranked = _shifted(weighed(found), experience.log_odds(subject) - subject.prior)
    attack = sum(probability for hypothesis, probability in ranked if hypothesis.malicious)
    outcome, confidence = _outcome(attack, found)
    opinions = tuple(_opinion(hypothesis, probability, found) for hypothesis, probability in ranked)
    leading = next((opinion for opinion in opinions if opinion.malicious == (attack >= 0.5)), opinions[0])
    return Verdict(
        outcome=outcome,
        confidence=round(confidence, 3),
        attack=round(attack, 4),
        hypothesis=leading.hypothesis,
        why=(*_outcome_notes(outcome, found), *leading.supporting, *leading.contradicting, _basis(experience)),
        missing=leading.missing,
        opinions=opinions,
        decided_by="fast",
    )


def subject_of(seen: Seen, asset_of: Callable[[str], Asset], from_intel: Callable[[Fold], bool] = lambda _: False) -> Subject:
    """Describe a session or incident by its signals alone, as it is compared with others."""
    found = facts(replace(seen, trace=None), asset_of)
    attack = sum(probability for hypothesis, probability in weighed(found) if hypothesis.malicious)
    return describe(seen, math.log(attack / (1 - attack)), asset_of, from_intel)


def weighed(found: Facts) -> list[tuple[Hypothesis, float]]:
    """Give every hypothesis with its probability, likeliest first."""
    every = hypotheses()
    scores = [math.log(hypothesis.prior) + sum(weight.weight for weight in _holding(hypothesis, found)) for hypothesis in every]
    total = sum(math.exp(score) for score in scores)
    return sorted(zip(every, (math.exp(score) / total for score in scores), strict=True), key=lambda pair: -pair[1])


def _shifted(ranked: Sequence[tuple[Hypothesis, float]], nats: float) -> list[tuple[Hypothesis, float]]:
    """Move the log-odds of an attack, the hypotheses on either side keeping their proportions."""
    moved = [(hypothesis, probability * math.exp(nats / 2 if hypothesis.malicious else -nats / 2)) for hypothesis, probability in ranked]
    total = sum(probability for _, probability in moved)
    return sorted(((hypothesis, probability / total) for hypothesis, probability in moved), key=lambda pair: -pair[1])


def _basis(experience: Experience) -> Note:
    """Say what the probabilities rest on."""
    if not experience.labels:
        return Note(code="triage.uncalibrated")
    return Note(code="triage.calibrated", arguments={"labels": str(experience.labels), "attacks": str(experience.attacks)})


def _holding(hypothesis: Hypothesis, found: Facts) -> list[Weight]:
    return [weight for weight in hypothesis.weights if _values(weight, found)]


def _values(weight: Weight, found: Facts) -> tuple[str, ...]:
    values = found.get(weight.fact, ())
    return tuple(value for value in values if not weight.any or value in weight.any)


def _outcome(attack: float, found: Facts) -> tuple[Outcome, float]:
    if attack < _HARMLESS:
        return ("authorised" if _any(*_TELLING["authorised"])(found) else "benign"), 1 - attack
    if attack < _ATTACK:
        return "undetermined", max(attack, 1 - attack)
    for outcome, holds in _ATTACKS:
        if holds(found):
            return outcome, attack
    return "undetermined", attack


def _outcome_notes(outcome: Outcome, found: Facts) -> tuple[Note, ...]:
    shown = tuple(
        Note(code=f"triage.outcome.{fact}", arguments={"values": named(found[fact])})
        for fact in _TELLING.get(outcome, ())
        if found.get(fact)
    )
    return shown or (Note(code=f"triage.outcome.{outcome}"),)


def _any(*names: str) -> Callable[[Facts], bool]:
    return lambda found: any(found.get(name) for name in names)


def _all_stopped(found: Facts) -> bool:
    """Say whether every telling signal was stopped by the product that reports it."""
    return (
        bool(found.get("stopped")) and not set(found.get("telling-rule", ())).difference(found["stopped"]) and not found.get("let-through")
    )


_TELLING: Mapping[Outcome, tuple[str, ...]] = {
    "succeeded": ("effect", "moved-across-hosts", "granted"),
    "blocked": ("stopped", "blocked"),
    "attempted": ("refused",),
    "authorised": ("authorised-before", "appointed-scanner"),
    "benign": ("benign-before",),
}
"""Facts that show an outcome, and are its first reasons."""
_ATTACKS: tuple[tuple[Outcome, Callable[[Facts], bool]], ...] = (
    ("blocked", _all_stopped),
    ("succeeded", _any("effect", "moved-across-hosts", "granted")),
    ("blocked", _any("stopped", "blocked")),
    ("attempted", _any("refused", "process-telemetry")),
)
"""What became of an attack: the first that holds; none leaves it undetermined."""


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
