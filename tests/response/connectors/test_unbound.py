"""Refused for real: a resolver of our own, with another behind it that knows the names."""

import os
import subprocess
import sys
from collections.abc import Callable, Generator
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from tests.response.connectors.conftest import Network, needed, until

from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job, Means
from watchkeeper.response.connectors.dns_question import resolved
from watchkeeper.response.connectors.unbound import UnboundPlace

SERVER = """server:
  interface: {address}
  port: 53
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: ""
  use-syslog: no
  do-daemonize: no
  do-not-query-localhost: no
"""
KNOWS = """  module-config: "iterator"
  local-zone: "." static
  local-data: "evil.example. A 192.0.2.7"
  local-data: "www.evil.example. A 192.0.2.7"
  local-data: "good.example. A 192.0.2.8"
remote-control:
  control-enable: no
"""
ASKED = """  module-config: "respip iterator"
rpz:
  name: "rpz.watchkeeper"
  zonefile: "{folder}/refused.zone"
forward-zone:
  name: "."
  forward-addr: 127.0.0.2
remote-control:
  control-enable: yes
  control-interface: "{folder}/control"
  control-use-cert: no
"""


@pytest.fixture
def folder(network: Callable[[], Network], tmp_path: Path) -> Generator[Path]:
    """Where a running resolver has its things, in whose namespace we are."""
    needed("unbound", "unbound-control")
    place = network()
    (tmp_path / "refused.zone").touch()
    with ExitStack() as stack:
        for name, address, rest in (("knows", "127.0.0.2", KNOWS), ("asked", "127.0.0.1", ASKED)):
            config = tmp_path / f"{name}.conf"
            config.write_text((SERVER + rest).format(address=address, folder=tmp_path))
            with (tmp_path / f"{name}.log").open("wb") as log:
                process = subprocess.Popen([*place.words, "/usr/sbin/unbound", "-d", "-c", str(config)], stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.terminate)
            until(lambda log=tmp_path / f"{name}.log": "start of service" in log.read_text(), f"{name} does not start")
        with place.entered():
            yield tmp_path


def _means(folder: Path, **otherwise: object) -> Means:
    told = {
        "name": "dns", "by": "unbound", "actions": ["block_domain"], "file": str(folder / "refused.zone"),
        "config": str(folder / "asked.conf"), "resolver": "127.0.0.1",
    }  # fmt: skip
    return UnboundPlace.model_validate({**told, **otherwise}).means("block_domain", str)


def _job(*names: str, key: str = "a" * 32, seconds: float = 600, **arguments: str) -> Job:
    targets = tuple(Entity(kind="domain", value=name) for name in names)
    expires = datetime.now(UTC) + timedelta(seconds=seconds)
    return Job(key=key, tenant="default", incident="i1", action="block_domain", targets=targets, arguments=arguments, expires=expires)


def _undone(means: Means, job: Job) -> None:
    assert means.undo is not None
    means.undo(job)


def _found(*names: str) -> list[bool]:
    return [resolved("127.0.0.1", 53, name).records > 0 for name in names]


def test_a_name_is_refused_and_comes_back_after_undo(folder: Path) -> None:
    means, job = _means(folder), _job("Evil.example.")
    assert _found("evil.example", "www.evil.example", "good.example") == [True, True, True]
    assert means.check(job).outcome == "not-in-force"
    assert means.do(job).said == "'evil.example' is refused by the resolver 127.0.0.1"
    assert means.check(job).outcome == "in-force"
    assert _found("evil.example", "www.evil.example", "good.example") == [False, True, True]
    before = (folder / "refused.zone").read_text().splitlines()
    means.do(job)
    after = (folder / "refused.zone").read_text().splitlines()
    assert [line for line in after if "SOA" not in line] == [line for line in before if "SOA" not in line]
    _undone(means, job)
    assert _found("evil.example") == [True]
    assert means.check(job).outcome == "not-in-force"


def test_with_every_name_under_it_and_two_jobs_for_one_name(folder: Path) -> None:
    means, first, second = _means(folder), _job("evil.example", subdomains="yes"), _job("evil.example", "good.example", key="b" * 32)
    means.do(first)
    assert _found("evil.example", "www.evil.example", "good.example") == [False, False, True]
    means.do(second)
    _undone(means, first)
    assert _found("evil.example", "www.evil.example", "good.example") == [False, True, False]
    assert (means.check(first).outcome, means.check(second).outcome) == ("not-in-force", "in-force")


def test_a_name_that_is_not_there_anyway_is_no_proof_that_it_is_refused(folder: Path) -> None:
    assert _found("unknown.example") == [False]
    seen = _means(folder).check(_job("unknown.example"))
    assert (seen.outcome, "has not loaded this action" in seen.said) == ("not-in-force", True)


def test_what_is_over_leaves_when_the_zone_is_written_next(folder: Path) -> None:
    means = _means(folder)
    means.do(_job("evil.example", seconds=0.8))
    with pytest.raises(ValueError, match="the time of this action was over"):
        means.do(_job("evil.example", seconds=-1))
    ended = datetime.now(UTC) + timedelta(seconds=0.8)
    until(lambda: datetime.now(UTC) > ended, "time stands still")
    means.do(_job("good.example", key="b" * 32))
    assert _found("evil.example", "good.example") == [True, False]


def test_names_and_zones_that_must_stay_are_left_alone(folder: Path) -> None:
    means = _means(folder, never=["corp.example"])
    with pytest.raises(
        ValueError, match=r"'dns' does not refuse 'www.corp.example': 'corp.example' stands in its `never`; nothing was refused"
    ):
        means.do(_job("evil.example", "www.corp.example"))
    with pytest.raises(ValueError, match="`subdomains` is 'all'"):
        means.do(_job("evil.example", subdomains="all"))
    assert _found("evil.example") == [True]
    (folder / "refused.zone").write_text("theirs.example CNAME .\n")
    with pytest.raises(ValueError, match=r"'dns' does not change '.*refused.zone': its first line"):
        means.do(_job("evil.example"))
    assert (folder / "refused.zone").read_text() == "theirs.example CNAME .\n"


@pytest.mark.slow
def test_two_that_write_at_once_lose_nothing(folder: Path) -> None:
    many = "\n".join((
        "import sys",
        "from pathlib import Path",
        "from tests.response.connectors.test_unbound import _job, _means",
        "for number in range(5):",
        "    _means(Path(sys.argv[1])).do(_job(f'n{number}.{sys.argv[2]}.example', key=f'{number}{sys.argv[2]}' * 16))",
    ))  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    both = [subprocess.Popen([sys.executable, "-c", many, str(folder), which], env=environment) for which in "ab"]
    assert [process.wait() for process in both] == [0, 0]
    assert _found(*(f"n{number}.{which}.example" for number in range(5) for which in "ab")) == [False] * 10
    zone = (folder / "refused.zone").read_text()
    assert all(f"n{number}.{which}.example CNAME ." in zone for number in range(5) for which in "ab")


def test_it_refuses_names_and_nothing_else(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="'dns' is Unbound"):
        UnboundPlace.model_validate({"name": "dns", "by": "unbound", "actions": ["x"], "file": "/x", "resolver": "127.0.0.1"}).means(
            "kill_process", str
        )
