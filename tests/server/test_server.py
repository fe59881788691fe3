"""How the server is started elsewhere: the systemd unit and the container file."""

import configparser
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import typer

from watchkeeper.cli import app
from watchkeeper.server.processes import STOP_SECONDS

DEPLOY = Path(__file__).parents[2] / "deploy"


def _service() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for line in (DEPLOY / "watchkeeper.service").read_text("utf-8").splitlines():
        name, equals, value = line.partition("=")
        if equals and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def _commands() -> set[str]:
    whole: Any = typer.main.get_command(app)
    return set(whole.commands)


def test_the_unit_is_one_that_systemd_understands(tmp_path: Path) -> None:
    text = (DEPLOY / "watchkeeper.service").read_text("utf-8")
    sections = configparser.RawConfigParser(strict=False, delimiters=("=",), allow_no_value=True)
    sections.read_string(text)
    assert sections.sections() == ["Unit", "Service", "Install"]
    if analyze := shutil.which("systemd-analyze"):
        (tmp_path / "watchkeeper.service").write_text(re.sub("ExecStart=.*", "ExecStart=/bin/true", text))
        done = subprocess.run([analyze, "verify", str(tmp_path / "watchkeeper.service")], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_the_unit_is_locked_down_and_gives_time_to_stop() -> None:
    said = _service()
    locked = {"DynamicUser": "yes", "NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "KillMode": "mixed"}
    assert {name: said[name] for name in locked} == {name: [value] for name, value in locked.items()}
    assert said["CapabilityBoundingSet"] == [""]
    assert said["StateDirectory"] == ["watchkeeper"]
    assert float(said["TimeoutStopSec"][0]) > STOP_SECONDS, "all processes have so long together"
    assert said["ExecStart"][0].split()[1] in _commands()
    names = {one.partition("=")[0] for one in said["Environment"]}
    assert {"WATCHKEEPER_STATE", "WATCHKEEPER_CACHE", "NUMBA_CACHE_DIR"} <= names


def test_the_container_runs_without_rights_and_says_how_it_is() -> None:
    lines = [line for line in (DEPLOY / "Containerfile").read_text("utf-8").splitlines() if line and not line.startswith((" ", "#"))]
    said = [(line.split()[0], line.partition(" ")[2]) for line in lines]
    last = dict(said)
    assert last["USER"] != "0"
    assert last["USER"].isdigit(), "a number, so that a cluster can see that it is not root"
    assert json.loads(last["ENTRYPOINT"]) == ["watchkeeper"]
    assert json.loads(last["CMD"])[0] in _commands()
    assert json.loads(last["HEALTHCHECK"].partition("CMD ")[2])[1] in _commands()
    assert all("/" not in image.split()[0] for word, image in said if word == "FROM"), "no registry is named"
    copied = [name for word, rest in said if word == "COPY" and not rest.startswith("--from") for name in rest.split()[:-1]]
    assert [name for name in copied if not (DEPLOY.parent / name).exists()] == []
