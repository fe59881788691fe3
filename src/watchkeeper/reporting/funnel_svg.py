"""From events to incidents as a picture: how much was folded away at each step. Owns the funnel."""

import math

from markupsafe import Markup

from watchkeeper.model.incident import Case
from watchkeeper.model.language import Language
from watchkeeper.reporting.sentences import word
from watchkeeper.reporting.svg import finished, picture, put
from watchkeeper.reporting.times import amount

STEP, GAP, HEIGHT, LEAST = 190.0, 6.0, 84.0, 8.0


def stages(case: Case) -> tuple[tuple[str, int], ...]:
    """Give each stage's code and count: events, signals, folds, sessions, those of them that are shown, and incidents."""
    return (
        ("events", case.events),
        ("signals", case.signals),
        ("folds", case.folds),
        ("sessions", len(case.sessions)),
        ("shown", sum(session.shown for session in case.sessions)),
        ("incidents", len(case.incidents)),
    )


def funnel_svg(case: Case, lang: Language) -> Markup:
    """Draw the stages side by side; heights follow the logarithm of the counts."""
    counted = stages(case)
    summary = ", ".join(f"{word(f'funnel.{code}', lang)}: {amount(count)}" for code, count in counted)
    root = picture(STEP * len(counted), HEIGHT + 46, word("report.funnel.title", lang), summary, "funnel")
    heights = [_height(count, max(count for _, count in counted)) for _, count in counted]
    for at, (code, count) in enumerate(counted):
        left, right = at * STEP, at * STEP + STEP - GAP
        after = heights[min(at + 1, len(heights) - 1)]
        middle = HEIGHT / 2
        corners = [
            (left, middle - heights[at] / 2),
            (right, middle - after / 2),
            (right, middle + after / 2),
            (left, middle + heights[at] / 2),
        ]
        put(root, "path", d="M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in corners) + "z", class_=f"stage stage-{at}")
        put(root, "text", amount(count), x=left + 2, y=HEIGHT + 20, class_="figure")
        put(root, "text", word(f"funnel.{code}", lang), x=left + 2, y=HEIGHT + 38, class_="caption")
    return finished(root)


def _height(count: int, most: int) -> float:
    if count <= 0:
        return 1.0
    share = math.log1p(count) / math.log1p(most)
    return max(LEAST, HEIGHT * share)
