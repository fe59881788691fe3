"""Commands run here and over SSH: bounded, quoted safely, and a host that is not who it should be is never told anything."""

import shutil
from collections.abc import Callable, Generator
from pathlib import Path

import pytest
from pydantic import ValidationError
from tests.response.connectors.conftest import Network, ssh_server, until

from watchkeeper.response.connectors.commands import Answer, Machine, obeyed, run

HERE = Machine()
HOSTILE = ("$(id)", "`id`", "; id", "a'b\"c", "two  words", "", "-n", "\n", "*", "\\", "&& id", "é", "\x1b[31m")


@pytest.fixture
def far(network: Callable[[], Network], tmp_path: Path) -> Generator[Machine]:
    """An SSH server on loopback, in whose namespace we are."""
    place = network()
    with ssh_server(place, tmp_path / "ssh", "127.0.0.1") as machine, place.entered():
        yield machine


def test_what_a_program_says_and_how_it_ended_is_given() -> None:
    answer = run(HERE, ("sh", "-c", "cat; echo bad >&2; exit 3"), b"given")
    assert (answer.status, answer.out, answer.err, answer.complaint) == (3, b"given", b"bad\n", "bad")


def test_a_program_that_refuses_is_named_with_its_complaint_and_no_control_characters() -> None:
    with pytest.raises(ValueError, match=r"'sh' on this machine refused: no \[31m way$"):
        obeyed(HERE, ("sh", "-c", "printf 'no \\033[31m\\nway\\n' >&2; exit 1"))
    assert obeyed(HERE, ("printf", "%s", "yes")) == b"yes"


def test_words_that_need_rights_begin_as_configured_and_others_do_not() -> None:
    machine = Machine(before=("env", "MARK=1"))
    assert obeyed(machine, ("sh", "-c", "echo $MARK")) == b"1\n"
    assert obeyed(machine, ("sh", "-c", "echo $MARK"), rights=False) == b"\n"


def test_a_program_that_does_not_end_is_stopped_with_what_it_started(tmp_path: Path) -> None:
    with pytest.raises(TimeoutError, match="'sh' on this machine took longer than 1 seconds"):
        run(Machine(seconds=1), ("sh", "-c", f"sleep 60 & echo $! > {tmp_path / 'pid'}; wait"))
    child = (tmp_path / "pid").read_text().strip()
    state = Path("/proc", child, "stat")
    until(lambda: not state.exists() or state.read_text().split()[2] == "Z", "the child lives on")


def test_an_answer_without_end_is_cut_off_with_an_error() -> None:
    with pytest.raises(ValueError, match="'yes' on this machine answered more than 1,000 bytes"):
        run(HERE, ("yes",), most_bytes=1_000)


def test_a_program_that_answers_before_it_has_read_all_is_no_deadlock() -> None:
    assert run(HERE, ("head", "-c", "3"), b"x" * (4 << 20)).out == b"xxx"


def test_a_program_that_is_not_there_is_said_to_be() -> None:
    with pytest.raises(ValueError, match="cannot start 'no-such-program'"):
        run(HERE, ("no-such-program",))


@pytest.mark.parametrize(
    "told",
    [
        {"host": "a"}, {"host": "-oProxyCommand=id"}, {"host": "a b"}, {"user": "-l"}, {"identity": "env:KEY"}, {"known_hosts": "relative"},
        {"host": "a", "user": "b", "identity": "file:/k"}, {"seconds": 0}, {"port": 70_000},
    ],
)  # fmt: skip
def test_a_machine_that_could_not_be_reached_safely_is_refused(told: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Machine.model_validate(told)


def test_words_reach_the_other_side_as_they_are(far: Machine) -> None:
    assert obeyed(far, ("printf", "%s\\0", *HOSTILE)).decode() == "".join(f"{word}\0" for word in HOSTILE)
    assert run(far, ("sh", "-c", "cat; exit 7"), b"given") == Answer(7, b"given", b"")
    assert obeyed(far, ("cat",), b"\0given") == b"\0given"


def test_a_host_with_another_key_is_told_nothing(far: Machine, tmp_path: Path) -> None:
    shutil.copy(tmp_path / "ssh" / "client.pub", tmp_path / "other")
    kind, key, *_ = (tmp_path / "other").read_text().split()
    (tmp_path / "other").write_text(f"127.0.0.1 {kind} {key}\n")
    for known in (tmp_path / "other", tmp_path / "nothing"):
        with pytest.raises(ConnectionError, match=r"'127.0.0.1' port 22 was not reached over SSH: .*Host key verification failed"):
            run(far.model_copy(update={"known_hosts": str(known)}), ("touch", str(tmp_path / "told")))
    assert not (tmp_path / "told").exists()


def test_a_host_that_does_not_let_us_in_or_does_not_listen_is_not_reached(far: Machine, tmp_path: Path) -> None:
    with pytest.raises(ConnectionError, match="Permission denied"):
        run(far.model_copy(update={"identity": f"file:{tmp_path / 'ssh' / 'host'}"}), ("true",))
    with pytest.raises(ConnectionError, match="Connection refused"):
        run(far.model_copy(update={"port": 23}), ("true",))


def test_a_command_over_there_that_does_not_end_is_given_up(far: Machine) -> None:
    with pytest.raises(TimeoutError, match=r"'sleep' on 127\.0\.0\.1 took longer than 1 seconds"):
        run(far.model_copy(update={"seconds": 1}), ("sleep", "60"))
