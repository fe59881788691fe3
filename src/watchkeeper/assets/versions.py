"""Comparing versions as each kind of software counts them. Owns the orders; what cannot be compared is said to be, never guessed.

Sources: Debian Policy, 5.6.12 (deb); RPM documentation, `rpm-version(7)` (rpm); Semantic Versioning 2.0.0, 11; PEP 440.
"""

import re
from collections.abc import Callable
from itertools import zip_longest

from packaging.version import InvalidVersion, Version

from watchkeeper.model.asset import Scheme

_LONGEST = 200

_SEMVER = re.compile(r"v?(\d{1,18})\.(\d{1,18})\.(\d{1,18})(?:-([0-9A-Za-z.-]{1,100}))?(?:\+[0-9A-Za-z.-]{1,100})?")
_PLAIN = re.compile(r"v?(\d{1,18}(?:\.\d{1,18}){0,9})(?:[._-]?([a-z]{1,2}))?(?:[-_.]?(?:p|u|r|b|build )?(\d{1,18}))?", re.IGNORECASE)
"""Numbers with points, then perhaps a letter or two as in `1.0.2zd`, then perhaps a patch or update as in `8u241` or `8.8.5-04`."""
_PIECES = re.compile(r"(\d+|[a-zA-Z]+|~|\^)")
_BEFORE_RELEASE = {"a", "b", "rc", "dev"}


def compare(one: str, other: str, scheme: Scheme) -> int | None:
    """Say which of two versions is the older: negative, zero or positive like `one - other`; none if they cannot be compared."""
    one, other = one.strip(), other.strip()
    if not one or not other or len(one) > _LONGEST or len(other) > _LONGEST:
        return None
    return _ORDERS[scheme](one, other)


def upstream(version: str, scheme: Scheme) -> str:
    """Give the version of what a distribution packs, without its epoch and its own counting."""
    if scheme not in {"deb", "rpm"}:
        return version
    _, _, rest = version.rpartition(":") if version.partition(":")[0].isdigit() else ("", "", version)
    head = rest.rpartition("-")[0] or rest
    return re.split(r"[+~](?:dfsg|ds|git|really|repack)", head, maxsplit=1)[0]


def _sign(one: int, other: int) -> int:
    return (one > other) - (one < other)


def _deb(one: str, other: str) -> int | None:
    return _by_parts(one, other, _deb_part)


def _rpm(one: str, other: str) -> int | None:
    if not _parted(one)[2] or not _parted(other)[2]:  # who gives no release means any
        one, other = (f"{epoch}:{version}" for epoch, version, _ in (_parted(one), _parted(other)))
    return _by_parts(one, other, _rpm_part)


def _by_parts(one: str, other: str, order: Callable[[str, str], int]) -> int | None:
    """Compare epoch, version and revision in turn."""
    (epoch, version, revision), (other_epoch, other_version, other_revision) = _parted(one), _parted(other)
    if not version or not other_version:
        return None
    return _sign(epoch, other_epoch) or order(version, other_version) or order(revision, other_revision)


def _parted(version: str) -> tuple[int, str, str]:
    epoch, colon, rest = version.partition(":")
    if not colon or not epoch.isdigit():
        epoch, rest = "0", version
    head, dash, revision = rest.rpartition("-")
    return (int(epoch[:18]), head, revision) if dash else (int(epoch[:18]), rest, "")


def _deb_part(one: str, other: str) -> int:
    """Alternate between what is no digit, compared by character, and numbers."""
    for left, right in zip_longest(re.findall(r"(\D*)(\d*)", one), re.findall(r"(\D*)(\d*)", other), fillvalue=("", "")):
        text = _deb_text(left[0], right[0])
        if text:
            return text
        number = _sign(int(left[1] or "0"), int(right[1] or "0"))
        if number:
            return number
    return 0


def _deb_text(one: str, other: str) -> int:
    for left, right in zip_longest(one, other, fillvalue=""):
        order = _sign(_deb_weight(left), _deb_weight(right))
        if order:
            return order
    return 0


def _deb_weight(letter: str) -> int:
    """A tilde comes before the end, the end before letters, letters before all else."""
    if letter == "~":
        return -1
    if not letter:
        return 0
    return ord(letter) if letter.isalpha() else ord(letter) + 256


def _rpm_part(one: str, other: str) -> int:
    """Compare runs of digits and of letters in turn; a tilde is older than the end, a caret newer, digits newer than letters."""
    for left, right in zip_longest(_PIECES.findall(one), _PIECES.findall(other), fillvalue=""):
        if left == right:
            continue
        order = _rpm_piece(left, right)
        if order:
            return order
    return 0


def _rpm_piece(left: str, right: str) -> int:
    for mark, when in (("~", -1), ("^", 1)):
        if mark in {left, right}:
            if mark == "^" and (left and right):  # a caret is newer than the end, and older than any more
                return -1 if left == mark else 1
            return when if left == mark else -when
    if not left or not right:
        return 1 if left else -1
    if left.isdigit() != right.isdigit():
        return 1 if left.isdigit() else -1
    return _sign(int(left), int(right)) if left.isdigit() else (left > right) - (left < right)


def _semver(one: str, other: str) -> int | None:
    left, right = _SEMVER.fullmatch(one), _SEMVER.fullmatch(other)
    if not left or not right:
        return _plain(one, other)
    for place in (1, 2, 3):
        if order := _sign(int(left[place]), int(right[place])):
            return order
    if not left[4] or not right[4]:
        return _sign(not left[4], not right[4])
    return _semver_before(left[4], right[4])


def _semver_before(one: str, other: str) -> int:
    for left, right in zip_longest(one.split("."), other.split("."), fillvalue=""):
        if left == right:
            continue
        if not left or not right:
            return 1 if left else -1
        if left.isdigit() and right.isdigit():
            return _sign(int(left), int(right))
        if left.isdigit() != right.isdigit():
            return -1 if left.isdigit() else 1
        return 1 if left > right else -1
    return 0


def _pep440(one: str, other: str) -> int | None:
    try:
        left, right = Version(one), Version(other)
    except InvalidVersion:
        return None
    return (left > right) - (left < right)


def _plain(one: str, other: str) -> int | None:
    """Compare numbers with points; with words in it, only as semver or PEP 440 if both sides are that."""
    left, right = _PLAIN.fullmatch(one), _PLAIN.fullmatch(other)
    if left and right and not {(left[2] or "").lower(), (right[2] or "").lower()} & _BEFORE_RELEASE:
        return _plain_order(left, right)
    if _SEMVER.fullmatch(one) and _SEMVER.fullmatch(other):
        return _semver(one, other)
    return _pep440(one, other)


def _plain_order(left: re.Match[str], right: re.Match[str]) -> int:
    numbers = zip_longest((int(part) for part in left[1].split(".")), (int(part) for part in right[1].split(".")), fillvalue=0)
    for one, other in numbers:
        if order := _sign(one, other):
            return order
    words = ((left[2] or "").lower(), (right[2] or "").lower())
    return (words[0] > words[1]) - (words[0] < words[1]) or _sign(int(left[3] or "0"), int(right[3] or "0"))


_ORDERS: dict[Scheme, Callable[[str, str], int | None]] = {
    "deb": _deb, "rpm": _rpm, "semver": _semver, "pep440": _pep440, "plain": _plain
}  # fmt: skip
