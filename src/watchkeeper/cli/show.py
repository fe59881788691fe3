"""`watchkeeper show`. Owns writing events as JSON lines; the views stand in `autopilot.show`."""

import sys
from collections.abc import Sequence
from pathlib import Path

import msgspec

from watchkeeper.autopilot.show import VIEWS, show
from watchkeeper.cli.plainly import one_of, plain_errors
from watchkeeper.cli.signals import say_skipped
from watchkeeper.model.sourceread import SourceRead


def run(paths: Sequence[Path], how: str, limit: int | None, mapping: str | None, own: tuple[Path, ...]) -> None:
    """Write events to standard output, one JSON object a line; what was skipped goes to standard error."""
    encode = msgspec.json.Encoder().encode
    with plain_errors():
        one_of("view", how, tuple(VIEWS))
        for item in show(paths, how, limit, mapping, own):
            if isinstance(item, SourceRead):
                say_skipped([item])
            else:
                sys.stdout.buffer.write(encode(item) + b"\n")
    sys.stdout.buffer.flush()
