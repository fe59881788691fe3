"""A real process is ended, and only that one: another with its number, another program, and the system's own are left alone."""

import subprocess
from collections.abc import Generator
from datetime import UTC, datetime, timedelta

import pytest
from tests.response.connectors.linux.conftest import Host, job, unreached

from watchkeeper.model.means import Job
from watchkeeper.response.connectors.linux.processes import read

NOW = datetime.now(UTC)


@pytest.fixture
def sleeping() -> Generator["subprocess.Popen[bytes]"]:
    process = subprocess.Popen(["sleep", "300"])
    yield process
    process.kill()
    process.wait()


def _job(process: "subprocess.Popen[bytes]", name: str = "sleep", **arguments: str) -> Job:
    told = {"started": datetime.now(UTC).isoformat(), **arguments}
    return job("kill_process", "process", f"web1:{process.pid} {name}", **told)


@pytest.mark.slow
def test_the_process_that_was_meant_is_ended(host: Host, sleeping: "subprocess.Popen[bytes]") -> None:
    means, what = host.means("kill_process"), _job(sleeping)
    assert means.undo is None
    assert means.check(what).outcome == "not-in-force"
    assert means.do(what).said == f"sleep ({sleeping.pid}) on web1 was ended"
    assert sleeping.wait(5) == -9
    assert means.check(what).outcome == "in-force"
    assert means.do(what).said == f"sleep ({sleeping.pid}) on web1 had ended by itself"


@pytest.mark.slow
def test_another_one_with_its_number_or_another_program_is_left_alone(host: Host, sleeping: "subprocess.Popen[bytes]") -> None:
    means = host.means("kill_process")
    reused = _job(sleeping, started=(datetime.now(UTC) - timedelta(minutes=5)).isoformat())
    assert means.do(reused).said.endswith("had ended by itself")
    assert means.check(reused).outcome == "in-force"
    for wrong in (_job(sleeping, "bash"), _job(sleeping, image="/opt/sleep")):
        with pytest.raises(ValueError, match=r"is not ended: that number runs '/.*' now"):
            means.do(wrong)
    assert sleeping.poll() is None


@pytest.mark.parametrize(
    ("value", "arguments", "said"),
    [
        ("web1:1 systemd", {}, "is the system itself"), ("web1:x sleep", {}, "names no process"), ("web1:44", {}, "names no process"),
        ("web1:44 sleep", {"started": ""}, "without a time"), ("web1:44 sleep", {"started": "2026-01-01T00:00:00"}, "has no zone"),
        ("web1:44 sleep", {"host": "web2"}, "the arguments say 'web2'"), ("db1:44 sleep", {}, "does not reach 'db1'"),
        ("web1:44; reboot sleep", {}, "names no process"),
    ],
)  # fmt: skip
def test_what_is_not_known_well_enough_is_not_even_looked_for(value: str, arguments: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        unreached().means("kill_process", str).do(job("kill_process", "process", value, **({"started": NOW.isoformat()} | arguments)))


def test_what_a_host_says_is_read_strictly() -> None:
    running = read("S\n1000\n100\n1700000000\n/usr/bin/a b (deleted)\n")
    assert running is not None
    assert (running.mark, running.image, running.started) == ("1000", "/usr/bin/a b", datetime.fromtimestamp(1_700_000_010, UTC))
    assert read("") is None
    assert read("Z\n1000\n100\n1700000000\n") is None
    for wrong in ("nonsense", "S\n1\n0\n1\n", "S\nx\n100\n1\n/a"):
        with pytest.raises(ValueError, match="cannot be read"):
            read(wrong)
