"""The week's posture written down: HTML, Markdown, CSV, JSON. Owns numbering the figures; choosing sentences is `posture_words`'."""

from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version

from watchkeeper.model.language import Language
from watchkeeper.model.posture import Posture
from watchkeeper.reporting.documents import as_csv, as_html, as_json, as_markdown
from watchkeeper.reporting.posture_words import HEADLINES, summary

COUNTS = ("incidents", "outcomes", "tactics", "questions", "silent")
"""Numbers that are no figure, each with its sentence in the appendix."""
COLUMNS = ("figure", "value", "unit", "rests on", "tenth with the least", "tenth with the most", "value before", "how", "left out")


def _given(posture: Posture, lang: Language) -> dict[str, object]:
    names = [*(one.name for one in posture.figures.metrics), *COUNTS]
    return {
        "posture": posture,
        "tenant": posture.tenant,
        "made": posture.made,
        "version": version("watchkeeper"),
        "synthetic": posture.synthetic,
        "numbers": {name: number for number, name in enumerate(names, 1)},
        "counts": COUNTS,
        "headlines": HEADLINES,
        "figures": {one.name: one for one in posture.figures.metrics},
        "earlier": {one.name: one for one in posture.before.metrics},
        "sentences": tuple(summary(posture, lang)),
    }


def _html(posture: Posture, lang: Language) -> str:
    return as_html("week", lang, _given(posture, lang))


def _markdown(posture: Posture, lang: Language) -> str:
    return as_markdown("week", lang, _given(posture, lang))


def _json(posture: Posture, _lang: Language) -> str:
    return as_json(posture)


def _csv(posture: Posture, _lang: Language) -> str:
    return as_csv(COLUMNS, _rows(posture))


def _rows(posture: Posture) -> Iterator[tuple[object, ...]]:
    for one, before in zip(posture.figures.metrics, posture.before.metrics, strict=True):
        yield (one.name, one.value, one.unit, one.over, one.low, one.high, before.value, one.how, one.left_out)
    for counted in (posture.incidents, *posture.outcomes, *posture.tactics):
        yield (f"incidents: {counted.name}", counted.count, "incidents", counted.count, None, None, counted.before, "", "")
    for level in posture.demotions:
        yield (f"level taken back: {level.action} on {level.group}", level.level, "", None, None, None, None, level.why, "")
    for rule in posture.noise:
        yield (f"signals of rule: {rule.title}", rule.signals, "signals", rule.incidents, None, None, None, "", "")


WEEKLY: Mapping[str, Callable[[Posture, Language], str]] = {"html": _html, "md": _markdown, "csv": _csv, "json": _json}
"""What a week's posture can be written down as."""
