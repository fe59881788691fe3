"""Finding rule files in folders, files and zip archives, within bounds. Owns bytes, YAML and collections of documents.

What a rule asks stands in `parse`.
"""

import zipfile
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeGuard

import yaml

MAX_FILE_BYTES = 1024 * 1024
"""A rule file larger than this is not read."""
MAX_ARCHIVE_FILES = 100_000
"""Members of an archive beyond this are not looked at."""
_SUFFIXES = (".yml", ".yaml")


@dataclass(frozen=True, slots=True)
class RuleFile:
    """One YAML file with its documents."""

    path: str
    text: str
    documents: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that gave no documents, and why."""

    path: str
    reason: str
    line: int | None = None


@dataclass(frozen=True, slots=True)
class Document:
    """One rule, filter or correlation as YAML, with what a collection repeats merged in."""

    file: RuleFile
    number: int
    """1-based place among the file's documents."""
    content: dict[str, Any]

    @property
    def kind(self) -> Literal["rule", "filter", "correlation", ""]:
        """What it is; empty for YAML of another sort, which archives of rules hold too."""
        if "correlation" in self.content:
            return "correlation"
        if "filter" in self.content:
            return "filter"
        return "rule" if {"detection", "logsource"} & self.content.keys() else ""

    @property
    def name(self) -> str:
        """What it is called when it is spoken of."""
        return str(self.content.get("id") or self.content.get("title") or self.number)


def documents(file: RuleFile) -> Iterator[Document]:
    """Yield a file's documents; those with `action` (global, reset, repeat) are merged into others as Sigma's collections have it."""
    shared: dict[str, Any] = {}
    last: dict[str, Any] = {}
    for number, parsed in enumerate(file.documents, 1):
        if parsed is None:
            continue  # an empty document, such as after a trailing `---`
        content = parsed if _is_mapping(parsed) else dict[str, Any]()
        match content.get("action"):
            case "global":
                shared = {key: value for key, value in content.items() if key != "action"}
            case "reset":
                shared = {}
            case "repeat":
                last = _merged(last, {key: value for key, value in content.items() if key != "action"})
                yield Document(file, number, last)
            case _:
                last = _merged(content, shared) if shared else content
                yield Document(file, number, last)


def _merged(under: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Give both mappings as one, mappings within merged too; where both say something, `over` wins."""
    both = deepcopy(under)
    for key, value in over.items():
        old = both.get(key)
        both[key] = _merged(old, value) if _is_mapping(old) and _is_mapping(value) else deepcopy(value)
    return both


def _is_mapping(node: object) -> TypeGuard[dict[str, Any]]:
    return isinstance(node, dict)


def rule_files(paths: Sequence[Path]) -> Iterator[RuleFile | Unread]:
    """Read every YAML file under the given folders, files and zip archives; order is by name within each.

    Raises:
        FileNotFoundError: a given path does not exist.
        PermissionError: a given path may not be read.
    """
    for path in paths:
        if path.is_dir():
            for file in sorted(file for file in path.rglob("*") if file.suffix.lower() in _SUFFIXES and file.is_file()):
                yield _from_disk(file)
        elif zipfile.is_zipfile(path):
            yield from _archive(path)
        else:
            yield _parsed(str(path), path.read_bytes())


def _from_disk(path: Path) -> RuleFile | Unread:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            return Unread(str(path), _too_large())
        return _parsed(str(path), path.read_bytes())
    except OSError as error:
        return Unread(str(path), error.strerror or str(error))


def _archive(path: Path) -> Iterator[RuleFile | Unread]:
    with zipfile.ZipFile(path) as archive:
        members = [member for member in archive.infolist() if member.filename.lower().endswith(_SUFFIXES)]
        for member in sorted(members[:MAX_ARCHIVE_FILES], key=lambda member: member.filename):
            yield _member(archive, member, f"{path}!{member.filename}")
    if len(members) > MAX_ARCHIVE_FILES:
        yield Unread(str(path), f"{len(members) - MAX_ARCHIVE_FILES:,} files beyond the first {MAX_ARCHIVE_FILES:,} were left out")


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> RuleFile | Unread:
    try:
        with archive.open(member) as stream:
            content = stream.read(MAX_FILE_BYTES + 1)
    except (OSError, RuntimeError, NotImplementedError, zipfile.BadZipFile) as error:  # encrypted, damaged or oddly compressed members
        return Unread(name, str(error))
    return _parsed(name, content)


def _parsed(name: str, content: bytes) -> RuleFile | Unread:
    if len(content) > MAX_FILE_BYTES:
        return Unread(name, _too_large())
    try:
        text = content.decode("utf-8-sig")
        return RuleFile(name, text, tuple(yaml.load_all(text, Loader=_LOADER)))
    except UnicodeDecodeError:
        return Unread(name, "it is not UTF-8 text")
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        return Unread(name, f"it is not YAML: {error.problem}", None if mark is None else mark.line + 1)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        return Unread(name, f"it is not YAML: {error}")


def _too_large() -> str:
    return f"it is larger than {MAX_FILE_BYTES:,} bytes, which no rule is"


_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
