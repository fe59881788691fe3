"""The HTML page: one file that fetches nothing and runs nothing but its own script. Owns the rendering; the words stand in templates."""

import base64
import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment
from markupsafe import Markup, escape

from watchkeeper.content import folder
from watchkeeper.model.asset import Asset
from watchkeeper.model.claim import Claim
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.language import Language
from watchkeeper.model.note import Note
from watchkeeper.model.trace import Edge
from watchkeeper.reporting.cited import Cited
from watchkeeper.reporting.funnel_svg import funnel_svg
from watchkeeper.reporting.graph_links import Link, Shown, links, with_rows
from watchkeeper.reporting.graph_svg import graph_svg
from watchkeeper.reporting.harmless import harmless
from watchkeeper.reporting.matrix import Column, columns
from watchkeeper.reporting.questions import Answer, answers
from watchkeeper.reporting.sentences import pieces, word
from watchkeeper.reporting.svg import number
from watchkeeper.reporting.templating import environment
from watchkeeper.reporting.timeline_svg import timeline_svg

DETAILED = 10
"""How many incidents are shown in full; the others stand in the list."""
_CODE = re.compile(r"[\\/=]| -\w|^\S{24,}$")
"""What is set as code: paths, assignments, options, and long words without a space."""
LINKS = 6
"""How many evidence links stand after one sentence before the rest is only counted."""


@dataclass(frozen=True, slots=True)
class View:
    """One incident as the page shows it."""

    incident: Incident
    name: str
    """Prefix of its anchors, such as `i1`."""
    answers: Sequence[Answer]
    cited: Cited
    graph: Markup | None
    timeline: Markup | None
    columns: Sequence[Column]
    labels: Mapping[str, str]
    """Label of each node of the graph, by its id."""
    links: Sequence[Link]
    """Lines of the graph, in the order of their panels."""


def detailed(case: Case) -> tuple[Incident, ...]:
    """Give the incidents that are shown in full: the first `DETAILED` of those that a person sees."""
    return tuple(incident for incident in case.incidents if incident.shown)[:DETAILED]


def page(case: Case, lang: Language, evidence: Mapping[str, Cited]) -> str:
    """Render the case; `evidence` holds the cited events of every incident in `detailed`, by incident id."""
    views = [_view(incident, case, lang, evidence[incident.id]) for incident in detailed(case)]
    style, script = _text("report.css"), _text("report.js")
    policy = f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    return (
        _environment(lang)
        .get_template("report.html")
        .render(
            case=case,
            lang=lang,
            views=views,
            assets={asset.name: asset for asset in case.assets},
            funnel=funnel_svg(case, lang),
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            policy=Markup(policy),  # noqa: S704 - our own words and two digests
            hidden=[incident for incident in case.incidents if incident not in detailed(case)],
        )
    )


def _view(incident: Incident, case: Case, lang: Language, cited: Cited) -> View:
    name = f"i{incident.rank}"
    graph = graph_svg(incident.trace, f"{name}-n", lang) if incident.trace and incident.trace.nodes else None
    return View(
        incident,
        name,
        answers(incident, case.incidents, lang),
        cited,
        graph,
        timeline_svg(incident, f"{name}-t", lang),
        columns(incident),
        {node.id: node.label for node in incident.trace.nodes} if incident.trace else {},
        links(incident.trace) if incident.trace else (),
    )


@cache
def _environment(lang: Language) -> Environment:
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
        {"t": t, "cite": _links, "shown_edge": _shown_edge, "bar": _bar},
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


def _links(ids: Sequence[str], view: View) -> Markup:
    """Link the rows of the evidence table that these event ids stand in."""
    numbers = sorted({view.cited.numbers[key] for key in ids if key in view.cited.numbers})
    cites = [Markup('<a class="cite" href="#{0}-e{1}">E{1}</a>').format(view.name, at) for at in numbers[:LINKS]]
    rest = len(set(ids)) - len(cites)
    more = Markup('<span class="more">+{}</span>').format(rest) if rest else Markup("")
    return Markup('<span class="cites">{}{}</span>').format(Markup("").join(cites), more) if cites else Markup("")


def _shown_edge(edge: Edge, view: View) -> Shown:
    return with_rows(edge, view.cited)


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
