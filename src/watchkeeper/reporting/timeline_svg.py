"""The incident over time as a picture: a lane for each tactic, bars for folds, dots for the story. Owns the scale and lanes."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from markupsafe import Markup

from watchkeeper.attack import TACTICS, tactic, tactic_name
from watchkeeper.model.incident import Incident
from watchkeeper.model.language import Language
from watchkeeper.reporting.graph_svg import tactic_class
from watchkeeper.reporting.harmless import shown
from watchkeeper.reporting.sentences import say, word
from watchkeeper.reporting.svg import finished, fitted, picture, put
from watchkeeper.reporting.times import clock, day, moment

WIDTH, LEFT, RIGHT, LANE, TOP = 1140.0, 176.0, 18.0, 24.0, 10.0
STEPS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800, 2592000, 31536000)
"""Distances between marks on the time axis, seconds."""


@dataclass(frozen=True, slots=True)
class Mark:
    """One bar or dot."""

    lane: str
    """Tactic, empty for what serves none."""
    first: datetime
    last: datetime
    title: str
    dot: bool


def timeline_svg(incident: Incident, name: str, lang: Language) -> Markup | None:
    """Draw the incident's folds and story over time; none if nothing in it has a time."""
    drawn = marks(incident, lang)
    if not drawn:
        return None
    lanes = [lane for lane in (*TACTICS, "") if any(mark.lane == lane for mark in drawn)]
    start, end = min(mark.first for mark in drawn), max(mark.last for mark in drawn)
    end = max(end, start + timedelta(seconds=1))
    height = TOP + LANE * len(lanes) + 34
    root = picture(WIDTH, height, word("report.timeline.title", lang), f"{moment(start)} – {moment(end)} UTC", name)
    _axis(root, start, end, TOP + LANE * len(lanes))
    for at, lane in enumerate(lanes):
        _lane(root, lane, TOP + LANE * at, lang)
        for mark in (mark for mark in drawn if mark.lane == lane):
            _mark(root, mark, start, end, TOP + LANE * at + LANE / 2)
    return finished(root)


def marks(incident: Incident, lang: Language) -> list[Mark]:
    """Give a bar for each fold and tactic, and a dot for each claim, that has a time; bars first, so that dots lie on them."""
    bars = [
        Mark(
            lane,
            fold.first,
            fold.last or fold.first,
            f"{shown(fold.title)} ×{fold.count} · {shown(fold.host)} · {moment(fold.first)}",
            dot=False,
        )
        for fold in incident.folds
        if fold.first
        for lane in dict.fromkeys(_lane_of(name) for name in fold.tactics or ("",))
    ]
    story = incident.trace.story if incident.trace else ()
    dots = [
        Mark(_lane_of(claim.tactic), claim.time, claim.time, f"{moment(claim.time)}  {say(claim, lang)}", dot=True)
        for claim in story
        if claim.time
    ]
    return [*bars, *dots]


def ticks(start: datetime, end: datetime, most: int = 9) -> Sequence[datetime]:
    """Give round moments between start and end, at most so many."""
    span = (end - start).total_seconds()
    step = next((step for step in STEPS if span / step <= most), span / most)
    first = start.timestamp() // step * step + step
    return [datetime.fromtimestamp(first + step * at, start.tzinfo) for at in range(most + 1) if first + step * at <= end.timestamp()]


def _lane_of(name: str) -> str:
    return tactic(name) if tactic(name) in TACTICS else ""


def _x(time: datetime, start: datetime, end: datetime) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * ((time - start) / (end - start))


def _axis(root: ET.Element, start: datetime, end: datetime, bottom: float) -> None:
    marked = ticks(start, end)
    daily = len(marked) > 1 and (marked[1] - marked[0]) >= timedelta(days=1)
    for time in marked:
        x = _x(time, start, end)
        put(root, "line", x1=x, y1=TOP, x2=x, y2=bottom + 4, class_="tick")
        put(root, "text", day(time) if daily else clock(time), x=min(x, WIDTH - 34), y=bottom + 17, text_anchor="middle", class_="axis")
    put(root, "line", x1=LEFT, y1=bottom, x2=WIDTH - RIGHT, y2=bottom, class_="base")
    put(root, "text", day(start), x=0, y=bottom + 17, class_="axis")


def _lane(root: ET.Element, lane: str, top: float, lang: Language) -> None:
    put(root, "rect", x=0, y=top + 7, width=9, height=9, rx=2, class_=f"swatch {tactic_class(lane)}")
    label = tactic_name(lane, lang) if lane else word("report.tactic.none", lang)
    put(root, "text", fitted(label, LEFT - 24, 12), x=16, y=top + LANE / 2 + 4, class_="lane")
    put(root, "line", x1=LEFT, y1=top + LANE / 2, x2=WIDTH - RIGHT, y2=top + LANE / 2, class_="rail")


def _mark(root: ET.Element, mark: Mark, start: datetime, end: datetime, y: float) -> None:
    group = put(root, "g", class_=f"mark {tactic_class(mark.lane)}")
    put(group, "title", mark.title)
    x1, x2 = _x(mark.first, start, end), _x(mark.last, start, end)
    if mark.dot:
        put(group, "circle", cx=x1, cy=y, r=4, class_="dot")
    else:
        put(group, "rect", x=x1 - 3, y=y - 5, width=x2 - x1 + 6, height=10, rx=5, class_="bar")
