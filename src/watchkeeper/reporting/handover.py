"""The shift's hand-over written down: HTML, Markdown, CSV, JSON. Owns which form says what; who is told what is `autopilot`'s."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from importlib.metadata import version

from watchkeeper.model.acted import ActionLine
from watchkeeper.model.language import Language
from watchkeeper.model.shift import Shift
from watchkeeper.model.summary import IncidentSummary
from watchkeeper.reporting.documents import as_csv, as_html, as_json, as_markdown

COLUMNS = ("kind", "id", "what", "on", "state", "level", "since", "until", "who", "said")


def _given(shift: Shift, tenant: str, now: datetime) -> dict[str, object]:
    synthetic = any(one.synthetic for one in shift.open)
    return {"shift": shift, "tenant": tenant, "made": now, "version": version("watchkeeper"), "synthetic": synthetic}


def _html(shift: Shift, lang: Language, tenant: str, now: datetime) -> str:
    return as_html("shift", lang, _given(shift, tenant, now))


def _markdown(shift: Shift, lang: Language, tenant: str, now: datetime) -> str:
    return as_markdown("shift", lang, _given(shift, tenant, now))


def _json(shift: Shift, _lang: Language, _tenant: str, _now: datetime) -> str:
    return as_json(shift)


def _csv(shift: Shift, _lang: Language, _tenant: str, _now: datetime) -> str:
    return as_csv(COLUMNS, _rows(shift))


def _rows(shift: Shift) -> Iterator[tuple[object, ...]]:
    for one in shift.open:
        yield _incident_row(one)
    acts = shift.actions
    every = (*acts.waiting, *acts.in_force, *acts.failed, *acts.ended) if acts else ()
    yield from (_action_row(one) for one in {one.id: one for one in every}.values())


def _incident_row(one: IncidentSummary) -> tuple[object, ...]:
    said = one.said[-1].why if one.said else ""
    return ("incident", one.id, one.title, " ".join(one.hosts), one.status, one.level, one.start, one.end, one.assigned, said)


def _action_row(one: ActionLine) -> tuple[object, ...]:
    on = " ".join(target.value for target in one.targets) + (f" +{one.count - len(one.targets)}" if one.count > len(one.targets) else "")
    return (
        "action",
        one.id,
        one.action,
        on,
        one.state,
        one.level,
        one.done or one.changed,
        one.expires or one.deadline,
        one.asked_by,
        one.said,
    )


HANDOVER: Mapping[str, Callable[[Shift, Language, str, datetime], str]] = {"html": _html, "md": _markdown, "csv": _csv, "json": _json}
"""What a hand-over can be written down as: from the shift, the language, whose it is and the time."""
