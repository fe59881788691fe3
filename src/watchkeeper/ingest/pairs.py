"""Text made of named values: key=value, CEF and LEEF. Owns cutting it in time linear in the text; which log uses what is the grammars'.

Names are at most 128 characters; a name that stands twice has a list of values.
Source: ArcSight Common Event Format, implementation standard 26; IBM QRadar, "LEEF 2.0".
"""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import partial

from watchkeeper.model.batch import Value

Cut = Callable[[str], dict[str, Value]]
_QUOTED = r'"((?:[^"\\]|\\.)*+)"'
_CEF = re.compile(r"CEF: ?(\d{1,2}(?:\.\d)?)" + r"\|((?:[^|\\]|\\.)*+)" * 6 + r"\|")
_CEF_NAMES = ("deviceVendor", "deviceProduct", "deviceVersion", "deviceEventClassId", "name", "severity")
_CEF_KEY = re.compile(r"(?<!\S)([A-Za-z_][\w.:\[\]-]{0,127})=")
_CEF_ESCAPE = re.compile(r"\\([\\=|nr])")
_CEF_ESCAPED = {"n": "\n", "r": "\r"}
_LEEF = re.compile(r"LEEF: ?([12](?:\.\d)?)" + r"\|([^|]*+)" * 4 + r"\|")
_LEEF_NAMES = ("Vendor", "Product", "Version", "EventID")
_LEEF_DELIMITER = re.compile(r"(?:(0?x[0-9A-Fa-f]{1,4})|([^\w\s|])|(\t)|)\|")


def pairs(separator: str, equals: str, *, until_key: bool) -> Cut:
    r"""Give the function that cuts a text into its key=value pairs; a value in double quotes may hold anything, with `\"` for a quote.

    Without quotes a value ends at the separator (a blank stands for any white space), or with `until_key` where the next key begins.
    """
    sign, apart = re.escape(equals), re.escape(separator)
    blank = separator == " "
    begins = r"(?<!\S)" if blank else rf"(?<![^{apart}])\s*+"
    name = rf'([^\s{sign}"\'][^\s{sign}"]{{0,127}})' if blank else rf'([^\s{sign}{apart}"][^{sign}{apart}"\r\n]{{0,127}}?)'
    key = rf"{begins}{name}{sign}" if blank else rf"{begins}{name}\s*+{sign}\s*+"
    if until_key:
        return partial(_until_next, re.compile(rf"{key}({_QUOTED})?"), separator)
    word = r"\S*" if blank else rf"[^{apart}\s]*+(?:\s++[^{apart}\s]++)*+"
    return partial(_words, re.compile(rf"{key}(?:{_QUOTED}|({word}))"))


def _words(pattern: re.Pattern[str], text: str) -> dict[str, Value]:
    found = pattern.findall(text)
    if "\\" in text:
        found = [(name, quoted.replace('\\"', '"'), bare) for name, quoted, bare in found]
    fields: dict[str, Value] = {name: quoted or bare for name, quoted, bare in found}
    if len(fields) == len(found):
        return fields
    return _gathered((name, quoted or bare) for name, quoted, bare in found)


def _until_next(pattern: re.Pattern[str], separator: str, text: str) -> dict[str, Value]:
    return _gathered(_between(pattern, text, f"{separator} \t"))


def _between(pattern: re.Pattern[str], text: str, blanks: str) -> Iterator[tuple[str, str]]:
    name, start, quoted = "", 0, None
    for found in pattern.finditer(text):
        if name:
            yield name, _value(text[start : found.start()].strip(blanks), quoted)
        name, start = found[1], found.end()
        quoted = found[3] if pattern.groups > 1 else None
    if name:
        yield name, _value(text[start:].strip(blanks), quoted)


def _value(bare: str, quoted: str | None) -> str:
    return bare if quoted is None else quoted.replace('\\"', '"') + bare


def cef(text: str) -> dict[str, Value]:
    """Give header and extension of the CEF record in a text by the standard's names; nothing if there is none."""
    found = _CEF.search(text)
    if found is None:
        return {}
    version, *header = found.groups()
    extension = ((name, _cef_value(value)) for name, value in _between(_CEF_KEY, text[found.end() :], " \t"))
    named = zip(_CEF_NAMES, map(_cef_value, header), strict=True)
    return _gathered([("cefVersion", version), *named, *extension])


def _cef_value(text: str) -> str:
    return _CEF_ESCAPE.sub(lambda found: _CEF_ESCAPED.get(found[1], found[1]), text) if "\\" in text else text


def leef(text: str) -> dict[str, Value]:
    """Give header and attributes of the LEEF record in a text; nothing if there is none.

    Some senders turn the tab between attributes into a blank: then a value ends where the next key begins.
    """
    found = _LEEF.search(text)
    if found is None:
        return {}
    version, *header = found.groups()
    at, delimiter = found.end(), "\t"
    named = _LEEF_DELIMITER.match(text, at) if version.startswith("2") else None
    if named is not None:
        at, delimiter = named.end(), chr(int(named[1].lstrip("0").lstrip("x"), 16)) if named[1] else named[2] or "\t"
    rest = text[at:]
    if delimiter in rest or "=" not in rest:
        cut = (part.partition("=") for part in rest.split(delimiter))
        attributes: Iterable[tuple[str, str]] = ((name.strip()[:128], value) for name, sign, value in cut if sign and name.strip())
    else:
        attributes = _between(_CEF_KEY, rest, " \t")
    return _gathered([("leefVersion", version), *zip(_LEEF_NAMES, header, strict=True), *attributes])


def _gathered(found: Iterable[tuple[str, str]]) -> dict[str, Value]:
    values: dict[str, list[str]] = {}
    for name, value in found:
        values.setdefault(name, []).append(value)
    return {name: several if len(several) > 1 else several[0] for name, several in values.items()}
