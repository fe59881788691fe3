"""The host is asked for a process by its number alone, and told to end it together with when it started."""

from datetime import UTC, datetime

import pytest
from tests.response.connectors.windows.conftest import Host, job

from watchkeeper.model.means import Job

SEEN = datetime(2026, 3, 1, 10, tzinfo=UTC)
TICKS = (SEEN - datetime(1, 1, 1, tzinfo=UTC)).days * 864_000_000_000 + 10 * 36_000_000_000
EVIL = r"C:\Users\Ann\evil.exe"


def _job(value: str = "ws1:4711 evil.exe", image: str = EVIL) -> Job:
    return job("kill_process", "process", value, started=SEEN.isoformat(), image=image)


def _found(image: str = EVIL, ticks: int = TICKS) -> dict[str, str]:
    return {"ticks": str(ticks), "image": image}


def test_the_process_that_was_meant_is_ended_by_its_start(host: Host) -> None:
    means = host.means("kill_process")
    host.says(_found(), _found(r"c:\users\ANN\Evil.exe"), {"ticks": "", "image": ""}, {"ticks": "", "image": ""})
    assert (means.undo, means.check(_job()).outcome) == (None, "not-in-force")
    assert means.do(_job()).said == "evil.exe (4711) on ws1 was ended"
    assert (host.sent[1].told["pid"], host.sent[2].told["pid"], host.sent[2].told["ticks"]) == (4711, 4711, str(TICKS))
    assert means.check(_job()).outcome == "in-force"


def test_another_one_with_its_number_is_left_alone(host: Host) -> None:
    host.says(_found(ticks=TICKS + 30_000_000), _found(r"C:\Windows\notepad.exe"))
    assert host.means("kill_process").do(_job()).said.endswith("had ended by itself")
    with pytest.raises(ValueError, match="that number runs"):
        host.means("kill_process").do(_job())
    assert len(host.sent) == 2


@pytest.mark.parametrize(
    ("image", "ended"),
    [
        (r"C:\Windows\System32\lsass.exe", False), (r"c:\WINDOWS\system32\SVCHOST.EXE", False), (r"C:\Windows\Temp\csrss.exe", False),
        (r"C:\ProgramData\Microsoft\Windows Defender\Platform\4.18\MsMpEng.exe", False), (r"C:\Program Files\OpenSSH\sshd.exe", False),
        (r"C:\ProgramData\svchost.exe", True), (r"C:\Users\Ann\lsass.exe", True), (r"C:\svchost.exe", True),
        (r"C:\Windows\System32\rundll32.exe", True),
    ],
)  # fmt: skip
def test_what_the_host_lives_by_is_not_ended_and_what_only_has_its_name_is(host: Host, image: str, ended: bool) -> None:
    means, what = host.means("kill_process"), _job(f"ws1:4711 {image.rpartition(chr(92))[2]}", image)
    host.says(_found(image), {"ticks": "", "image": ""})
    if ended:
        means.do(what)
        assert len(host.sent) == 2
    else:
        with pytest.raises(ValueError, match="the host would be lost"):
            means.do(what)
        assert len(host.sent) == 1


def test_the_system_itself_has_no_program_and_is_left_alone(host: Host) -> None:
    host.says(_found(""))
    with pytest.raises(ValueError, match="a part of the kernel"):
        host.means("kill_process").do(_job("ws1:4 System", ""))


@pytest.mark.parametrize("answer", [{"ticks": "x", "image": ""}, {"ticks": "1"}, {"ticks": "-1", "image": ""}, [], "1"])
def test_a_process_that_is_none_is_refused(host: Host, answer: object) -> None:
    host.says(answer)
    with pytest.raises(ValueError, match="cannot be read"):
        host.means("kill_process").check(_job())


def test_a_start_that_no_calendar_has_is_refused(host: Host) -> None:
    host.says({"ticks": "9" * 19, "image": EVIL})
    with pytest.raises(ValueError, match="which is no time"):
        host.means("kill_process").check(_job())
