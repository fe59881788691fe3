"""Witnesses: how many independent kinds of evidence events are."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from tests.autopilot.playbooks.conftest import incident

from watchkeeper.autopilot.witnesses import Witnesses, kind_of
from watchkeeper.model.event import Event
from watchkeeper.model.incident import Incident
from watchkeeper.model.logsource import LogSource

NOW = datetime(2026, 1, 1, tzinfo=UTC)
SYSMON, SECURITY = ("windows", "Microsoft-Windows-Sysmon/Operational"), ("windows", "Security")


def event(id_: str, source: tuple[str, str], kind: str, host: str = "pc-1", second: float = 0, **fields: str) -> Event:
    product, service = source
    told = LogSource(product=product, service=service, event_type=kind)
    return Event(id=id_, time=NOW + timedelta(seconds=second), host=host, source="x", row=0, logsource=told, fields=dict(fields))


def _attack(*events: Event) -> Incident:
    found = incident()
    assert found.trace
    return found.model_copy(update={"trace": found.trace.model_copy(update={"events": tuple(one.id for one in events)})})


def _kinds(*events: Event, matched: Sequence[str] = ()) -> tuple[str, ...]:
    found, kept = _attack(*events), {one.id: one for one in events}
    assert found.plan
    block = next(action for action in found.plan.actions if action.name == "block_address")
    told = Witnesses(lambda ids: [kept[id_] for id_ in ids if id_ in kept], lambda _: matched).of(found, block)
    assert set(told.events) <= kept.keys()
    return told.kinds


CALL = event("e1", SYSMON, "3", DestinationIp="203.0.113.7")


@pytest.mark.parametrize(
    ("others", "kinds"),
    [
        ((), ("windows/Sysmon",)),
        ((event("x", SYSMON, "1", second=60),), ("windows/Sysmon",)),
        ((event("x", SECURITY, "5156", second=1),), ("windows/Sysmon",)),
        ((event("x", SECURITY, "5156", second=60),), ("windows/Sysmon", "windows/Security")),
        ((event("x", SECURITY, "5156", host="pc-2", second=1, DestAddress="203.0.113.7"),), ("windows/Sysmon", "windows/Security")),
        ((event("x", SECURITY, "4688", second=1),), ("windows/Sysmon", "windows/Security")),
        ((event("x", SECURITY, "4688", host="pc-9"),), ("windows/Sysmon",)),
        ((event("x", ("zeek", "conn"), "", second=0, **{"id.resp_h": "203.0.113.7"}, host=""),), ("windows/Sysmon", "zeek")),
        (
            tuple(event(name, ("zeek", name), "", host="", **{"id.resp_h": "203.0.113.7"}) for name in ("conn", "ssl", "dns")),
            ("windows/Sysmon", "zeek"),
        ),
    ],
)
def test_two_recorders_of_one_fact_are_one_witness(others: tuple[Event, ...], kinds: tuple[str, ...]) -> None:
    assert _kinds(CALL, *others) == kinds


@pytest.mark.parametrize(("host", "kinds"), [("pc-1", ("zeek", "windows/Sysmon")), ("pc-9", ("zeek",))])
def test_what_a_sensor_saw_reach_a_host_is_borne_out_by_that_host_s_own_log(host: str, kinds: tuple[str, ...]) -> None:
    seen = event("e1", ("zeek", "http"), "", host="", **{"id.orig_h": "203.0.113.7"})
    assert _kinds(seen, event("x", SYSMON, "1", host=host, second=90)) == kinds


def test_intelligence_is_a_kind_of_its_own() -> None:
    assert _kinds(CALL, matched=["e1"]) == ("windows/Sysmon", "intel")


def test_a_match_counts_however_many_events_of_its_log_come_before() -> None:
    many = [event(f"e{number}", SYSMON, "3", second=number * 60) for number in range(2, 12)]
    assert _kinds(CALL, *many, matched=["e11"]) == ("windows/Sysmon", "intel")


def test_events_that_are_not_kept_are_no_evidence() -> None:
    found = incident()
    assert found.plan
    told = Witnesses(lambda _: [], lambda _: ()).of(found, found.plan.actions[0])
    assert (told.events, told.kinds) == ((), ())


def test_a_kind_of_evidence_is_a_product_and_its_log_and_a_sensor_s_logs_are_one() -> None:
    assert kind_of(LogSource(product="windows", service="Microsoft-Windows-Sysmon/Operational", event_type="1")) == "windows/Sysmon"
    assert kind_of(LogSource(product="windows", service="Security", event_type="4624")) == "windows/Security"
    assert kind_of(LogSource(product="zeek", service="conn")) == "zeek"
    assert kind_of(LogSource(product="suricata")) == "suricata"
