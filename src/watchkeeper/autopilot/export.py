"""Exports of a case for other tools. Owns reading the case folder, choosing its incidents and the name of each format."""

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from watchkeeper.lake import Kept
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.query import Search
from watchkeeper.reporting.attack_flow import attack_flow
from watchkeeper.reporting.navigator import navigator
from watchkeeper.reporting.ocsf_findings import ocsf_findings
from watchkeeper.reporting.stix_bundle import Telling, stix_bundle

__all__ = ["FORMATS", "Asked", "Telling", "chosen", "export", "read_case"]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person wants exported."""

    format: str
    """One of `FORMATS`."""
    incident: int | None = None
    """Rank of the only incident to export; none exports what the format can hold of those that are shown."""
    telling: Telling = field(default_factory=Telling)


def export(folder: Path, asked: Asked) -> str:
    """Give the text of an export; the same case gives the same text.

    Raises:
        OSError: the case cannot be read.
        ValueError: it is damaged, or has nothing to export as asked; the message says what to do.
    """
    case = read_case(folder)
    incidents = chosen(case, asked.incident)
    with closing(Kept(folder / "events")) as kept:
        return FORMATS[asked.format](case, incidents, asked.telling, kept.search)


def read_case(folder: Path) -> Case:
    """Read what one run found.

    Raises:
        OSError: there is no case in the folder, or it cannot be read.
        ValueError: it is damaged or of another version.
    """
    path = folder / "incidents.json"
    if not path.is_file():
        raise FileNotFoundError(f"{str(folder)!r} is no case: it has no incidents.json; `watchkeeper investigate --out DIR` makes one")
    try:
        return Case.model_validate_json(path.read_bytes())
    except ValidationError as error:
        raise ValueError(f"{str(path)!r} is damaged or of another version: {error}; investigate the evidence again") from error


def chosen(case: Case, rank: int | None) -> tuple[Incident, ...]:
    """Give the incident of that rank, or all that a person sees without asking.

    Raises:
        ValueError: there is none.
    """
    found = tuple(one for one in case.incidents if (one.shown if rank is None else one.rank == rank))
    if not found:
        wanted = "incident that is shown" if rank is None else f"incident {rank}"
        raise ValueError(f"the case has no {wanted}; it has {len(case.incidents):,}, numbered from 1")
    return found


def _stix(case: Case, incidents: Sequence[Incident], telling: Telling, _: Search) -> str:
    return _as_json(stix_bundle(case, incidents, telling))


def _attack_flow(case: Case, incidents: Sequence[Incident], telling: Telling, _: Search) -> str:
    """Give the flow of the first incident: a document holds exactly one."""
    return _as_json(attack_flow(case, incidents[0], telling))


def _ocsf(case: Case, incidents: Sequence[Incident], telling: Telling, search: Search) -> str:
    return "".join(json.dumps(finding, ensure_ascii=False) + "\n" for finding in ocsf_findings(case, incidents, telling.lang, search))


def _navigator(case: Case, incidents: Sequence[Incident], telling: Telling, _: Search) -> str:
    return navigator(
        case.model_copy(update={"incidents": tuple(one.model_copy(update={"shown": True}) for one in incidents)}), telling.lang
    )


def _as_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1) + "\n"


FORMATS: Mapping[str, Callable[[Case, Sequence[Incident], Telling, Search], str]] = {
    "stix": _stix,
    "attack-flow": _attack_flow,
    "ocsf": _ocsf,
    "navigator": _navigator,
}
"""What a case can be exported as."""
