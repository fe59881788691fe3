"""Named changes of one text that mappings may ask for. Owns what each does; all are pure, and give none where there is nothing to give."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from ipaddress import ip_address

Transform = Callable[[str], str | None]

_HEX = re.compile(r"0[xX][0-9a-fA-F]{1,15}")
_NUMBER = re.compile(r"-?\d{1,18}(?:\.\d{1,12})?")
_WITH_PORT = re.compile(r"\[(?P<bracketed>[^\]]+)\](?::\d{1,5})?|(?P<plain>\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}")
_CLOCK = re.compile(r"(\d{1,6}):(\d\d):(\d\d)")
_URL = re.compile(
    r"(?:(?P<scheme>[A-Za-z][A-Za-z0-9+.-]{0,20})://(?:[^/?#@]*@)?(?P<host>\[[^\]]*\]|[^/?#:]*)(?::\d*)?)?(?P<path>[^?#]*)(?:\?(?P<query>[^#]*))?"
)
_USUAL_PORT = re.compile(r"(?:(http://[^/?#]{0,512}):80|(https://[^/?#]{0,512}):443)(?=[/?#]|\Z)")
_EPOCH_SECONDS_END = 100_000_000_000
"""A number below is seconds since 1970, one above milliseconds."""


def _base(text: str) -> str | None:
    return re.split(r"[\\/]", text.rstrip("\\/"))[-1] or None


def _folder(text: str) -> str | None:
    at = max(text.rfind("\\"), text.rfind("/"))
    return text[:at] or None if at > 0 else None


def _account(text: str) -> str | None:
    r"""Give the account of `DOMAIN\\account`."""
    return text.rpartition("\\")[2] or None


def _domain(text: str) -> str | None:
    r"""Give the domain of `DOMAIN\\account`."""
    return text.rpartition("\\")[0] or None


def _address(text: str) -> str | None:
    try:
        found = ip_address(text.strip("[]"))
    except ValueError:
        return None
    mapped = getattr(found, "ipv4_mapped", None)
    return str(mapped or found)


def _not_address(text: str) -> str | None:
    return text if _address(text) is None else None


def _integer(text: str) -> str | None:
    if _HEX.fullmatch(text):
        return str(int(text, 16))
    return text.partition(".")[0] if _NUMBER.fullmatch(text) else None


def _milliseconds(text: str) -> str | None:
    """Give a number of seconds as milliseconds."""
    return str(round(float(text) * 1000)) if _NUMBER.fullmatch(text) else None


def _epoch(text: str) -> str | None:
    """Give a moment, ISO 8601 or seconds or milliseconds since 1970, as milliseconds since then; one without offset is UTC."""
    if _NUMBER.fullmatch(text):
        number = float(text)
        return str(round(number * 1000 if abs(number) < _EPOCH_SECONDS_END else number))
    moment = _moment(text)
    return None if moment is None else str(round(moment.timestamp() * 1000))


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text.strip()))
    except ValueError:
        return None
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _iso(text: str) -> str | None:
    """Give a moment as ISO 8601 in UTC."""
    moment = _milliseconds_to_moment(text) if _NUMBER.fullmatch(text) else _moment(text)
    if moment is None:
        return None
    precision = "microseconds" if moment.microsecond % 1000 else "milliseconds"
    return moment.astimezone(UTC).isoformat(timespec=precision).replace("+00:00", "Z")


def _milliseconds_to_moment(text: str) -> datetime | None:
    try:
        return datetime.fromtimestamp(int(_epoch(text) or "") / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def _algorithm(text: str) -> str | None:
    """Name the algorithm of `MD5=…`, or of a bare hash by its length."""
    name, _, value = text.strip().rpartition("=")
    if name:
        return _ALGORITHMS.get(name.upper(), name.upper())
    return _BY_LENGTH.get(len(value))


def _hash(text: str) -> str | None:
    return text.strip().rpartition("=")[2] or None


_ALGORITHMS = {"MD5": "MD5", "SHA1": "SHA-1", "SHA256": "SHA-256", "SHA512": "SHA-512"}
_BY_LENGTH = {32: "MD5", 40: "SHA-1", 64: "SHA-256", 128: "SHA-512"}


def _address_of_port(text: str) -> str | None:
    """Give the address of `address:port`, `[address]:port` or an address alone."""
    found = _WITH_PORT.fullmatch(text.strip())
    return _address(found["bracketed"] or found["plain"] or "") if found else _address(text)


def _clock(text: str) -> str | None:
    """Give `h:mm:ss`, or a number of seconds, as milliseconds."""
    found = _CLOCK.fullmatch(text)
    if found is None:
        return _milliseconds(text)
    return str((int(found[1]) * 3600 + int(found[2]) * 60 + int(found[3])) * 1000)


def _whole_url(text: str) -> str | None:
    """Give a URL that names its host; a path alone is none."""
    return text if _url(text, "host") else None


def _url(text: str, part: str) -> str | None:
    found = _URL.match(text)
    return (found[part] or None) if found else None


def _without_usual_port(text: str) -> str:
    """Leave out the port of a URL that its scheme has anyway."""
    found = _USUAL_PORT.match(text)
    return text if found is None else (found[1] or found[2]) + text[found.end() :]


TRANSFORMS: Mapping[str, Transform] = {
    "account": _account,
    "address": _address,
    "address_of_port": _address_of_port,
    "after_arrow": lambda text: text.rpartition("-> ")[2] or None,
    "after_at": lambda text: text.rpartition("@")[2] or None,
    "after_mark": lambda text: text.strip().partition(":_")[2] or text.strip() or None,
    "after_slash": lambda text: text.partition("/")[2] or None,
    "base": _base,
    "before_at": lambda text: text.partition("@")[0] or None,
    "before_slash": lambda text: text.partition("/")[0] or None,
    "clock": _clock,
    "domain": _domain,
    "epoch": _epoch,
    "folder": _folder,
    "hash": _hash,
    "hash_algorithm": _algorithm,
    "integer": _integer,
    "iso": _iso,
    "last_segment": lambda text: text.rpartition("/")[2].lower() or None,
    "last_word": lambda text: text.rpartition(".")[2] or None,
    "lower": str.lower,
    "mail_address": lambda text: text.rpartition("<")[2].partition(">")[0] or None,
    "milliseconds": _milliseconds,
    "not_address": _not_address,
    "not_number": lambda text: None if text.isdecimal() else text,
    "same_or_update": lambda text: "Create" if len(set(text.split("|"))) == 1 else "Update",
    "strip_dot": lambda text: text.rstrip(".") or None,
    "title": lambda text: text[:1].upper() + text[1:].lower(),
    "upper": str.upper,
    "url_host": lambda text: _url(text, "host"),
    "url_path": lambda text: _url(text, "path"),
    "url_query": lambda text: _url(text, "query"),
    "url_scheme": lambda text: _url(text, "scheme"),
    "whole_url": _whole_url,
    "without_usual_port": _without_usual_port,
}
"""By the name that a mapping gives it."""

SPLITS: Mapping[str, str] = {"split_comma": ",", "split_semicolon": ";", "split_space": " "}
"""Names that cut one text into several, and where."""
