"""What a person asks of a run. Owns the options that commands share and their defaults; how they are written is `cli`'s."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Progress = Callable[[str, int], None]
"""Told what is going on and how many bytes of the evidence have been read."""


Engine = Literal["fused", "reference"]


def unheard(_: str, __: int) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class Options:
    """What a person asks for."""

    paths: tuple[Path, ...]
    """Files and folders of evidence."""
    rules: tuple[Path, ...] = ()
    """Sigma rules: folders, files or zips."""
    own_rules: bool = True
    """Also run the rules that come with Watchkeeper."""
    assets: Path | None = None
    """An `assets.yml`; what it does not say is learnt."""
    mapping: str | None = None
    """An alert mapping to read every file with, by name or path; none recognises files by content."""
    placeholders: Path | None = None
    """A YAML file with the values of placeholders in rules."""
    log_sources: tuple[Path, ...] = ()
    """YAML files that add to the table of log sources; the later wins."""
    content: Path | None = None
    """Folder of installed content, for what is known to be exploited and of ATT&CK; none leaves that out."""
    intel: Path | None = None
    """Folder of installed intelligence; none matches nothing."""
    watchlists: Path | None = None
    """A `watchlists.yml` of the organisation."""
    sources: tuple[Path, ...] = ()
    """A person's own sources: YAML files and folders of them, which go before ours."""
    state: Path | str | None = None
    """Folder of the state database, or its URL; none keeps and uses nothing."""
    watch_days: int = 90
    """How long what follows an attacker is looked out for, if nobody closes the incident before."""
    batch_rows: int = 4096
    """Events a batch."""
    engine: Engine = "fused"
    """What runs the rules; the answer does not depend on it."""
    workers: int = 1
    """Processes that read and detect; 0 is one a core. The answer does not depend on it."""
    progress: Progress = field(default=unheard)
    """Who is told how far it is."""
