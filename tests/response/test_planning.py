"""The plan names what to act on, what it costs and how to take it back, and spares what must be spared."""

from collections.abc import Callable

from watchkeeper.model.action import Action
from watchkeeper.model.asset import Asset
from watchkeeper.model.incident import Incident
from watchkeeper.model.language import LANGUAGES
from watchkeeper.reporting.lexicon import lexicon
from watchkeeper.response import CATALOGUE, plan

OUTSIDE = "203.0.113.66"
ASKED_FOR = {"add_indicator", "open_ticket", "notify"}
"""What no trace alone gives reason for; playbooks and people ask for it."""
_OPENC2 = {
    "scan", "locate", "query", "deny", "contain", "allow", "start", "stop", "restart", "cancel", "set", "update", "redirect", "create",
    "delete", "detonate", "restore", "copy", "investigate", "remediate",
}  # fmt: skip
_OPENC2_TARGETS = {
    "artifact", "command", "device", "domain_name", "email_addr", "features", "file", "idn_domain_name", "idn_email_addr",
    "ipv4_connection", "ipv4_net", "ipv6_connection", "ipv6_net", "iri", "mac_addr", "process", "properties", "uri",
}  # fmt: skip
"""OpenC2 Language Specification 1.0, "Action" and "Target"."""


def _asset_of(*assets: Asset) -> Callable[[str], Asset]:
    by_name = {asset.name: asset for asset in assets} | {address: asset for asset in assets for address in asset.addresses}
    return lambda name: by_name.get(name, Asset(name=name))


OWN = _asset_of(Asset(name="srv9", addresses=("10.0.0.9",)))


def _targets(incident: Incident, name: str, asset_of: Callable[[str], Asset] = OWN) -> list[str]:
    return [action.target.value for action in plan(incident, asset_of).actions if action.name == name]


def test_evidence_is_secured_first_and_actions_are_numbered(incident: Incident) -> None:
    actions = plan(incident, OWN).actions
    assert actions[0].name == "snapshot_evidence"
    assert [action.priority for action in actions] == list(range(1, len(actions) + 1))
    assert {action.name for action in actions} == {unit.name for unit in CATALOGUE} - ASKED_FOR


def test_every_action_rests_on_events_and_says_how_it_is_undone(incident: Incident) -> None:
    for action in plan(incident, OWN).actions:
        assert action.evidence
        assert action.undo or any(note.code == "action.needs.no-undo" for note in action.needs)


def test_the_organisations_own_addresses_are_never_blocked(incident: Incident) -> None:
    assert _targets(incident, "block_address") == [OUTSIDE]


def test_processes_of_the_system_are_never_killed_and_documents_never_quarantined(incident: Incident) -> None:
    assert _targets(incident, "kill_process") == ["ws1:44 powershell.exe"]
    assert _targets(incident, "quarantine_file") == ["ws1:C:\\Users\\a\\stage.exe"]


def test_built_in_accounts_are_never_disabled(incident: Incident) -> None:
    assert _targets(incident, "disable_account") == ["bob"]


def test_sessions_end_where_accounts_are_disabled_and_that_is_not_taken_back(incident: Incident) -> None:
    assert _targets(incident, "end_sessions") == ["bob"]
    ended = next(action for action in plan(incident, OWN).actions if action.name == "end_sessions")
    assert ended.undo is None
    assert [note.code for note in ended.needs] == ["action.needs.no-undo"]


def test_mail_is_acted_on_only_by_the_id_that_events_gave_it(incident: Incident) -> None:
    quarantined = [action for action in plan(incident, OWN).actions if action.name == "quarantine_mail"]
    assert [(action.target.kind, action.target.value) for action in quarantined] == [("mailbox", "ann@corp.example")]
    assert quarantined[0].do.arguments["message_id"] == "<bad.1@evil.example>"
    held = [action for action in plan(incident, OWN).actions if action.name == "hold_mail"]
    assert [(action.target.value, action.do.arguments["message_id"]) for action in held] == [("eve@evil.example", "<bad.1@evil.example>")]


def test_every_action_says_what_it_is_to_others() -> None:
    for unit in CATALOGUE:
        action, target = unit.traits.openc2
        assert action in _OPENC2, unit.name
        assert target in _OPENC2_TARGETS or target.startswith("x-"), unit.name
        assert unit.traits.d3fend.startswith("D3-") or not unit.traits.d3fend


def test_a_host_is_isolated_only_when_an_effect_was_shown(incident: Incident) -> None:
    assert _targets(incident, "isolate_host") == ["ws1"]
    assert incident.verdict
    attempted = incident.model_copy(update={"verdict": incident.verdict.model_copy(update={"outcome": "attempted"})})
    suggested = plan(attempted, OWN)
    assert not [action for action in suggested.actions if action.name == "isolate_host"]
    assert [note.code for note in suggested.withheld] == ["plan.no-isolation"]


def _isolation(incident: Incident, asset: Asset) -> Action:
    return next(action for action in plan(incident, _asset_of(asset)).actions if action.name == "isolate_host")


def test_a_shared_host_has_an_unknown_blast_radius_and_a_protected_one_needs_two_people(incident: Incident) -> None:
    assert _isolation(incident, Asset(name="ws1", role="mail")).blast_radius is None
    assert _isolation(incident, Asset(name="ws1")).blast_radius == 1
    assert [note.code for note in _isolation(incident, Asset(name="ws1", protected=True)).needs] == ["action.needs.two-people"]
    assert [note.code for note in _isolation(incident, Asset(name="ws1", criticality=4)).needs] == ["action.needs.owner"]


def test_what_was_judged_harmless_or_not_traced_gets_no_action(incident: Incident) -> None:
    assert incident.verdict
    harmless = incident.model_copy(update={"verdict": incident.verdict.model_copy(update={"outcome": "authorised"})})
    assert plan(harmless, OWN).actions == ()
    assert [note.code for note in plan(harmless, OWN).withheld] == ["plan.harmless"]
    assert [note.code for note in plan(incident.model_copy(update={"trace": None}), OWN).withheld] == ["plan.no-trace"]


def test_people_are_told_what_only_they_can_do(incident: Incident) -> None:
    codes = [note.code for note in plan(incident, OWN).manual]
    assert codes == ["plan.confirm", "plan.reset-credentials", "plan.check-backups", "plan.tell-data-protection"]


def test_every_action_has_its_words_in_every_language() -> None:
    for language in LANGUAGES:
        words = lexicon(language)
        for unit in CATALOGUE:
            parts = ("why", "do", "check", "blast", *(("undo",) if unit.traits.undoable else ()))
            assert [part for part in parts if f"action.{unit.name}.{part}" not in words] == [], unit.name
            assert f"action.{unit.name}" in words
