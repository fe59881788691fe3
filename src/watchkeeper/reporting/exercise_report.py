"""An exercise's final report: HTML, Markdown, JSON. Owns adding up; the points are given by `autopilot.exercise`."""

from collections.abc import Callable, Mapping
from importlib.metadata import version

from watchkeeper.model.exercise import POINTS, Scored
from watchkeeper.model.language import Language
from watchkeeper.reporting.documents import as_html, as_json, as_markdown


def totals(scored: Scored) -> tuple[tuple[str, int], ...]:
    """Give how many steps were seen, in an incident, judged rightly, blocked and reported."""
    return (
        ("seen", sum(bool(one.signal) for one in scored.steps)),
        ("incident", sum(bool(one.incident) for one in scored.steps)),
        ("verdict", sum(one.verdict_right for one in scored.steps)),
        ("blocked", sum(bool(one.action) for one in scored.steps)),
        ("reported", sum(one.told is not None for one in scored.steps)),
    )


def _given(scored: Scored, tenant: str) -> dict[str, object]:
    return {
        "scored": scored,
        "exercise": scored.exercise,
        "attackers": tuple((name, getattr(scored.exercise.attackers, name)) for name in type(scored.exercise.attackers).model_fields),
        "totals": totals(scored),
        "most": POINTS,
        "tenant": tenant,
        "made": scored.time,
        "version": version("watchkeeper"),
        "synthetic": scored.synthetic,
    }


def _html(scored: Scored, lang: Language, tenant: str) -> str:
    return as_html("exercise", lang, _given(scored, tenant))


def _markdown(scored: Scored, lang: Language, tenant: str) -> str:
    return as_markdown("exercise", lang, _given(scored, tenant))


def _json(scored: Scored, _lang: Language, _tenant: str) -> str:
    return as_json(scored)


EXERCISED: Mapping[str, Callable[[Scored, Language, str], str]] = {"html": _html, "md": _markdown, "json": _json}
"""What an exercise's report can be written down as."""
