"""HTML that is safe to open: its environment, what every printed value passes, and what a page may do. Owns no page."""

import base64
import hashlib
import re
from collections.abc import Mapping

from jinja2 import Environment
from markupsafe import Markup, escape

from watchkeeper.content import folder
from watchkeeper.model.asset import Asset
from watchkeeper.model.claim import Claim
from watchkeeper.model.language import Language
from watchkeeper.model.note import Note
from watchkeeper.reporting.harmless import harmless
from watchkeeper.reporting.sentences import pieces, word
from watchkeeper.reporting.svg import number
from watchkeeper.reporting.templating import Functions, environment

_CODE = re.compile(r"[\\/=]| -\w|^\S{24,}$")
"""What is set as code: paths, assignments, options, and long words without a space."""


def rendered(made: Environment, name: str, lang: Language, given: Mapping[str, object]) -> str:
    """Render a page with our style and script inside; it fetches nothing and runs nothing else."""
    style, script = _text("report.css"), _text("report.js")
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    ours = {
        "lang": lang,
        "style": Markup(style),  # noqa: S704 - our own file
        "script": Markup(script),  # noqa: S704 - our own file
        "policy": Markup(policy),  # noqa: S704 - our own words and two digests
    }
    return made.get_template(name).render({**given, **ours})


def formed(made: Environment, name: str, lang: Language, given: Mapping[str, object]) -> tuple[str, str]:
    """Render a page that may send a form to where it came from, and runs nothing; give it with the policy to be sent with it."""
    style = _text("report.css") + _text("approve.css")
    policy = f"default-src 'none'; style-src '{_hash(style)}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ours = {"lang": lang, "style": Markup(style)}  # noqa: S704 - our own files
    return made.get_template(name).render({**given, **ours}), policy


def html_environment(lang: Language, functions: Functions) -> Environment:
    """Make the environment of a page, with functions of its own beside those that all have."""

    def t(code: str, **arguments: str) -> Markup:
        return _said(Note(code=code, arguments=arguments), lang)

    def said(note: Note | Claim) -> Markup:
        return _said(note, lang)

    def sentence(note: Note | Claim) -> Markup:
        return _said(note, lang, capital=True)

    def hosted(host: str, assets: Mapping[str, Asset]) -> Markup:
        return _hosted(host, assets, lang)

    return environment(
        lang,
        _finalize,
        {"t": t, "bar": _bar, **functions},
        {"said": said, "sentence": sentence, "hosted": hosted},
        html=True,
    )


def _finalize(value: object) -> object:
    """Make every printed text harmless that is not markup already; autoescape then escapes it."""
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _said(note: Note | Claim, lang: Language, *, capital: bool = False) -> Markup:
    parts = pieces(note, lang)
    if capital and parts and not parts[0].value:
        parts = (parts[0]._replace(text=parts[0].text[:1].upper() + parts[0].text[1:]), *parts[1:])
    return Markup("").join(_value(piece.text) if piece.value else escape(piece.text) for piece in parts)


def _value(text: str) -> Markup:
    """Set a value apart from our own words; what looks like a path or a command is set as code."""
    return Markup('<span class="{}">{}</span>').format("v code" if _CODE.search(text) else "v", text)


def _bar(share: float, kind: str) -> Markup:
    """Draw a share of 1 as a small bar; `kind` is a CSS class."""
    width = number(max(0.0, min(1.0, share)) * 120)
    return Markup(
        '<svg class="meter {}" width="120" height="8" aria-hidden="true"><rect class="whole" width="120" height="8" rx="4"/>'
        '<rect class="part" width="{}" height="8" rx="4"/></svg>'
    ).format(kind, width)


def _hosted(host: str, assets: Mapping[str, Asset], lang: Language) -> Markup:
    """Name a host with what is known about it."""
    asset = assets.get(host)
    marks = (
        [asset.role, "★" * asset.criticality if asset.criticality > 2 else "", word("report.protected", lang) if asset.protected else ""]
        if asset
        else []
    )
    note = " ".join(mark for mark in marks if mark)
    return Markup('<span class="host">{}{}</span>').format(
        harmless(host), Markup(" <small>{}</small>").format(harmless(note)) if note else ""
    )


def _text(name: str) -> str:
    return (folder("templates") / name).read_text("utf-8")


def _hash(text: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}"
