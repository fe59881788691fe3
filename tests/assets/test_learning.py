"""Hosts, their own addresses and roles are learnt from events, and said to be learnt."""

from typing import Any

import pyarrow as pa

from watchkeeper.assets import Learner, Learning
from watchkeeper.model.batch import Batch
from watchkeeper.model.logsource import LogSource

SID = "S-1-5-21-1-2-3-1001"
SYSMON = "Microsoft-Windows-Sysmon/Operational"


def _batch(service: str, event_type: str, hosts: list[str], **fields: list[Any]) -> Batch:
    return Batch(LogSource(product="windows", service=service, event_type=event_type), pa.table({"_host": hosts, **fields}))


def test_the_own_address_is_the_source_of_connections_the_host_opened() -> None:
    learner = Learner()
    learner.observe(
        _batch(SYSMON, "3", ["ws1"] * 3, Initiated=["true", "false", "true"], SourceIp=["10.0.0.7", "203.0.113.5", "127.0.0.1"])
    )
    (ws1,) = learner.learnt()
    assert ws1.addresses == ("10.0.0.7",)
    assert ws1.learnt


def test_an_event_with_several_values_takes_nothing_from_the_others_of_its_batch() -> None:
    learner = Learner()
    batch = _batch(SYSMON, "3", ["ws1", "ws2"], Initiated=[["true"], ["true", "false"]], SourceIp=[["10.0.0.7"], ["10.0.0.8"]])
    learner.observe(batch)
    assert [asset.addresses for asset in learner.learnt()] == [("10.0.0.7",), ()]


def test_what_is_learnt_does_not_depend_on_the_order_of_events() -> None:
    addresses = [f"10.0.0.{place}" for place in range(1, 8)]
    first, second = Learner(), Learner()
    for learner, order in ((first, addresses), (second, addresses[::-1])):
        learner.observe(_batch(SYSMON, "3", ["ws1"] * 7, Initiated=["true"] * 7, SourceIp=order))
        for event_type in ("4768", "4769")[:: 1 if learner is first else -1]:
            learner.observe(_batch("Security", event_type, ["ws1"] * 3))
        learner.observe(_batch("MSExchange Management", "1", ["ws1"] * 6))
    assert first.learnt() == second.learnt()


def test_a_role_needs_more_than_one_event() -> None:
    learner = Learner()
    learner.observe(_batch("Security", "4768", ["dc1"] * 5 + ["odd"]))
    roles = {asset.name: (asset.role, asset.criticality) for asset in learner.learnt()}
    assert roles == {"dc1": ("domain-controller", 5), "odd": ("", 2)}


def test_a_host_of_which_nothing_is_known_is_still_listed() -> None:
    learner = Learner()
    learner.observe(_batch("Application", "1", ["ws2", ""]))
    assert [asset.name for asset in learner.learnt()] == ["ws2"]


def test_what_several_learnt_is_what_one_would_have_learnt() -> None:
    fields = {"Initiated": ["true"] * 6, "SourceIp": [f"10.0.0.{place}" for place in (9, 1, 2, 3, 4, 1)]}
    seen = [_batch(SYSMON, "3", ["ws1"] * 6, **fields), _batch("Security", "4768", ["dc1", "ws2"]), _batch("Security", "4769", ["dc1"] * 2)]
    seen.append(_batch(SYSMON, "1", ["ws1"], User=[r"CORP\jane"]))
    seen.append(_batch("Security", "4672", ["ws1"], SubjectUserSid=[SID], SubjectDomainName=["WS1"], SubjectUserName=["Jane"]))
    one, several = Learner(), Learner()
    for batch in seen:
        one.observe(batch)
        worker = Learner()
        worker.observe(batch)
        several.take_over(worker.hand_over())
        assert worker.learnt() == ()
    assert several.learnt() == one.learnt()
    assert several.accounts.name_of(r"CORP\jane") == one.accounts.name_of(r"CORP\jane") == r"corp\jane"
    assert several.accounts.name_of(SID) == one.accounts.name_of(SID) == r"ws1\jane"
    assert {asset.name: asset.role for asset in several.learnt()} == {"dc1": "domain-controller", "ws1": "", "ws2": ""}


def test_more_names_than_are_kept_are_said() -> None:
    learner = Learner()
    assert learner.problems == ()
    learner.take_over(Learning({}, {}, [], False, [], True))
    assert learner.problems == ("accounts have more than 200,000 names: by chance, some of that is not known",)
