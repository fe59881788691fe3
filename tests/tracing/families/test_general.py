"""Logs without a family of their own: the schema says what they are, and so who did what to what; every sentence stands the check."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from watchkeeper.evidence import refusal
from watchkeeper.model.claim import Claim
from watchkeeper.model.event import Event
from watchkeeper.model.evidence import Evidence
from watchkeeper.model.logsource import LogSource
from watchkeeper.tracing.addresses import Addresses
from watchkeeper.tracing.fact import Fact
from watchkeeper.tracing.families import facts
from watchkeeper.tracing.families.pattern import Cast
from watchkeeper.tracing.processes import Processes
from watchkeeper.tracing.trace import trace

Fields = dict[str, str | tuple[str, ...]]
PAGE: Fields = {"src_ip": "198.51.100.4", "cs-method": "GET", "cs-uri-stem": "/x.php", "cs-uri": "/x.php?a=1", "sc-status": "200"}
PROXIED: Fields = {"c-ip": "10.1.0.7", "cs-method": "GET", "c-uri": "http://evil.example/a.bin", "sc-status": "200"}
LOGIN: Fields = {"user": "eva", "src_ip": "198.51.100.4"}
SUDO: Fields = {"user": "eva", "USER": "root", "COMMAND": "/bin/cat /etc/shadow"}
DENIED: Fields = {"src_ip": "198.51.100.4", "dst_ip": "10.1.0.9", "dst_port": "22", "action": "denied"}
OKTA: Fields = {
    "eventType": "user.session.start", "outcome.result": "SUCCESS", "actor.alternateId": "eva@corp.example", "actor.type": "User",
    "client.ipAddress": "198.51.100.4",
}  # fmt: skip
SLACK: Fields = {"action": "app_installed", "actor.user.email": "eva@corp.example", "context.ip_address": "198.51.100.4"}
TRAIL: Fields = {
    "eventSource": "ec2.amazonaws.com", "eventName": "DeleteFlowLogs", "userIdentity.arn": "arn:aws:iam::1:user/eva",
    "sourceIPAddress": "198.51.100.4", "eventID": "1",
}  # fmt: skip
USER: Fields = {"eventSource": "iam.amazonaws.com", "eventName": "CreateUser", "requestParameters.userName": "helper", "eventID": "1"}
MAIL: Fields = {"SenderAddress": "a@evil.example", "RecipientAddress": "eva@corp.example", "Subject": "Offer", "MessageId": "<1@evil>"}
KUBE: Fields = {"verb": "create", "user.username": "eva", "sourceIPs": "198.51.100.4", "objectRef.resource": "pods", "objectRef.name": "p"}
QUERY: Fields = {"query": "evil.example", "src_ip": "10.1.0.7", "record_type": "A"}

CASES: list[tuple[str, str, str, Fields, tuple[str, str, str], str]] = [
    ("nginx", "access", "", PAGE, ("198.51.100.4", "asked", "/x.php"), "web.requested"),
    ("nginx", "access", "", PAGE, ("198.51.100.4", "reached", "web1"), ""),
    ("squid", "access", "", PROXIED, ("10.1.0.7", "asked", "evil.example"), ""),
    ("linux", "sshd", "accepted", LOGIN, ("198.51.100.4", "logged-on", "eva"), "signon.from"),
    ("linux", "sshd", "failed", LOGIN, ("198.51.100.4", "failed", "eva"), "signon.failed.from"),
    ("linux", "sudo", "command", SUDO, ("eva", "owned", "cat"), "command.run"),
    ("vaultwarden", "vaultwarden", "", LOGIN | {"auth_result": "failed"}, ("198.51.100.4", "failed", "eva"), "signon.failed.from"),
    ("cisco", "asa", "", DENIED, ("198.51.100.4", "refused", "10.1.0.9"), "traffic.refused"),
    ("cisco", "asa", "", DENIED | {"action": "built"}, ("198.51.100.4", "reached", "10.1.0.9"), "traffic.seen"),
    ("unbound", "unbound", "", QUERY, ("10.1.0.7", "asked", "evil.example"), "name.resolved"),
    ("okta", "okta", "", OKTA, ("198.51.100.4", "logged-on", "eva@corp.example"), "signon.from"),
    ("slack", "audit", "", SLACK, ("eva@corp.example", "called", "app_installed"), "cloud.called"),
    ("aws", "cloudtrail", "", TRAIL, ("arn:aws:iam::1:user/eva", "called", "DeleteFlowLogs"), "cloud.called"),
    ("aws", "cloudtrail", "", USER | {"userIdentity.userName": "eva"}, ("eva", "created", "helper"), "identity.changed"),
    ("m365", "MessageTrace", "", MAIL, ("a@evil.example", "sent", "Offer"), "mail.sent"),
    ("m365", "MessageTrace", "", MAIL, ("Offer", "delivered", "eva@corp.example"), ""),
    ("kubernetes", "audit", "", KUBE, ("eva", "called", "create"), "cloud.called"),
    ("new", "thing", "", {"src_ip": "198.51.100.4"}, ("198.51.100.4", "reached", "web1"), "client.seen"),
]  # fmt: skip


def _event(product: str, service: str, event_type: str, fields: Fields, name: str = "e", host: str = "web1") -> Event:
    source = LogSource(product=product, service=service, event_type=event_type)
    return Event(id=name, time=datetime(2024, 3, 5, tzinfo=UTC), host=host, source="a", row=0, logsource=source, fields=dict(fields))


def _shown(event: Event) -> list[Fact]:
    return list(facts([event], Cast(Processes([event]), Addresses(()))))


def _claim(fact: Fact) -> Claim:
    event = fact.event
    evidence = (Evidence(event_id=event.id, time=event.time),)
    return Claim(predicate=fact.predicate, arguments=dict(fact.arguments), evidence=evidence, time=event.time, host=event.host)


@pytest.mark.parametrize(
    ("product", "service", "event_type", "fields", "edge", "predicate"), CASES, ids=[f"{case[0]}-{case[1]}-{case[4][1]}" for case in CASES]
)
def test_an_event_shows_by_its_class_who_did_what_to_what(
    product: str, service: str, event_type: str, fields: Fields, edge: tuple[str, str, str], predicate: str
) -> None:
    event = _event(product, service, event_type, fields)
    shown = {(fact.source.label, fact.kind, fact.target.label): fact for fact in _shown(event)}
    assert edge in shown, list(shown)
    assert shown[edge].predicate == predicate
    assert all(refusal(_claim(fact), {"e": event}) is None for fact in shown.values() if fact.predicate)


def test_a_mail_keeps_the_id_by_which_it_is_found_again_and_a_queue_id_is_none() -> None:
    sent = next(fact for fact in _shown(_event("m365", "MessageTrace", "", MAIL)) if fact.kind == "sent")
    assert sent.target.details["message_id"] == "<1@evil>"
    queued: Fields = {"sender": "a@evil.example", "recipient": "eva@corp.example", "queue_id": "4F2A1C0D9B"}
    plain = next(fact for fact in _shown(_event("new", "thing", "", queued)) if fact.kind == "sent")
    assert "message_id" not in plain.target.details


def test_what_an_attribute_does_not_say_is_refused() -> None:
    failed, done = _event("linux", "sshd", "failed", LOGIN, "f"), _event("linux", "sshd", "accepted", LOGIN, "d")
    (fact,) = (fact for fact in _shown(done) if fact.predicate)
    said = _claim(fact)
    borrowed = said.model_copy(update={"evidence": (Evidence(event_id="f", time=failed.time),)})
    swapped = said.model_copy(update={"arguments": {**said.arguments, "user": "198.51.100.4", "address": "eva"}})
    assert [note and note.code for note in (refusal(one, {"f": failed, "d": done}) for one in (said, borrowed, swapped))] == [
        None, "refusal.kind", "refusal.argument",
    ]  # fmt: skip


def test_the_client_of_signalled_web_requests_is_the_attacker_and_its_other_traces_are_found(made: SimpleNamespace) -> None:
    attack = [_event("nginx", "access", "", PAGE | {"cs-uri-stem": f"/x.php{at}"}, f"w{at}") for at in range(3)]
    usual = [_event("nginx", "access", "", PAGE | {"src_ip": f"203.0.113.{at}"}, f"u{at}") for at in range(40)]
    elsewhere = _event("linux", "sshd", "accepted", LOGIN, "s", host="srv2")
    found = trace(made.incident_of("web1"), made.signals_on(attack), made.over([*attack, *usual, elsewhere]))
    assert [entity.value for entity in found.attackers][:1] == ["198.51.100.4"]
    assert not any(entity.value.startswith("203.0.113.") for entity in found.attackers)
    assert any(node.kind == "logon" and node.host == "srv2" for node in found.nodes)
    assert found.dropped_claims == 0
    assert any(claim.predicate == "web.requested" for claim in found.story)
