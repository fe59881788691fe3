"""Incidents as OCSF findings: an Incident Finding, and a Detection Finding for each of its folds. Owns which noun fills which attribute.

Source: Open Cybersecurity Schema Framework, classes 2004 and 2005, in the version that `schema` speaks.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from watchkeeper.attack import current_id, parent, tactic_name, technique
from watchkeeper.attack import version as attack_version
from watchkeeper.model.event import Event
from watchkeeper.model.fold import Fold
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.language import Language
from watchkeeper.model.level import Level
from watchkeeper.model.query import Query, Search
from watchkeeper.model.verdict import Outcome
from watchkeeper.reporting.sentences import say, word
from watchkeeper.schema.classes import event_class, version

Finding = dict[str, Any]
MOST_FINDINGS, MOST_EVIDENCE, MOST_OBSERVABLES, MOST_CHARS = 500, 5, 100, 4_000
"""Folds told of one incident, events told of one fold, observables of one incident, and characters of one event's fields."""
_SEVERITY: Mapping[Level, tuple[int, str]] = {
    "informational": (1, "Informational"), "low": (2, "Low"), "medium": (3, "Medium"), "high": (4, "High"), "critical": (5, "Critical"),
}  # fmt: skip
_VERDICT: Mapping[Outcome, tuple[int, str]] = {
    "succeeded": (2, "True Positive"), "attempted": (2, "True Positive"), "blocked": (2, "True Positive"), "authorised": (5, "Benign"),
    "benign": (5, "Benign"), "undetermined": (7, "Insufficient Data"),
}  # fmt: skip
_OBSERVABLES: Mapping[str, tuple[int, str]] = {
    "host": (1, "Hostname"), "domain": (1, "Hostname"), "address": (2, "IP Address"), "user": (4, "User Name"), "account": (4, "User Name"),
    "mailbox": (5, "Email Address"), "url": (6, "URL String"), "file": (7, "File Name"), "hash": (8, "Hash"),
    "process": (9, "Process Name"),
}  # fmt: skip


def ocsf_findings(case: Case, incidents: Sequence[Incident], lang: Language, search: Search | None = None) -> Iterator[Finding]:
    """Yield an Incident Finding, then a Detection Finding for each of its folds, incident by incident.

    With `search` the kept events that stand for a fold are told with it; without, only their ids.
    """
    for incident in incidents:
        folds = incident.folds[:MOST_FINDINGS]
        events = _events([key for fold in folds for key in fold.exemplars[:MOST_EVIDENCE]], search)
        yield _incident(incident, case, lang)
        for fold in folds:
            yield _detection(fold, incident, case, events)


def _incident(incident: Incident, case: Case, lang: Language) -> Finding:
    left_out = len(incident.folds) - MOST_FINDINGS
    said: Finding = {
        **_head("incident_finding", incident.level, incident.start, incident.end, case),
        "metadata": _metadata(incident.id, incident, case),
        "desc": _described(incident, lang),
        "message": incident.title,
        "status_id": 1,
        "status": "New",
        "assignee_group": {"name": "unassigned"},  # the class wants somebody, and nobody is
        "finding_info_list": [_info(fold, case) for fold in incident.folds[:MOST_FINDINGS]],
        "attacks": _attacks(incident.techniques),
        "observables": [_observable(entity.kind, entity.value) for entity in incident.entities[:MOST_OBSERVABLES]],
        "unmapped": {"incident_rank": incident.rank, "hosts": list(incident.hosts)}
        | ({"findings_left_out": left_out} if left_out > 0 else {}),
    }
    if verdict := incident.verdict:
        said["verdict_id"], said["verdict"] = _VERDICT[verdict.outcome]
        said["confidence_score"] = round(verdict.confidence * 100)
        said["unmapped"] |= {"outcome": verdict.outcome}
    return said


def _detection(fold: Fold, incident: Incident, case: Case, events: Mapping[str, Event]) -> Finding:
    return {
        **_head("detection_finding", fold.level, fold.first, fold.last, case),
        "metadata": _metadata(fold.id, incident, case),
        "message": fold.title,
        "status_id": 1,
        "status": "New",
        "is_alert": incident.shown,
        "finding_info": _info(fold, case),
        "evidences": [_evidence(key, events.get(key)) for key in fold.exemplars[:MOST_EVIDENCE]],
        "observables": [_observable(kind, value) for kind, value in (("host", fold.host), ("user", fold.user)) if value],
        "unmapped": {"incident": incident.id},
    }


def _head(word_: str, level: Level, first: datetime | None, last: datetime | None, case: Case) -> Finding:
    known = event_class(word_)
    activity = known.activities["Create"]
    severity, caption = _SEVERITY[level]
    said: Finding = {
        "activity_id": activity, "activity_name": "Create", "category_uid": known.category_uid, "category_name": known.category,
        "class_uid": known.uid, "class_name": known.name, "type_uid": known.uid * 100 + activity, "type_name": f"{known.name}: Create",
        "severity_id": severity, "severity": caption, "time": _millis(last or first or case.made),
    }  # fmt: skip
    return said | ({"start_time": _millis(first)} if first else {}) | ({"end_time": _millis(last)} if last else {})


def _metadata(uid: str, incident: Incident, case: Case) -> Finding:
    product = {"name": "Watchkeeper", "vendor_name": "Watchkeeper", "version": case.version}
    said: Finding = {
        "product": product,
        "version": version(),
        "uid": uid,
        "correlation_uid": incident.id,
        "logged_time": _millis(case.made),
    }
    return said | ({"labels": ["synthetic"]} if incident.synthetic else {})


def _info(fold: Fold, case: Case) -> Finding:
    said: Finding = {
        "uid": fold.id, "title": fold.title, "created_time": _millis(case.made), "related_events_count": fold.count,
        "analytic": {"name": fold.title, "uid": fold.rule, "type_id": 1, "type": "Rule"},
    }  # fmt: skip
    if attacks := _attacks(fold.techniques):
        said["attacks"] = attacks
    if fold.first:
        said["first_seen_time"] = _millis(fold.first)
    if fold.last:
        said["last_seen_time"] = _millis(fold.last)
    return said


def _attacks(tagged: Sequence[str]) -> list[Finding]:
    return [_attack(key) for key in dict.fromkeys(map(current_id, tagged))]


def _attack(key: str) -> Finding:
    known, above = technique(key), parent(key)
    said: Finding = {"version": attack_version(), "technique": _named(above or key)}
    if above:
        said["sub_technique"] = _named(key)
    if known and known.tactics:
        said["tactic"] = {"name": tactic_name(known.tactics[0], "en")}
    return said


def _named(key: str) -> Finding:
    known = technique(key)
    return {"uid": key} | ({"name": known.name} if known else {})


def _observable(kind: str, value: str) -> Finding:
    number, caption = _OBSERVABLES.get(kind, (99, "Other"))
    return {"name": kind, "type_id": number, "type": caption, "value": value}


def _evidence(key: str, event: Event | None) -> Finding:
    if event is None:
        return {"uid": key, "data": {"event": key}}
    left, fields = MOST_CHARS, dict[str, str | list[str]]()
    for name, value in event.fields.items():
        left -= len(name) + sum(map(len, value))
        if left < 0:
            break
        fields[name] = value if isinstance(value, str) else list(value)
    cut = {"fields_left_out": len(event.fields) - len(fields)} if len(fields) < len(event.fields) else {}
    return {"uid": key, "name": f"{event.source} #{event.row}", "data": {"event": key, "fields": fields, **cut}}


def _events(keys: Sequence[str], search: Search | None) -> dict[str, Event]:
    return {event.id: event for event in search(Query(ids=tuple(dict.fromkeys(keys))))} if search and keys else {}


def _described(incident: Incident, lang: Language) -> str:
    outcome = word(f"outcome.{incident.verdict.outcome}", lang) if incident.verdict else ""
    return "\n".join(line for line in (outcome, *(say(note, lang) for note in incident.why)) if line)


def _millis(time: datetime) -> int:
    return int(time.timestamp() * 1_000)
