"""Figures, and who asked for something, as people read them. Owns how a number is written; unknown is never 0."""

from datetime import timedelta

from watchkeeper.model.language import Language
from watchkeeper.model.metrics import Metric
from watchkeeper.model.note import Note
from watchkeeper.reporting.sentences import say, word
from watchkeeper.reporting.times import amount, lasting, percent

_LONG = timedelta(days=36_500)


def figured(metric: Metric, lang: Language) -> str:
    """Write a figure as people read it; what is unknown is called that, never 0."""
    if metric.value is None:
        return word("figure.unknown", lang)
    match metric.unit:
        case "seconds":
            return lasting(min(_LONG, timedelta(seconds=metric.value)), lang)
        case "share":
            return percent(metric.value)
        case "signals an incident":
            return f"{metric.value:,.1f}"
        case _:
            return amount(round(metric.value))


def spread(metric: Metric, lang: Language) -> str:
    """Write the lowest and highest tenth of times; empty where there are too few."""
    if metric.low is None or metric.high is None:
        return ""
    return " – ".join(lasting(timedelta(seconds=one), lang) for one in (metric.low, metric.high))


def elapsed(seconds: float, lang: Language) -> str:
    """Say how long after something something else was; or before it."""
    length = lasting(timedelta(seconds=abs(seconds)), lang)
    return say(Note(code="figure.after" if seconds >= 0 else "figure.earlier", arguments={"length": length}), lang)


def asked_by(by: str, lang: Language) -> str:
    """Say who asked for an action: a playbook, a person or a model."""
    kind, _, name = by.partition(":")
    known = kind in {"playbook", "person", "model"}
    return say(Note(code=f"did.asker.{kind}", arguments={"name": name}), lang) if known else by
