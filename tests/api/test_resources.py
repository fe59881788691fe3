"""The examples of docs/api.md, run as they stand there against a server on loopback."""

import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path

import uvicorn
from fastapi.testclient import TestClient

TEXT = (Path(__file__).parents[2] / "docs" / "api.md").read_text("utf-8")
LINES = [line for block in re.findall(r"^```sh\n(.*?)^```$", TEXT, re.DOTALL | re.MULTILINE) for line in block.splitlines()]


def test_the_examples_do_what_they_say(answering: TestClient, bearer: Callable[..., dict[str, str]]) -> None:
    assert shutil.which("curl"), "install curl"
    server = uvicorn.Server(uvicorn.Config(answering.app, host="127.0.0.1", port=0, log_config=None, ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not (server.started and server.servers):
        assert thread.is_alive()
    token = bearer("analyst")["Authorization"].removeprefix("Bearer ")
    one = answering.get("/api/incidents?host=ws1", headers={"Authorization": f"Bearer {token}"}).json()["items"][0]["id"]
    url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    said = {"WATCHKEEPER_SERVER": url, "WATCHKEEPER_TOKEN": token, "INCIDENT": one, "RULE": "0b0a5f2e", "no_proxy": "*"}
    try:
        curls = [line for line in LINES if line.startswith("curl ")]
        assert len(curls) > 30
        for line in curls:
            done = subprocess.run(["bash", "-c", line], env={**os.environ, **said}, capture_output=True, text=True, timeout=60, check=False)
            assert (done.returncode, bool(done.stdout)) == (0, True), f"{line}: {done.stdout}{done.stderr}"
    finally:
        server.should_exit = True
        thread.join()
