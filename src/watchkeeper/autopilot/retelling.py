"""Retelling: the story of an incident, step by step, from a case folder alone. Owns reading it back; nothing is traced or judged again."""

import json
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from watchkeeper.lake import Kept
from watchkeeper.model.incident import Case, Incident
from watchkeeper.reporting.cited import cited
from watchkeeper.reporting.steps import Step, steps


@dataclass(frozen=True, slots=True)
class Retold:
    """An incident with its story as steps."""

    incident: Incident
    steps: tuple[Step, ...]
    nodes: int
    """Nodes of its picture, whether a sentence is about them or not."""


def retell(folder: Path, rank: int = 1) -> Retold:
    """Give the steps of the incident of that rank; its events have the numbers that they have in the case's report.

    Raises:
        OSError: the folder is no case.
        ValueError: the case is damaged, has no such incident, or that one was not traced.
    """
    case = read_case(folder)
    incident = next((one for one in case.incidents if one.rank == rank), None)
    if incident is None:
        said = f"it has {len(case.incidents)}" if case.incidents else "it has none"
        raise ValueError(f"case {str(folder)!r} has no incident {rank}; {said}")
    if incident.trace is None:
        raise ValueError(f"incident {rank} of {str(folder)!r} has no trace, so there is no story; incidents of a higher rank may have one")
    with closing(Kept(folder / "events")) as kept:
        numbers = cited(incident, kept.search, None).numbers
    return Retold(incident, steps(incident.trace, numbers), len(incident.trace.nodes))


def read_case(folder: Path) -> Case:
    """Read what a run found.

    Raises:
        OSError: the folder is no case.
        ValueError: it is damaged.
    """
    path = folder / "incidents.json"
    if not path.is_file():
        raise FileNotFoundError(f"{str(folder)!r} is no case: it has no incidents.json; `watchkeeper investigate --out DIR` makes one")
    try:
        return Case.model_validate_json(path.read_bytes())
    except ValueError as error:
        raise ValueError(f"{str(path)!r} is damaged, or another version wrote it; investigate the evidence again") from error


def read_when_made(case: Path) -> int | None:
    """Say how many events a case was made of, of which it may not keep all; none if it does not tell."""
    try:
        told: Any = json.loads((case / "incidents.json").read_bytes())["events"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return told if isinstance(told, int) else None
