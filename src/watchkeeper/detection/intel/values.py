"""Values of indicators and events in one canonical form, so that equal things compare equal. Owns that form, not where values come from.

URLs: scheme and host in lower case, no user name, no default port, no fragment, at least `/` as path, `%41` as `A` where that is an
unreserved character, other escapes in upper case; path and query keep their case. `http` and `https` are different URLs. Paths and file
names are in lower case, and a path's separators are the source's.

Source: RFC 3986 section 6.2; RFC 5890 for names in other scripts; RFC 5952 for addresses.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import get_args

from watchkeeper.detection.sigma.values import address as parsed_address
from watchkeeper.model.indicator import IndicatorKind

MOST_CHARACTERS = 4_096
"""Longer values are neither indicators nor compared with them."""
WIDEST_IPV4, WIDEST_IPV6 = 8, 16
"""A network of a shorter prefix is half the internet, and no indicator."""
KINDS: frozenset[str] = frozenset(get_args(IndicatorKind))

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_DOMAIN = re.compile(rf"(?:{_LABEL}\.)+(?!\d+\Z)[a-z0-9-]{{2,63}}")
_MAILBOX = re.compile(r"[^\s@<>\"',;:()]{1,64}@([^\s@<>\"',;:()]{1,255})")
_ADDRESS_LIKE = re.compile(r"[0-9.]{7,15}|\[?[0-9a-fA-F:]*:[0-9a-fA-F:.]*(?:%[\w.-]{1,32})?\]?")
_PORT = re.compile(r"([^:\s]{1,253}|\[[0-9a-fA-F:.]+\]):\d{1,5}")
_HASH = re.compile(r"(?:[0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{56}|[0-9a-f]{64}|[0-9a-f]{96}|[0-9a-f]{128})")
_FINGERPRINT = re.compile(r"[0-9a-f]{32}|[a-z0-9]{10,24}(?:_[a-z0-9]{4,24}){1,3}")
"""JA3, JA3S and HASSH are MD5; JA4 and its kin are two to four parts."""
_URL = re.compile(r"([a-z][a-z0-9+.-]{1,30})://(?:[^/?#@]*@)?(\[[0-9a-f:.%]+\]|[^/?#:\\]+)(?::(\d{0,5}))?([^#]*)(?:#.*)?", re.IGNORECASE)
_ESCAPE = re.compile(r"%([0-9A-Fa-f]{2})")
_UNRESERVED = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
_PORTS = {"http": "80", "https": "443", "ftp": "21"}
_FILE_NAME = re.compile(r"[^\\/:*?\"<>|\x00-\x1f]{1,255}\.[a-z0-9]{1,12}", re.IGNORECASE)
_DEFANGED = re.compile(
    r"(?P<http>\bh(?:xx|\*\*|XX)p(?=s?\b|s?\[?:))|(?P<slashes>\[://\]|:\[//\]|\[//\])|(?P<colon>\[:\]|\[:(?=//))"
    r"|(?P<dot>\[\.\]|\(\.\)|\{\.\}|\[dot\]|\(dot\)|\[\.|(?<=\w)\.\])|(?P<at>\[@\]|\(@\)|\[at\]|\(at\))",
    re.IGNORECASE,
)
_MARKED = re.compile(r"[\[({]|[hH](?:xx|XX|\*\*)")
_FANGED = {"http": "http", "colon": ":", "slashes": "://", "dot": ".", "at": "@"}


def refanged(text: str) -> str:
    """Undo what people do to indicators so that nobody clicks on them: `hxxp`, `[.]`, `[:]`, `[at]`."""
    if _MARKED.search(text) is None:
        return text
    return _DEFANGED.sub(lambda found: _FANGED[found.lastgroup or "dot"], text)


def canonical(kind: str, text: str) -> str:
    """Give the value in canonical form; empty if the text is no such thing or too long. A network of one address is that address."""
    stripped = text.strip()
    if not stripped or len(stripped) > MOST_CHARACTERS:
        return ""
    return _CANONICAL[kind](stripped)


@lru_cache(maxsize=1_024)
def recognised(text: str) -> tuple[str, str]:
    """Give kind and value of a text that does not say what it is; both are empty if it looks like nothing that is known."""
    text = text.strip()
    if len(text) > MOST_CHARACTERS or "://" in text:
        return _as("url", text)
    for kind in ("address", "network", "hash", "mailbox", "domain"):
        value = canonical(kind, text)
        if value:
            return kind, value
    found = _PORT.fullmatch(text)
    if found:
        return recognised(found.group(1))
    return _as("url", f"http://{text}") if _DOMAIN.match(text.lower()) and "/" in text else ("", "")


def suffixes(domain: str) -> list[str]:
    """Give a domain and those above it that have at least two labels, the longest first."""
    found = [domain]
    rest = domain
    while "." in (rest := rest.partition(".")[2]):
        found.append(rest)
    return found


def host_of(url: str) -> str:
    """Give the host of a canonical URL: a domain, or an address."""
    found = _URL.match(url)
    host = found.group(2).strip("[]") if found else ""
    return _address(host) or host


def _as(kind: str, text: str) -> tuple[str, str]:
    value = canonical(kind, text)
    return (kind, value) if value else ("", "")


def _address(text: str) -> str:
    if _ADDRESS_LIKE.fullmatch(text) is None:
        return ""
    found = parsed_address(text)
    return "" if found is None else str(found)


def network(text: str) -> IPv4Network | IPv6Network | None:
    """Read a network, bits behind the prefix are ignored; none if it is no network."""
    try:
        return ip_network(text.strip(), strict=False)
    except ValueError:
        return None


def _network(text: str) -> str:
    if "/" not in text:
        return ""
    found = network(text)
    if found is None or found.prefixlen < (WIDEST_IPV4 if found.version == 4 else WIDEST_IPV6):
        return ""
    return str(found)


@lru_cache(maxsize=16_384)
def _domain(text: str) -> str:
    name = text.rstrip(".").lower()
    name = name[2:] if name.startswith("*.") else name.lstrip(".")
    if not name.isascii():
        try:
            name = name.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    return name if len(name) <= 253 and _DOMAIN.fullmatch(name) else ""


def _url(text: str) -> str:
    found = _URL.fullmatch(text)
    if found is None:
        return ""
    scheme, host, port, rest = found.group(1).lower(), found.group(2), found.group(3), found.group(4)
    name = _address(host.strip("[]"))
    name = (f"[{name}]" if ":" in name else name) or _domain(host) or host.lower()
    shown_port = "" if not port or port == _PORTS.get(scheme) else f":{port}"
    path = rest if rest.startswith("/") else f"/{rest}"
    return f"{scheme}://{name}{shown_port}{_ESCAPE.sub(_unescaped, path)}"


def _unescaped(found: re.Match[str]) -> str:
    character = chr(int(found.group(1), 16))
    return character if character in _UNRESERVED else f"%{found.group(1).upper()}"


def _hash(text: str) -> str:
    lower = text.lower()
    return lower if _HASH.fullmatch(lower) else ""


def _mailbox(text: str) -> str:
    lower = text.lower().removeprefix("mailto:")
    found = _MAILBOX.fullmatch(lower)
    return lower if found and _domain(found.group(1)) else ""


def _file(text: str) -> str:
    return text.strip('"').lower()


def _user(text: str) -> str:
    return text.rpartition("\\")[2].partition("@")[0].lower()


def _host(text: str) -> str:
    name = text.lstrip("\\").rstrip("$")
    return "" if _address(name) else name.partition(".")[0].lower()


def _fingerprint(text: str) -> str:
    lower = text.lower()
    return lower if _FINGERPRINT.fullmatch(lower) else ""


def is_file_name(text: str) -> bool:
    """Say whether a text looks like the name of a file with an ending."""
    return _FILE_NAME.fullmatch(text) is not None


_CANONICAL: Mapping[str, Callable[[str], str]] = {
    "address": _address,
    "network": _network,
    "domain": _domain,
    "url": _url,
    "hash": _hash,
    "mailbox": _mailbox,
    "file": _file,
    "user": _user,
    "host": _host,
    "account": str.lower,
    "service": str.lower,
    "task": str.lower,
    "fingerprint": _fingerprint,
}
