"""Outlook: intent, what may come next, and known groups that work alike, each with its counts. Owns bringing them together; no verdict."""

from watchkeeper.attack import Catalogue, current_id
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.outlook import Outlook
from watchkeeper.tracing.outlook.comparison import FEWEST, compare
from watchkeeper.tracing.outlook.following import Watched, Watching, following
from watchkeeper.tracing.outlook.intents import intents, stage
from watchkeeper.tracing.outlook.software import software_in

__all__ = ["Watched", "Watching", "look_ahead"]


def look_ahead(incident: Incident, catalogue: Catalogue | None, watched: Watched) -> Outlook:
    """Say what an incident seems to be about, and with an imported catalogue what may follow and who works alike."""
    traced = incident.trace.techniques if incident.trace else ()
    techniques = tuple(dict.fromkeys(current_id(key) for key in (*incident.techniques, *traced)))
    meant = intents(incident, techniques)
    if catalogue is None:
        return Outlook(intents=meant, following=None, comparison=None, catalogue="", why=(Note(code="ahead.no-catalogue"),))
    after = stage(incident)
    ahead = following(catalogue, techniques, after, watched) if after else None
    compared = compare(catalogue, techniques, software_in(incident, catalogue))
    why = [] if compared else [Note(code="ahead.too-few", arguments={"count": str(len(techniques)), "least": str(FEWEST)})]
    why += [] if ahead else [Note(code="ahead.nothing-later")]
    return Outlook(intents=meant, following=ahead, comparison=compared, catalogue=catalogue.version or "?", why=tuple(why))
