"""The case as a layer for ATT&CK Navigator. Owns the layer format.

Source: MITRE, "ATT&CK Navigator Layer File Format Definition", version 4.5.
"""

import json

from watchkeeper.attack import version
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.language import Language
from watchkeeper.model.note import Note
from watchkeeper.reporting.harmless import shown
from watchkeeper.reporting.matrix import Cell, cells
from watchkeeper.reporting.sentences import say, word

Layer = dict[str, object]


def navigator(case: Case, lang: Language) -> str:
    """Give the layer as JSON; a technique's score is the number of signals behind it, its comment names the incidents.

    Only techniques that ATT&CK has are in it, as Navigator refuses others. Only shown incidents count.
    """
    found: dict[str, list[tuple[Incident, Cell]]] = {}
    for incident in case.incidents:
        for cell in cells(incident) if incident.shown else ():
            if cell.name:
                found.setdefault(cell.id, []).append((incident, cell))
    techniques = [_technique(key, found[key], lang) for key in sorted(found)]
    highest = max((sum(cell.signals for _, cell in pairs) for pairs in found.values()), default=1)
    layer: Layer = {
        "name": word("navigator.name", lang),
        "versions": {"attack": version(), "navigator": "5.2.0", "layer": "4.5"},
        "domain": "enterprise-attack",
        "description": _description(case, lang),
        "sorting": 3,
        "layout": {"layout": "side", "showID": True, "showName": True, "expandedSubtechniques": "annotated"},
        "hideDisabled": False,
        "techniques": techniques,
        "gradient": {"colors": ["#fff3d6", "#f0a24a", "#b3261e"], "minValue": 0, "maxValue": max(highest, 1)},
        "metadata": [{"name": "synthetic", "value": "true"}] if case.synthetic else [],
    }
    return json.dumps(layer, ensure_ascii=False, indent=2) + "\n"


def _technique(key: str, pairs: list[tuple[Incident, Cell]], lang: Language) -> Layer:
    lines = [
        say(
            Note(
                code="navigator.comment",
                arguments={"rank": str(incident.rank), "title": incident.title, "folds": str(cell.folds), "signals": str(cell.signals)},
            ),
            lang,
        )
        for incident, cell in pairs
    ]
    return {
        "techniqueID": key,
        "score": sum(cell.signals for _, cell in pairs),
        "comment": "\n".join(lines),
        "enabled": True,
        "showSubtechniques": "." in key,
    }


def _description(case: Case, lang: Language) -> str:
    code = "navigator.synthetic" if case.synthetic else "navigator.description"
    shown_count = sum(incident.shown for incident in case.incidents)
    return say(
        Note(code=code, arguments={"version": shown(case.version), "incidents": str(shown_count), "events": f"{case.events:,}"}), lang
    )
