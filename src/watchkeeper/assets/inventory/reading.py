"""Reading inventories of any kind and joining them to assets. Owns which format a file is, by its content, and whose software it lists.

What does not say whose it is belongs to the asset that the file is called after, up to the first point: `web01.dpkg.txt` is web01's.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from watchkeeper.assets.compressed import read_whole
from watchkeeper.assets.inventory import cyclonedx, packages, spdx, table
from watchkeeper.assets.inventory.listed import Collected, Rows, short
from watchkeeper.assets.register import read_assets
from watchkeeper.model.asset import Asset, Software

_MOST_BYTES = 512 << 20
_HEAD = 4096


@dataclass(frozen=True, slots=True)
class Inventory:
    """What is installed where."""

    assets: tuple[Asset, ...]
    """By name, each once."""
    formats: tuple[str, ...]
    """What each file was read as, in the order given."""
    skipped: Counter[str]
    """Rows that are no programs, by reason."""


def read_inventories(paths: Sequence[Path]) -> Inventory:
    """Read inventories; what several say of one asset is joined, what `assets.yml` says of it stays.

    Raises:
        OSError: one cannot be read.
        ValueError: one is of no known format, damaged or too large; the message says which.
    """
    told = dict[str, Asset]()
    collected = Collected()
    formats = list[str]()
    for path in paths:
        if path.suffix.lower() in {".yml", ".yaml"}:
            formats.append("assets.yml")
            told |= {asset.name: asset for asset in read_assets(path)}
            continue
        try:
            name, owner, rows = _recognised(path, read_whole(path, _MOST_BYTES))
            for row in rows:
                collected.add(owner, row)
        except (ValueError, RecursionError) as error:
            raise ValueError(f"{str(path)!r} cannot be read as an inventory: {error}") from error
        formats.append(name)
    return Inventory(tuple(_joined(told, collected)), tuple(formats), collected.skipped)


def _joined(told: dict[str, Asset], collected: Collected) -> Iterator[Asset]:
    for name in sorted({*told, *collected.programs}):
        asset = told.get(name, Asset(name=name, learnt=False))
        every: dict[Software, None] = dict.fromkeys(asset.software) | collected.programs.get(name, {})
        yield asset.model_copy(update={"software": tuple(every)})


def _recognised(path: Path, content: bytes) -> tuple[str, str, Rows]:
    """Give what a file is, whose software it lists unless a row says so, and its rows."""
    text = _text(content)
    head = text[:_HEAD].encode()
    named = short(path.name) or "unnamed"
    if head.lstrip().startswith(b"{"):
        whole = text.encode()
        if cyclonedx.is_it(head) or cyclonedx.is_it(whole):
            return "CycloneDX", cyclonedx.subject(whole) or named, cyclonedx.rows(whole)
        if spdx.is_it(head) or spdx.is_it(whole):
            return "SPDX", spdx.subject(whole) or named, spdx.rows(whole)
    if packages.is_dpkg(head):
        return "dpkg -l", named, packages.dpkg(_lines(text))
    if packages.is_rpm(head):
        return "rpm -qa", named, packages.rpm(_lines(text))
    if packages.is_winget(head):
        return "winget list", named, packages.winget(_lines(text))
    first = next((line for line in _lines(text) if line.strip() and not line.startswith("#TYPE")), "")
    if table.is_it(first):
        return "table", named, table.rows(_lines(text))
    known = (
        "assets.yml, CycloneDX or SPDX as JSON, what `dpkg -l`, `rpm -qa` or `winget list` print, a table with a heading that has a name"
    )
    raise ValueError(f"it is none of: {known}")


def _lines(text: str) -> Iterable[str]:
    return (line for line in text.split("\n"))


def _text(content: bytes) -> str:
    """Decode what tools write: UTF-8, or UTF-16 with a mark, as Windows' do."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content.decode("utf-16", "replace")
    return content.decode("utf-8-sig", "replace")
