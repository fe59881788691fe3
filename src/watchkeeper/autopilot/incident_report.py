"""An incident written down for others, out of the store. Owns the forms; which words and objects they hold is `reporting`'s."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path

from watchkeeper.autopilot.export import FORMATS, Telling, read_case
from watchkeeper.autopilot.incident_record import case_folder, searching
from watchkeeper.autopilot.knowledge import attack_spoken
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.query import Search
from watchkeeper.reporting.cited import cited
from watchkeeper.reporting.markdown import markdown
from watchkeeper.reporting.page import page
from watchkeeper.store import Store


@dataclass(frozen=True, slots=True)
class Form:
    """How an incident is written down."""

    media: str
    """Media type of the text."""
    write: Callable[[Case, Incident, Telling, Search], str]


@dataclass(frozen=True, slots=True)
class Around:
    """What a report needs beside the incident."""

    stream: Search | None
    """The events of the stream, if there is one."""
    content: Path
    """Folder of installed content, for ATT&CK."""
    now: datetime
    """The time, UTC."""


def _of_reports(render: Callable[..., str]) -> Callable[[Case, Incident, Telling, Search], str]:
    return lambda case, incident, telling, search: render(case, telling.lang, {incident.id: cited(incident, search, None)})


def _of_exports(name: str) -> Callable[[Case, Incident, Telling, Search], str]:
    return lambda case, incident, telling, search: FORMATS[name](case, (incident,), telling, search)


def _as_json(case: Case, _incident: Incident, _telling: Telling, _search: Search) -> str:
    return case.model_dump_json(indent=1) + "\n"


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
    case = _case(store, incident, around.now)
    with searching(store, incident, around.stream) as search, attack_spoken(around.content):
        return FORMS[form].write(case, case.incidents[0], telling, search)


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
