"""Scripts are PowerShell 5.1, reach the host whole whatever its shell is, and what they are told is never read as a command."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.response.connectors.windows.conftest import Host, decoded, encoded, faults, parsed, walked

from watchkeeper.model.noun import Noun
from watchkeeper.response.connectors.site import Site
from watchkeeper.response.connectors.windows import files, firewall, processes
from watchkeeper.response.connectors.windows.powershell import arguments, asked, read, script_of

SCRIPTS = {
    "look at the firewall": firewall.LOOK, "isolate": firewall.ISOLATE, "release": firewall.RELEASE, "end": firewall.END,
    "look at a process": processes.LOOK, "end a process": processes.END, **{f"{step} a file": files.STEPS[step] for step in files.STEPS},
}  # fmt: skip
NEWER = {"pipeline_chain_tail"}
"""What the grammar knows of PowerShell 7; the rest of it is a fault to the grammar."""
CMDLETS = {
    "ConvertFrom-Json", "ConvertTo-Json", "ForEach-Object", "Get-CimInstance", "Get-NetFirewallAddressFilter",
    "Get-NetFirewallApplicationFilter", "Get-NetFirewallInterfaceTypeFilter", "Get-NetFirewallPortFilter", "Get-NetFirewallProfile",
    "Get-NetFirewallRule", "Get-Process", "Get-ScheduledTask", "Get-Service", "New-NetFirewallRule", "New-Object",
    "New-ScheduledTaskAction", "New-ScheduledTaskPrincipal", "New-ScheduledTaskSettingsSet", "New-ScheduledTaskTrigger", "New-TimeSpan",
    "Register-ScheduledTask", "Remove-NetFirewallRule", "Set-StrictMode", "Unregister-ScheduledTask", "Where-Object",
}  # fmt: skip
"""What Windows has, from the reference of Windows PowerShell 5.1 and of its modules; nothing else is there to call."""
HOSTILE = (
    "'; exit 7 #",
    '"$(id)"',
    "`id`",
    "a'b\"c",
    "%PATH%",
    "&& id",
    "| id",
    "é 中文",
    "\u2018quoted\u2019",
    "{0}",
    "$told",
    "\\",
    "\n",
)


class Told(Noun):
    """What comes back in these tests."""

    said: str
    """Anything."""


def _site(host: Host) -> Site:
    return Site("ws1", host.place.machine("ws1"), (), "", "")


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_every_script_is_powershell_in_ascii(script: str) -> None:
    whole = script_of(script, {"a": "b", "token": "t"})
    assert whole.isascii()
    assert faults(whole) == []


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_no_script_needs_more_than_powershell_5_or_pastes_words_into_code(script: str) -> None:
    whole = script_of(script, {"a": "b"})
    assert {node.type for node in walked(parsed(whole))} & NEWER == set()
    bare = re.sub(r"'[^'\n]*'", "''", whole)
    assert [word for word in ("&&", "||", "??", "?.", "Invoke-Expression", "iex ", "-Path ", '"', "Add-Type") if word in bare] == []


@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_a_script_calls_what_it_has_or_what_windows_has(script: str) -> None:
    whole = script_of(script, {"a": "b"})
    called = {node.text.decode() for node in walked(parsed(whole)) if node.type == "command_name" and node.text}
    own = set(re.findall(r"^function ([A-Za-z-]+)", whole, re.MULTILINE))
    assert called - own - CMDLETS == set()


def test_what_is_no_powershell_or_too_new_would_be_found() -> None:
    broken = firewall.LOOK.replace("try {", "try", 1)
    assert broken != firewall.LOOK
    assert faults(broken)
    assert {node.type for node in walked(parsed("a && b"))} & NEWER
    assert faults("$a = $b ? 1 : 2")
    assert faults("$a = $b ?? 1")


def test_the_command_line_has_the_same_harmless_letters_each_time_and_fits_into_cmd(host: Host) -> None:
    for value in HOSTILE:
        host.says({"said": value})
        assert asked(_site(host), "Answer @{ said = $told.value }", {"value": value}, Told).said == value
    lines = {one.words[-1] for one in host.sent}
    assert len(lines) == 1
    (line,) = lines
    assert re.fullmatch(r"powershell\.exe -NoProfile -NonInteractive -EncodedCommand [A-Za-z0-9+/=]+", line)
    assert len(line) < 8_191
    assert "$input" in decoded(line.split())
    assert faults(decoded(line.split())) == []
    assert [one.told["value"] for one in host.sent] == list(HOSTILE)
    assert host.sent[0].words[-3:-1] == ["--", "192.0.2.10"]


@given(st.text())
def test_what_a_script_is_told_stays_between_its_quotes(value: str) -> None:
    first, *rest = script_of("Answer @{}", {"value": value}).splitlines()
    assert re.fullmatch(r"\$told = '[A-Za-z0-9+/=]+'", first)
    assert rest == script_of("Answer @{}", {"value": ""}).splitlines()[1:]


def test_what_a_script_refuses_is_said_on_one_line_in_its_own_language(host: Host) -> None:
    host.says(err="文件\r\n正在使用", status=1)
    with pytest.raises(ValueError, match=r"^'powershell.exe' on 192\.0\.2\.10 refused: 文件 正在使用$"):
        asked(_site(host), "throw 'x'", {}, Told)


def test_only_the_line_with_the_token_is_an_answer() -> None:
    good = encoded({"said": "中 'x'"})
    said = f"Windows PowerShell\r\nother {encoded({'said': 'no'})}\r\nt0 {good}\r\n".encode()
    assert read(said, "t0", Told).said == "中 'x'"


@pytest.mark.parametrize(
    "said",
    [
        "", "t0", "t0 ", "t0 %%%", "t0 YWJj", f"t0 {encoded({})}", f"t0 {encoded({'said': 1})}", f"t0 {encoded({'said': 'x', 'more': 1})}",
        f"t0 {encoded([])}", f"t1 {encoded({'said': 'x'})}", "\x00\xff", "t0 " + "W" * 4_000,
    ],
)  # fmt: skip
def test_an_answer_that_is_none_is_said_to_be(said: str) -> None:
    with pytest.raises(ValueError, match=r"^the host answered what cannot be read: b'"):
        read(said.encode("latin-1"), "t0", Told)


def test_a_script_fits_where_a_task_keeps_its_words() -> None:
    words = arguments(script_of(firewall.END, {"group": "Watchkeeper " + "a" * 32, "ends": 1 << 40}))
    assert words[:3] == ("-NoProfile", "-NonInteractive", "-EncodedCommand")
    assert sum(map(len, words)) < 30_000
