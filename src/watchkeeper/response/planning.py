"""The plan: every suggestion of the catalogue for one incident, in order. Owns the order and what is withheld; executes nothing."""

from watchkeeper.model.action import Action, Plan
from watchkeeper.model.incident import Incident
from watchkeeper.model.note import Note
from watchkeeper.model.verdict import HARMLESS
from watchkeeper.response.add_indicator import add_indicator
from watchkeeper.response.block_address import block_address
from watchkeeper.response.catalogue import AssetOf
from watchkeeper.response.disable_account import disable_account
from watchkeeper.response.end_sessions import end_sessions
from watchkeeper.response.hold_mail import hold_mail
from watchkeeper.response.isolate_host import isolate_host
from watchkeeper.response.kill_process import kill_process
from watchkeeper.response.notify import notify
from watchkeeper.response.open_ticket import open_ticket
from watchkeeper.response.quarantine_file import quarantine_file
from watchkeeper.response.quarantine_mail import quarantine_mail
from watchkeeper.response.remove_autostart import remove_autostart
from watchkeeper.response.snapshot_evidence import snapshot_evidence

CATALOGUE = (
    snapshot_evidence,
    block_address,
    hold_mail,
    quarantine_mail,
    isolate_host,
    disable_account,
    end_sessions,
    kill_process,
    quarantine_file,
    remove_autostart,
    add_indicator,
    open_ticket,
    notify,
)
"""Every action there is, in the order of a plan; nothing outside it is ever suggested, and the last ones by no plan at all."""

_RESET = "credential-access"


def plan(incident: Incident, asset_of: AssetOf) -> Plan:
    """Suggest actions for what the trace shows; an incident judged harmless or without a trace gets none, and the plan says so."""
    if incident.trace is None:
        return Plan(actions=(), withheld=(Note(code="plan.no-trace"),), manual=_manual(incident))
    if incident.verdict and incident.verdict.outcome in HARMLESS:
        return Plan(actions=(), withheld=(Note(code="plan.harmless", arguments={"outcome": incident.verdict.outcome}),), manual=())
    found = [action for entry in CATALOGUE for action in entry.suggest(incident, incident.trace, asset_of)]
    numbered = tuple(action.model_copy(update={"priority": number}) for number, action in enumerate(found, 1))
    return Plan(actions=numbered, withheld=_withheld(incident, numbered), manual=_manual(incident))


def _withheld(incident: Incident, actions: tuple[Action, ...]) -> tuple[Note, ...]:
    if not actions:
        return (Note(code="plan.nothing-to-act-on"),)
    isolated = any(action.name == "isolate_host" for action in actions)
    succeeded = incident.verdict is not None and incident.verdict.outcome == "succeeded"
    return () if isolated or succeeded else (Note(code="plan.no-isolation"),)


def _manual(incident: Incident) -> tuple[Note, ...]:
    steps = [Note(code="plan.confirm")]
    if _RESET in incident.tactics:
        steps.append(Note(code="plan.reset-credentials", arguments={"hosts": ", ".join(incident.hosts[:5])}))
    if "impact" in incident.tactics:
        steps.append(Note(code="plan.check-backups"))
    if "exfiltration" in incident.tactics:
        steps.append(Note(code="plan.tell-data-protection"))
    return tuple(steps)
