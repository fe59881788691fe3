"""Small SVG pictures as text. Owns elements, their escaping and the fitting of labels; what is drawn stands in the files named after it."""

import unicodedata
import xml.etree.ElementTree as ET

from markupsafe import Markup

NARROW = frozenset("iljtfrI.,:;'|!()[]{}/\\ -")


def picture(width: float, height: float, title: str, description: str, name: str) -> ET.Element:
    """Begin a picture of that size in pixels, named for those who cannot see it; `name` makes its ids unique in the page."""
    root = ET.Element("svg", {
        "viewBox": f"0 0 {number(width)} {number(height)}",
        "width": number(width),
        "height": number(height),
        "role": "img",
        "aria-labelledby": f"{name}-title {name}-desc",
        "class": "picture",
    })  # fmt: skip
    put(root, "title", title, id=f"{name}-title")
    put(root, "desc", description, id=f"{name}-desc")
    return root


def put(parent: ET.Element, tag: str, text: str | None = None, /, **attributes: float | str) -> ET.Element:
    """Add an element; `class_` is written `class`, underscores become hyphens, numbers are rounded to a tenth."""
    written = {key.rstrip("_").replace("_", "-"): value if isinstance(value, str) else number(value) for key, value in attributes.items()}
    child = ET.SubElement(parent, tag, written)
    child.text = text
    return child


def finished(root: ET.Element) -> Markup:
    """Give the picture as markup, with everything in it escaped."""
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704 - ElementTree escapes every text and attribute


def number(value: float) -> str:
    """Write a coordinate with at most one decimal."""
    return f"{value:.1f}".removesuffix(".0")


def text_width(text: str, size: float) -> float:
    """Estimate how wide a text is in a usual sans serif of that size, in pixels; generous, so that fitted labels fit."""
    return sum(_share(character) for character in text) * size


def fitted(text: str, room: float, size: float) -> str:
    """Cut a text with an ellipsis so that it fits into the room, in pixels; of a path the end stays, of anything else the beginning."""
    if text_width(text, size) <= room:
        return text
    path = "\\" in text or "/" in text
    while text and text_width(text + "…", size) > room:
        text = text[1:] if path else text[:-1]
    return f"…{text}" if path else f"{text}…"


def _share(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF":
        return 1.02
    if character in NARROW:
        return 0.41
    if character.isupper() or character in "mwMW@%":
        return 0.82
    return 0.67
