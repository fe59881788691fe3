"""An incident written down for others, out of the store. Owns the forms; which words and objects they hold is `reporting`'s."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from watchkeeper.autopilot.acted import acted
from watchkeeper.autopilot.action_figures import carried_out, worked
from watchkeeper.autopilot.export import FORMATS, Telling, read_case
from watchkeeper.autopilot.incident_record import case_folder, searching
from watchkeeper.autopilot.knowledge import attack_spoken
from watchkeeper.brain.ethics.ledger import Ledger
from watchkeeper.model.acted import Acted
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.query import Search
from watchkeeper.reporting.cited import cited
from watchkeeper.reporting.documents import as_json
from watchkeeper.reporting.markdown import markdown
from watchkeeper.reporting.page import page
from watchkeeper.store import Store


@dataclass(frozen=True, slots=True)
class Form:
    """How an incident is written down."""

    media: str
    """Media type of the text."""
    write: "Callable[[_Written, Telling], str]"


@dataclass(frozen=True, slots=True)
class Around:
    """What a report needs beside the incident."""

    stream: Search | None
    """The events of the stream, if there is one."""
    content: Path
    """Folder of installed content, for ATT&CK."""
    now: datetime
    """The time, UTC."""
    ledger: Ledger | None = None
    """Where it is kept what was done; none if nobody keeps it."""


@dataclass(frozen=True, slots=True)
class _Written:
    """What a form writes down."""

    case: Case
    incident: Incident
    search: Search
    acted: Acted


def _of_reports(render: Callable[..., str]) -> Callable[[_Written, Telling], str]:
    return lambda of, telling: render(of.case, telling.lang, {of.incident.id: cited(of.incident, of.search, None)}, of.acted)


def _of_exports(name: str) -> Callable[[_Written, Telling], str]:
    return lambda of, telling: FORMATS[name](of.case, (of.incident,), telling, of.search)


def _as_json(of: _Written, _telling: Telling) -> str:
    return as_json(of.case)


FORMS: Mapping[str, Form] = {
    "html": Form("text/html; charset=utf-8", _of_reports(page)),
    "md": Form("text/markdown; charset=utf-8", _of_reports(markdown)),
    "json": Form("application/json", _as_json),
    "stix": Form("application/stix+json;version=2.1", _of_exports("stix")),
    "attack-flow": Form("application/stix+json;version=2.1", _of_exports("attack-flow")),
    "ocsf": Form("application/x-ndjson", _of_exports("ocsf")),
    "navigator": Form("application/json", _of_exports("navigator")),
}
"""What an incident can be written down as."""


def report_on(store: Store, incident: Incident, form: str, telling: Telling, around: Around) -> str:
    """Write an incident down as people see it now.

    Raises:
        ValueError: its case is damaged.
    """
    done = acted(around.ledger, incident.id) if around.ledger else Acted()
    case = _case(store, told_done(incident, done), around.now)
    with searching(store, incident, around.stream) as search, attack_spoken(around.content):
        return FORMS[form].write(_Written(case, case.incidents[0], search, done), telling)


def told_done(incident: Incident, done: Acted) -> Incident:
    """Give an incident whose check says how many actions were carried out, and how many of them were seen to work."""
    check, carried = incident.verification, [one for one in done.records if carried_out(one)]
    if check is None or not carried:
        return incident
    effective = sum(worked(one) is not None for one in carried)
    why = tuple(note for note in check.why if note.code != "verify.nothing-executed")
    counted = check.model_copy(update={"executed": len(carried), "effective": effective, "why": why})
    return incident.model_copy(update={"verification": counted})


def _case(store: Store, incident: Incident, now: datetime) -> Case:
    """Give a case of this incident alone, with the account of the record it was found in, if that is still there."""
    alone = (incident.model_copy(update={"rank": 1, "shown": True}),)
    folder = case_folder(store, incident)
    if folder is not None:
        return read_case(folder).model_copy(update={"incidents": alone})
    return Case(
        version=version("watchkeeper"),
        made=now,
        sources=(),
        rules=0,
        rule_problems=(),
        events=0,
        signals=sum(fold.count for fold in incident.folds),
        folds=len(incident.folds),
        sessions=(),
        incidents=alone,
        assets=(),
        synthetic=incident.synthetic,
    )
