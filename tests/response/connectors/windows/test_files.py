"""Paths go to the host whole or not at all; what it answers of a file is read."""

import pytest
from tests.response.connectors.windows.conftest import KEY, Host, job, place

from watchkeeper.model.means import Job
from watchkeeper.response.connectors.windows.files import whole

STAGE = r"C:\Users\Ann é 中\$(id) `x` 'y' %PATH% & {0}\-stage [1].exe"


def _job(path: str = STAGE, **arguments: str) -> Job:
    return job("quarantine_file", "file", f"ws1:{path}", **arguments)


def test_a_file_is_told_of_as_it_is_called(host: Host) -> None:
    means, kept = host.means("quarantine_file"), rf"C:\ProgramData\WatchkeeperQuarantine\{'b' * 64}.{KEY}"
    host.says({"said": kept}, {"said": "again"}, {"said": "held"}, {"said": "b" * 64}, {"said": "there"})
    done = means.do(_job(sha256="B" * 64))
    assert (done.reference, done.said) == (kept, f"{STAGE!r} on ws1 was moved to {kept!r}")
    told = {name: value for name, value in host.sent[0].told.items() if name != "token"}
    store = r"C:\ProgramData\WatchkeeperQuarantine"
    assert told == {"path": STAGE, "store": store, "key": KEY, "kind": "sha256", "wanted": "b" * 64}
    assert means.do(_job()).said.endswith("is in quarantine, as before")
    assert means.check(_job()).outcome == "in-force"
    assert means.undo is not None
    assert means.undo(_job()).said.endswith(f"is back, unchanged (sha256 {'b' * 64})")
    assert means.check(_job()).outcome == "not-in-force"


def test_what_the_host_refuses_is_said(host: Host) -> None:
    host.says(err="its sha256 is not that of the evidence; it was left there", status=1)
    with pytest.raises(ValueError, match="is not that of the evidence; it was left there"):
        host.means("quarantine_file").do(_job())


def test_the_folder_may_be_another_one(host: Host) -> None:
    host.says({"said": ""})
    place(quarantine=r"D:\Kept").means("quarantine_file", str).check(_job())
    assert host.sent[0].told["store"] == r"D:\Kept"


@pytest.mark.parametrize("path", [STAGE, r"c:\x", r"C:\a.b\.hidden", r"C:\PROGRA~1\x.exe", r"C:\console\com10.txt", r"C:\nulls\conx"])
def test_a_path_that_leads_to_one_file_is_taken(path: str) -> None:
    assert whole(path) == path


@pytest.mark.parametrize(
    "path",
    [
        "", "C:", "C:\\", r"x.exe", r"\x.exe", r"C:x.exe", r"C:/x.exe", r"\\server\share\x.exe", r"\\?\C:\x.exe", r"\\.\pipe\x",
        r"C:\a\..\x.exe", r"C:\.\x.exe", r"C:\a\\x.exe", r"C:\x.exe\\"[:-1], r"C:\x.exe:stream", r"C:\x.exe::$DATA", r"C:\x*.exe",
        r"C:\x?.exe", r'C:\"x".exe', r"C:\x|y", r"C:\x.exe.", "C:\\x.exe ", "C:\\folder \\x.exe", r"C:\nul", r"C:\a\CON.txt", r"C:\Com1",
        r"C:\lpt1 .txt", "C:\\com¹", "C:\\a\nb", "C:\\a\x00", "C:\\a\u202egpj.exe", "C:\\\ud800", "C:\\" + "x" * 240, "CC:\\x", "é:\\x",
    ],
)  # fmt: skip
def test_a_path_that_may_lead_elsewhere_goes_nowhere(host: Host, path: str) -> None:
    with pytest.raises(ValueError, match=r"no whole path|does not show"):
        whole(path)
    if path.isascii():
        with pytest.raises(ValueError, match=r"no whole path|does not show"):
            host.means("quarantine_file").do(_job(path))
    assert host.sent == []


@pytest.mark.parametrize("answer", [{"said": "a\nb"}, {"said": "x" * 1_001}, {"said": None}, {}])
def test_an_answer_that_is_none_is_refused(host: Host, answer: object) -> None:
    host.says(answer)
    with pytest.raises(ValueError, match="cannot be read"):
        host.means("quarantine_file").check(_job())
