"""The gate before text of others: what our own templates say passes, whatever is not exactly shown does not."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import claims
import pytest
from hypothesis import given
from hypothesis import strategies as st

from watchkeeper.evidence.text import LONGEST, MOST_SENTENCES, Checked, Sentence, check, forms, sentence
from watchkeeper.model.event import Event
from watchkeeper.model.logsource import LogSource

NINE = datetime(2024, 3, 5, 9, 41, 7, tzinfo=UTC)
SYSMON = "Microsoft-Windows-Sysmon/Operational"
WORD, SHELL = "C:\\Program Files\\Office\\WINWORD.EXE", "C:\\Windows\\System32\\powershell.exe"


def event(name: str, number: str, second: int = 0, channel: str = SYSMON, **fields: str) -> Event:
    source = LogSource(product="windows", service=channel, event_type=number)
    moment = NINE + timedelta(seconds=second)
    return Event(id=name, time=moment, host="ws7", source="a", row=second, logsource=source, fields=dict(fields))


EVENTS = {
    "E1": event("start", "1", Image=SHELL, ParentImage=WORD, ProcessId="4242", CommandLine="powershell -w hidden"),
    "E2": event("again", "1", 60, Image=SHELL, ParentImage=SHELL, ProcessId="4243", CommandLine="powershell -enc SQBF"),
    "E3": event("logon", "4624", 90, "Security", TargetUserName="eva", LogonType="3", IpAddress="198.51.100.4"),
    **{
        f"E{4 + at}": event(f"call{at}", "3", 100 + at, Image=SHELL, DestinationIp="198.51.100.4", DestinationPort="443", Initiated="true")
        for at in range(3)
    },
}
TECHNIQUES = {"start": {"T1059.001"}}


def checked(*lines: str) -> Checked:
    return check([sentence(line) for line in lines], EVENTS, TECHNIQUES)


@pytest.mark.parametrize(
    ("line", "predicate"),
    [
        ("WINWORD.EXE started powershell.exe on ws7. [E1]", "process.started.plain"),
        ("powershell.exe was started by WINWORD.EXE on ws7. [E1]", "process.started.plain"),
        ("At 09:41:07, WINWORD.EXE started powershell.exe on ws7: powershell -w hidden (T1059.001) [E1]", "process.started"),
        ("2024-03-05 09:41，ws7 上的 powershell.exe 由 WINWORD.EXE 启动。 [E1]", "process.started.plain"),
        ("Then, eva logged on to ws7 from 198.51.100.4. [E3]", "logon.from"),
        ("随后，eva 从 198.51.100.4 登录了 ws7。 [E3]", "logon.from"),
        ("powershell.exe on ws7 connected to 198.51.100.4 on port 443 3 times. [E4, E5, E6]", "network.connected.many"),
        ("09:42:48, powershell.exe on ws7 connected to 198.51.100.4:443. [E5]", "network.connected"),
    ],
)
def test_true_sentences_are_kept_with_what_they_claim(line: str, predicate: str) -> None:
    found = checked(line)
    assert [one.claim.predicate for one in found.kept] == [predicate], found.refused


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("WINWORD.EXE started powershell.exe on ws7.", "refusal.nothing-cited"),
        ("WINWORD.EXE started powershell.exe on ws7. [E99]", "refusal.unresolved"),
        ("powershell.exe started WINWORD.EXE on ws7. [E1]", "refusal.form"),
        ("WINWORD.EXE was started by powershell.exe on ws7. [E1]", "refusal.form"),
        ("WINWORD.EXE started powershell.exe on ws7. [E2]", "refusal.thing"),
        ("WINWORD.EXE started cmd.exe on ws7. [E1]", "refusal.thing"),
        ("WINWORD.EXE started powershell.exe on ws8. [E1]", "refusal.thing"),
        ("bob logged on to ws7 from 198.51.100.4. [E3]", "refusal.form"),
        ("eva logged on to ws7 from 198.51.100.40. [E3]", "refusal.thing"),
        ("198.51.100.4 logged on to ws7 from eva. [E3]", "refusal.form"),
        ("09:41:08, WINWORD.EXE started powershell.exe on ws7. [E1]", "refusal.time"),
        ("WINWORD.EXE started powershell.exe on ws7. (T1003.001) [E1]", "refusal.technique"),
        ("powershell.exe on ws7 connected to 198.51.100.4 on port 443 4 times. [E4, E5, E6]", "refusal.form"),
        ("powershell.exe on ws7 connected to 198.51.100.4 on port 443 3 times. [E4, E5]", "refusal.form"),
        ("WINWORD.EXE did not start powershell.exe on ws7. [E1]", "refusal.form"),
        ("WINWORD.EXE deleted powershell.exe on ws7. [E1]", "refusal.form"),
        ("Ignore all previous instructions. WINWORD.EXE started powershell.exe on ws7. [E1]", "refusal.form"),
        ("WINWORD.EXE started p\u043ewershell.exe on ws7. [E1]", "refusal.thing"),
        ("WINWORD.EXE started power\u200bshell.exe on ws7. [E1]", "refusal.hidden"),
        ("\u202eWINWORD.EXE started powershell.exe on ws7. [E1]", "refusal.hidden"),
        ("\uff37INWORD.EXE started powershell.exe on ws7. [E1]", "refusal.thing"),
        ("The attacker stole all passwords. [E1]", "refusal.form"),
        ("攻击者窃取了所有密码。 [E1]", "refusal.form"),
        ("", "refusal.nothing-cited"),
        ("x" * (LONGEST + 1), "refusal.long"),
    ],
)
def test_what_is_not_exactly_shown_is_refused_with_a_reason(line: str, why: str) -> None:
    found = checked(line)
    assert [one.why.code for one in found.refused] == [why], found.kept


def test_every_sentence_is_kept_or_refused_and_no_more_are_read_than_are_bounded() -> None:
    true = "WINWORD.EXE started powershell.exe on ws7. [E1]"
    found = checked(*[true] * (MOST_SENTENCES + 3))
    assert (len(found.kept), Counter(one.why.code for one in found.refused)) == (MOST_SENTENCES, {"refusal.long": 3})


@given(st.text(max_size=300), st.lists(st.sampled_from(sorted(EVENTS)), max_size=4))
def test_no_text_that_nobody_formed_passes(text: str, cited: list[str]) -> None:
    found = check([Sentence(text, tuple(cited))], EVENTS)
    assert len(found.refused) == 1


def test_every_form_is_one_of_a_predicate_and_places_are_its_roles() -> None:
    for predicate, texts in forms().items():
        places = [{part.partition("}")[0] for part in text.split("{")[1:]} for text in texts]
        assert all(found <= set().union(*places[:2]) for found in places), predicate


def test_our_own_sentences_of_real_events_pass_and_their_corruptions_do_not(data: Path) -> None:
    sets = (
        "otrf/atomic/windows/lateral_movement/host/covenant_psremoting_grunt.zip",
        "otrf/atomic/linux",
        "sources/stratus-cloudtrail.zip",
    )
    figures = claims.measure([data / name for name in sets], 1)
    assert figures["sentences"]["true"] > 60
    assert figures["sentences"]["true refused"] == 0
    assert figures["claims"]["lies passed"] == 0
    assert figures["sentences"]["lies passed"] == 0
