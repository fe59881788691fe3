"""`watchkeeper serve`. Owns what is said when the server starts; what it does is the server's."""

from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import typer

from watchkeeper.access.listening import may_listen
from watchkeeper.autopilot import Options
from watchkeeper.autopilot.people import first_admin
from watchkeeper.cli.plainly import plain_errors
from watchkeeper.server.logs import chosen
from watchkeeper.server.serving import Whole
from watchkeeper.server.serving import run as run_whole
from watchkeeper.server.syslog import Ports
from watchkeeper.server.web import Web
from watchkeeper.store import open_store
from watchkeeper.store.people import open_people


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
    syslog: int | None = None
    syslog_tls: int | None = None


def run(asked: Asked, options: Options, state: Path, database: Path | str) -> None:
    """Serve until told to stop."""
    with plain_errors():
        if (asked.certificate is None) != (asked.key is None):
            raise ValueError("a certificate and its key belong together: set --certificate and --key")
        _admit(asked, state, database)
        ports = Ports(asked.host, asked.syslog, asked.syslog_tls)
        web = Web(state, database, asked.host, asked.port, asked.certificate, asked.key, options.rules, options.assets, ports)
        logs = chosen(asked.log, asked.log_level)
        run_whole(Whole(web, options, asked.workers, logs), lambda: typer.echo(f"listening on {asked.host}:{asked.port}, state in {state}"))


def _admit(asked: Asked, state: Path, database: Path | str) -> None:
    """See that somebody can be let in and that the address may be listened at; at the very first start make who lets others in."""
    with closing(open_store(database)) as store:
        people = open_people(store.database, state)
        known = bool(people.users())
        may_listen(asked.host, tls=asked.certificate is not None, ready=known, insecure=asked.insecure)
        password = first_admin(people, datetime.now(UTC))
    if password is not None:
        typer.echo(f"first start: sign in as admin with the password {password}; it is shown this once and kept nowhere")
