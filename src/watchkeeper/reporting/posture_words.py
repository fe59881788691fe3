"""The week in plain words for management: a few sentences, each number with the figure that it comes from. Owns choosing them."""

from collections.abc import Iterator
from dataclasses import dataclass

from watchkeeper.model.language import Language
from watchkeeper.model.metrics import Metric, MetricName, Metrics
from watchkeeper.model.note import Note
from watchkeeper.model.posture import Counted, Posture
from watchkeeper.model.verdict import ATTACK
from watchkeeper.reporting.figured import figured
from watchkeeper.reporting.times import amount

HEADLINES: tuple[MetricName, ...] = ("detection", "response", "decided-alone", "agreement")
"""Figures that stand large on the first page, beside the number of incidents."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence for management."""

    note: Note
    rows: tuple[str, ...]
    """Rows of the appendix that its numbers come from."""


def figure(metrics: Metrics, name: MetricName) -> Metric:
    """Give a figure of that name."""
    return next(one for one in metrics.metrics if one.name == name)


def summary(posture: Posture, lang: Language) -> Iterator[Sentence]:
    """Yield what management has to know of a week, what weighs most first."""
    shown, attacks, succeeded = posture.incidents, _of(posture, ATTACK), _of(posture, {"succeeded"})
    yield _said(
        "incidents", ("incidents", "outcomes"), count=shown.count, before=shown.before, attacks=attacks.count, succeeded=succeeded.count
    )
    yield _people(posture, lang)
    yield from _times(posture, lang)
    yield _actions(posture)
    yield from _approvals(posture)
    yield _said("open", ("open", "questions"), open=_number(posture, "open"), questions=len(posture.questions) + posture.more_questions)
    if (lowered := figure(posture.figures, "demotions").value) is not None:
        yield _said("demotions" if lowered else "demotions-none", ("demotions",), count=int(lowered))
    yield _silent(posture)


def _people(posture: Posture, lang: Language) -> Sentence:
    before, after = figure(posture.figures, "objects-before"), figure(posture.figures, "objects-after")
    if before.value is None or after.value is None:
        return _said("people-unknown", ("objects-before",))
    alone = figured(figure(posture.figures, "decided-alone"), lang)
    return _said(
        "people", ("objects-before", "objects-after", "decided-alone"), before=int(before.value), after=int(after.value), alone=alone
    )


def _times(posture: Posture, lang: Language) -> Iterator[Sentence]:
    for name in ("detection", "response"):
        metric = figure(posture.figures, name)
        known = metric.value is not None
        yield _said(f"{name}" if known else f"{name}-unknown", (name,), time=figured(metric, lang), over=metric.over)


def _actions(posture: Posture) -> Sentence:
    rows = ("actions-done", "actions-alone", "actions-verified", "actions-failed", "actions-undone", "actions-in-force")
    done, alone = figure(posture.figures, "actions-done"), figure(posture.figures, "actions-alone")
    if done.value is None:
        return _said("actions-unknown", ("actions-done",))
    by_itself = round((alone.value or 0.0) * alone.over)
    numbers = {name.removeprefix("actions-"): _number(posture, name) for name in rows if name != "actions-alone"}
    return _said(
        "actions", rows, done=numbers["done"], alone=by_itself, verified=numbers["verified"], failed=numbers["failed"],
        undone=numbers["undone"], held=numbers["in-force"],
    )  # fmt: skip


def _approvals(posture: Posture) -> Iterator[Sentence]:
    """Say what people were asked; where nobody keeps a record, the sentence on actions says so already."""
    names: tuple[MetricName, ...] = ("approvals-asked", "approvals-answered", "approvals-lapsed")
    asked, answered, lapsed = (_number(posture, name) for name in names)
    if figure(posture.figures, "approvals-asked").value is not None:
        yield _said("approvals", names, asked=asked, answered=answered, lapsed=lapsed)


def _silent(posture: Posture) -> Sentence:
    if posture.silent is None:
        return _said("silent-unknown", ("silent",))
    return _said("silent" if posture.silent else "silent-none", ("silent",), count=len(posture.silent), list=", ".join(posture.silent[:5]))


def _of(posture: Posture, names: frozenset[str] | set[str]) -> Counted:
    those = [one for one in posture.outcomes if one.name in names]
    return Counted(name="", count=sum(one.count for one in those), before=sum(one.before for one in those))


def _number(posture: Posture, name: MetricName) -> int | str:
    value = figure(posture.figures, name).value
    return "?" if value is None else int(value)


def _said(code: str, rows: tuple[str, ...], **numbers: int | str) -> Sentence:
    written = {name: amount(value) if isinstance(value, int) else value for name, value in numbers.items()}
    return Sentence(Note(code=f"week.says.{code}", arguments=written), rows)
