"""Settings: read once from the environment and the command line, then handed down. Owns their names and defaults."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from watchkeeper.model.language import LANGUAGES, Language

_MOST_DAYS = 3_660


@dataclass(frozen=True, slots=True)
class Settings:
    """What a person can set for every command."""

    state: Path
    """Folder of what outlives a run; `WATCHKEEPER_STATE` or `--state`, otherwise under the user's data directory."""
    language: Language
    """Language of reports; `WATCHKEEPER_LANG` or `--lang`, otherwise English."""
    rules: Path
    """Folder of installed rules; `WATCHKEEPER_RULES` or `--into`, otherwise under the user's data directory."""
    database: str
    """URL of the state database; `WATCHKEEPER_DATABASE`, otherwise empty: it is in the state folder."""
    log: str
    """How the platform writes its log, `json` or `console`; `WATCHKEEPER_LOG`, otherwise empty: plain on a terminal, JSON elsewhere."""
    log_level: str
    """Least severity that it writes: debug, info, warning or error; `WATCHKEEPER_LOGLEVEL`, otherwise info."""
    watch_days: int
    """How long an attacker is looked out for if nobody closes the incident; `WATCHKEEPER_WATCH_DAYS`, otherwise 90."""

    @property
    def store(self) -> Path | str:
        """Where the state database is."""
        return self.database or self.state


def read_settings(
    state: Path | None = None, language: str | None = None, environment: Mapping[str, str] = os.environ, rules: Path | None = None
) -> Settings:
    """Settle each setting: the command line wins over the environment, that over the default.

    Raises:
        ValueError: a language that there are no texts for, or a number of days that is none.
    """
    chosen = language or environment.get("WATCHKEEPER_LANG") or "en"
    if chosen not in LANGUAGES:
        raise ValueError(f"language {chosen!r} has no texts; choose {' or '.join(LANGUAGES)}")
    data = platformdirs.user_data_path("watchkeeper")
    return Settings(
        state=state or _folder(environment, "WATCHKEEPER_STATE") or data,
        language=chosen,
        rules=rules or _folder(environment, "WATCHKEEPER_RULES") or data / "rules",
        database=environment.get("WATCHKEEPER_DATABASE") or "",
        log=environment.get("WATCHKEEPER_LOG") or "",
        log_level=environment.get("WATCHKEEPER_LOGLEVEL") or "info",
        watch_days=_days(environment.get("WATCHKEEPER_WATCH_DAYS") or "90"),
    )


def _days(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1 <= int(text) <= _MOST_DAYS):
        raise ValueError(f"WATCHKEEPER_WATCH_DAYS {text[:40]!r} is no number of days from 1 to {_MOST_DAYS}")
    return int(text)


def _folder(environment: Mapping[str, str], name: str) -> Path | None:
    return Path(environment[name]) if environment.get(name) else None
