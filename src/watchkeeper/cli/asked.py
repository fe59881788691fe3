"""What a person asked for on the command line. Owns bundling the options that commands share."""

from collections.abc import Sequence
from pathlib import Path

from watchkeeper.autopilot import Options


def options(
    evidence: Sequence[Path],
    rules: Sequence[Path] | None,
    own_rules: bool,
    assets: Path | None,
    mapping: str | None,
    batch_rows: int,
) -> Options:
    """Bundle the options that `investigate` and `detect` share."""
    return Options(
        paths=tuple(evidence), rules=tuple(rules or ()), own_rules=own_rules, assets=assets, mapping=mapping, batch_rows=batch_rows
    )
