"""`watchkeeper serve`. Owns what is said when the server starts; what it does is the server's."""

from dataclasses import dataclass
from pathlib import Path

import typer

from watchkeeper.autopilot import Options
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.server.logs import chosen
from watchkeeper.server.serving import Whole
from watchkeeper.server.serving import run as run_whole
from watchkeeper.server.web import Web


@dataclass(frozen=True, slots=True)
class Asked:
    """Where and how the server listens."""

    host: str
    port: int
    workers: int
    certificate: Path | None = None
    key: Path | None = None
    insecure: bool = False
    log: str = ""
    """json or console."""
    log_level: str = "info"


def run(asked: Asked, options: Options, state: Path, database: Path | str) -> None:
    """Serve until told to stop."""
    with plain_errors():
        web = Web(state, database, asked.host, asked.port, asked.certificate, asked.key, options.rules)
        logs = chosen(asked.log, asked.log_level)
        run_whole(Whole(web, options, asked.workers, logs), lambda: typer.echo(f"listening on {asked.host}:{asked.port}, state in {state}"))
