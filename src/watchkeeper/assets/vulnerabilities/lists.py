"""Reading lists of vulnerabilities one entry after the other. Owns what a file is and what is skipped; each format has a module of its own.

A file is lines of JSON (CVE records or the compact form), one CVE record, a list of them, or an answer of NVD's.
It may be packed with gzip or zstd. A folder is all of its `.json` files.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import msgspec

from watchkeeper.assets.compressed import read_lines, read_whole
from watchkeeper.assets.vulnerabilities import compact, nvd, record
from watchkeeper.assets.vulnerabilities.vulnerability import Vulnerability

_MOST_BYTES = 8 << 30
_LARGEST_DOCUMENT = 512 << 20
_LONGEST_LINE = 8 << 20
_BOMS = b"\xef\xbb\xbf \t\r\n"


_NOTHING = msgspec.Raw()


class _Head(msgspec.Struct, frozen=True):
    """Just enough of a record to know its kind."""

    id: str = ""
    prod: msgspec.Raw = _NOTHING
    containers: msgspec.Raw = _NOTHING
    vulnerabilities: msgspec.Raw = _NOTHING


class Lists:
    """Yields entries, and counts what was skipped by reason."""

    def __init__(self) -> None:
        """Begin with nothing skipped."""
        self.read = 0
        self.skipped = Counter[str]()

    def vulnerabilities(self, path: Path) -> Iterator[Vulnerability]:
        """Yield every vulnerability of a file or folder.

        Raises:
            OSError: it cannot be read.
            ValueError: it is damaged, too large, or no such list.
        """
        files = sorted(path.rglob("*.json")) if path.is_dir() else [path]
        before = self.read
        for file in files:
            try:
                yield from self._file(file)
            except (ValueError, RecursionError) as error:
                raise ValueError(f"{str(file)!r} is no list of vulnerabilities: {error}") from error
        if self.read == before:
            raise ValueError(
                f"{str(path)!r} holds no vulnerability; CVE records, NVD's JSON 2.0 or lines of JSON with id and prod are read"
            )

    def _file(self, path: Path) -> Iterator[Vulnerability]:
        lines = read_lines(path, _MOST_BYTES, _LONGEST_LINE)
        first = next(lines, b"").lstrip(_BOMS)
        if _is_whole(first):
            yield from self._counted(self._line(first))
            for line in lines:
                if line.strip():
                    yield from self._counted(self._line(line))
        else:
            yield from self._counted(self._document(read_whole(path, _LARGEST_DOCUMENT).lstrip(_BOMS)))

    def _counted(self, some: Iterator[Vulnerability | str]) -> Iterator[Vulnerability]:
        for one in some:
            if isinstance(one, str):
                self.skipped[one] += 1
            else:
                self.read += 1
                yield one

    def _line(self, line: bytes) -> Iterator[Vulnerability | str]:
        try:
            yield from _entries(line)
        except (ValueError, RecursionError):
            yield "no JSON that is known" if len(line) < _LONGEST_LINE else "line too long"

    def _document(self, content: bytes) -> Iterator[Vulnerability | str]:
        if not content.startswith(b"["):
            yield from _entries(content)
            return
        for one in msgspec.json.decode(content, type=list[msgspec.Raw]):
            yield from self._line(bytes(one))


def _is_whole(line: bytes) -> bool:
    """Say whether a line is an object of JSON by itself."""
    try:
        msgspec.json.decode(line, type=_Head)
    except (ValueError, RecursionError):
        return False
    return line.startswith(b"{")


def _entries(content: bytes) -> Iterator[Vulnerability | str]:
    head = msgspec.json.decode(content, type=_Head)
    if head.containers:
        yield record.parse(content)
    elif head.vulnerabilities:
        yield from nvd.parse(content)
    elif head.prod:
        yield compact.parse(content)
    else:
        yield "no vulnerability"
