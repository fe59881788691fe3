"""The HTML page: one file that fetches nothing and runs nothing but its own script. Owns the rendering; the words stand in templates."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from jinja2 import Environment
from markupsafe import Markup

from watchkeeper.model.acted import Acted
from watchkeeper.model.incident import Case, Incident
from watchkeeper.model.language import Language
from watchkeeper.model.trace import Edge
from watchkeeper.reporting.cited import Cited
from watchkeeper.reporting.funnel_svg import funnel_svg
from watchkeeper.reporting.graph_links import Link, Shown, links, with_rows
from watchkeeper.reporting.graph_svg import graph_svg
from watchkeeper.reporting.html import html_environment, rendered
from watchkeeper.reporting.matrix import Column, columns
from watchkeeper.reporting.questions import Answer, answers
from watchkeeper.reporting.timeline_svg import timeline_svg

NOTHING = Acted()
DETAILED = 10
"""How many incidents are shown in full; the others stand in the list."""
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


def page(case: Case, lang: Language, evidence: Mapping[str, Cited], acted: Acted = NOTHING) -> str:
    """Render the case; `evidence` holds the cited events of every incident in `detailed`, by incident id; `acted` what was done."""
    views = [_view(incident, case, lang, evidence[incident.id]) for incident in detailed(case)]
    given = {
        "case": case,
        "views": views,
        "acted": acted,
        "assets": {asset.name: asset for asset in case.assets},
        "funnel": funnel_svg(case, lang),
        "hidden": [incident for incident in case.incidents if incident not in detailed(case)],
    }
    return rendered(_environment(lang), "report.html", lang, given)


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
    return html_environment(lang, {"cite": _links, "shown_edge": _shown_edge})


def _links(ids: Sequence[str], view: View) -> Markup:
    """Link the rows of the evidence table that these event ids stand in."""
    numbers = sorted({view.cited.numbers[key] for key in ids if key in view.cited.numbers})
    cites = [Markup('<a class="cite" href="#{0}-e{1}">E{1}</a>').format(view.name, at) for at in numbers[:LINKS]]
    rest = len(set(ids)) - len(cites)
    more = Markup('<span class="more">+{}</span>').format(rest) if rest else Markup("")
    return Markup('<span class="cites">{}{}</span>').format(Markup("").join(cites), more) if cites else Markup("")


def _shown_edge(edge: Edge, view: View) -> Shown:
    return with_rows(edge, view.cited)
