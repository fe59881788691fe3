"""A PostgreSQL of our own for `bench-faults`, on a socket in a folder of its own. Owns starting and stopping it."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

_USERS = ("postgres", "nobody")


class Postgres:
    """One server with an empty database."""

    def __init__(self, programs: Path) -> None:
        """Make it and start it."""
        self._programs = programs
        self._folder = Path(tempfile.mkdtemp(prefix="wkpg"))  # short: the path of a socket has 107 characters at most
        self._become = self._other_than_root()
        self._run("initdb", "-D", self._data, "-U", "watchkeeper", "-E", "UTF8", "--auth=trust", "--no-sync")
        self.start()

    @classmethod
    def found(cls) -> "Postgres | None":
        """Give one where it is installed; none where it is not."""
        places = [*sorted(Path("/usr/lib/postgresql").glob("*/bin")), *map(Path, os.environ["PATH"].split(os.pathsep))]
        programs = next((path for path in places if (path / "initdb").exists() and (path / "pg_ctl").exists()), None)
        return None if programs is None else cls(programs)

    @property
    def url(self) -> str:
        """Where its database is."""
        return f"postgresql://watchkeeper@/postgres?host={self._folder}"

    @property
    def _data(self) -> str:
        return str(self._folder / "data")

    def start(self) -> None:
        """Start it; returns when it answers."""
        options = f"-c listen_addresses= -c unix_socket_directories={self._folder}"
        self._run("pg_ctl", "-D", self._data, "-w", "-l", str(self._folder / "log"), "-o", options, "start")

    def stop(self) -> None:
        """Stop it as a crash would."""
        self._run("pg_ctl", "-D", self._data, "-w", "-m", "immediate", "stop")

    def remove(self) -> None:
        """Stop it and remove its folder."""
        self.stop()
        shutil.rmtree(self._folder)

    def _run(self, program: str, *words: str) -> None:
        done = [*self._become, str(self._programs / program), *words]
        subprocess.run(done, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)

    def _other_than_root(self) -> tuple[str, ...]:
        """Give the folder to a user that it runs as, since it refuses root; say what a command as that user begins with."""
        if os.geteuid() != 0:
            return ()
        for user in _USERS:
            try:
                shutil.chown(self._folder, user)
            except LookupError:
                continue
            return ("setpriv", f"--reuid={user}", "--clear-groups", f"--regid={self._folder.stat().st_gid}")
        raise SystemExit(f"PostgreSQL does not run as root, and there is none of the users {', '.join(_USERS)}")
