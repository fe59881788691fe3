from pathlib import Path
from typing import Any

import pytest
import yaml

from watchkeeper import content
from watchkeeper.evidence import arguments, origin, predicates
from watchkeeper.evidence.predicates import COUNTED, TABLE
from watchkeeper.model.event import Event
from watchkeeper.model.logsource import LogSource

LANGUAGES = ("en", "zh")


def _lexicon(language: str) -> dict[str, Any]:
    return yaml.safe_load((Path(content.folder("lexicon")) / language / "tracing.yml").read_text("utf-8"))


@pytest.mark.parametrize(
    ("source", "name"),
    [
        (LogSource(product="windows", service="Microsoft-Windows-Sysmon/Operational", event_type="1"), "sysmon 1"),
        (LogSource(product="linux", service="sysmon", event_type="1"), "sysmon 1"),
        (LogSource(product="windows", service="Security", event_type="4624"), "security 4624"),
        (LogSource(product="zeek", service="conn"), "zeek conn"),
        (LogSource(product="linux", service="auditd", event_type="SYSCALL"), "auditd SYSCALL"),
        (LogSource(product="aws", service="cloudtrail"), "cloudtrail"),
        (LogSource(product="defender", service="alerts"), "alerts"),
    ],
)
def test_logs_have_short_names(source: LogSource, name: str) -> None:
    assert origin(source) == name


def test_arguments_are_read_only_if_the_event_says_all_of_them() -> None:
    source = LogSource(product="windows", service="Security", event_type="4624")
    fields: dict[str, str | tuple[str, ...]] = {"TargetUserName": "eva", "LogonType": "3", "IpAddress": "-"}
    local = Event(id="e", time=None, host="ws7", source="a", row=0, logsource=source, fields=fields)
    assert arguments("logon.from", local) is None
    assert arguments("logon.here", local) == {"user": "eva", "type": "3"}
    assert arguments("file.written", local) is None


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("predicate", predicates())
def test_every_predicate_has_a_sentence_that_names_its_roles(predicate: str, language: str) -> None:
    lexicon = _lexicon(language)
    single, many = lexicon.get(f"claim.{predicate}"), lexicon.get(f"claim.{predicate}.many")
    assert single or many
    roles = {role for shape in TABLE[predicate].values() for role in shape}
    for sentence in filter(None, (single, many)):
        places = {part.partition("}")[0] for part in sentence.split("{")[1:]} - {"host"}
        assert places <= roles | {"count", "folders"}
    if predicate in COUNTED:
        assert "{count}" in single


def test_both_languages_say_the_same_things_with_the_same_places() -> None:
    english, chinese = (_lexicon(language) for language in LANGUAGES)
    assert english.keys() == chinese.keys()
    for code, sentence in english.items():
        assert {p.partition("}")[0] for p in sentence.split("{")[1:]} == {p.partition("}")[0] for p in chinese[code].split("{")[1:]}, code
