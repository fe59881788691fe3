"""A rule that is switched off gives no signals; it can be switched on again, and the last word counts."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from watchkeeper.autopilot import Options, investigate
from watchkeeper.autopilot.rule_switches import as_suppressions, switch, switched_off
from watchkeeper.model.rule_seen import RuleSwitch
from watchkeeper.store import open_store

RULE = """
title: Evil runs
id: 0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a55
logsource: {product: windows, category: process_creation}
detection: {selection: {CommandLine|contains: evil}, condition: selection}
level: high
"""
ID = "0b0a5f2e-7a53-4c3c-9a7e-3d3f8f0e6a55"


def _said(*, on: bool, why: str = "w") -> RuleSwitch:
    return RuleSwitch(rule=ID, on=on, by="ann", why=why, time=datetime(2026, 11, 26, tzinfo=UTC))


def test_a_rule_that_is_off_gives_no_signals_until_it_is_on_again(tmp_path: Path) -> None:
    log = "Microsoft-Windows-Sysmon/Operational"
    event = {"EventID": 1, "Channel": log, "Hostname": "ws1", "CommandLine": "evil", "Image": "C:\\e.exe"}
    (tmp_path / "logs.json").write_text(json.dumps(event), "utf-8")
    (tmp_path / "rule.yml").write_text(RULE, "utf-8")
    options = Options(
        paths=(tmp_path / "logs.json",), rules=(tmp_path / "rule.yml",), own_rules=False, engine="reference", state=tmp_path / "state"
    )
    store = open_store(tmp_path / "state")
    for on, signals in ((True, 1), (False, 0), (True, 1)):
        switch(store, _said(on=on))
        assert switched_off(tmp_path / "state") == (frozenset() if on else {ID})
        assert [one.rule for one in as_suppressions(store)] == ([] if on else [ID])
        assert investigate(options, tmp_path / "case", "en")[0].signals == signals
    store.close()


def test_a_word_needs_its_reason(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    with pytest.raises(ValueError, match="say why"):
        switch(store, _said(on=False, why=" "))
    assert switched_off(None) == frozenset()
    store.close()
