"""The attack graph as a picture: entry left, effects right. Owns how nodes and edges look; where they stand is `graph_layout`'s."""

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from markupsafe import Markup

from watchkeeper.attack import TACTICS, tactic, technique
from watchkeeper.model.language import Language
from watchkeeper.model.trace import Edge, Member, Node, Trace
from watchkeeper.reporting.graph_layout import HEIGHT, WIDTH, Box, Route, arrange
from watchkeeper.reporting.graph_links import Link, hanging, links
from watchkeeper.reporting.harmless import shown
from watchkeeper.reporting.sentences import word
from watchkeeper.reporting.svg import finished, fitted, number, picture, put, text_width
from watchkeeper.reporting.times import moment

LABEL, SMALL = 12.0, 10.5
ROOM, LEAST, SCROLLED = 1150.0, 0.72, 0.85
"""A wider picture is drawn smaller to fit into so many pixels, down to the second share; else at the third, and it scrolls."""
HELD, HELD_WIDTH, LINE = 12, 250.0, 15.0
"""How many names of what a folded node holds lie over the picture, and how they are set."""
ICONS = {
    "process": "M1 3h12v9H1z M3 6l2 1.5L3 9 M6.5 9.5h4",
    "file": "M3 1h6l3 3v9H3z M9 1v3h3",
    "registry": "M1 1h5v5H1z M8 1h5v5H8z M1 8h5v5H1z M8 8h5v5H8z",
    "address": "M7 1a6 6 0 1 0 0 12a6 6 0 1 0 0-12 M1 7h12 M7 1c3 3.5 3 8.5 0 12 M7 1c-3 3.5-3 8.5 0 12",
    "domain": "M7 1a6 6 0 1 0 0 12a6 6 0 1 0 0-12 M1 7h12",
    "url": "M5 9l4-4 M6 4l2-2a2.8 2.8 0 0 1 4 4l-2 2 M8 10l-2 2a2.8 2.8 0 0 1-4-4l2-2",
    "logon": "M6 1h7v12H6 M1 7h8 M6 4l3 3-3 3",
    "user": "M7 1a3 3 0 1 0 0 6a3 3 0 1 0 0-6 M1 13c0-6 12-6 12 0",
    "host": "M1 2h12v8H1z M4 13h6 M7 10v3",
    "service": "M7 4a3 3 0 1 0 0 6a3 3 0 1 0 0-6 M7 1v2 M7 11v2 M1 7h2 M11 7h2",
    "task": "M7 1a6 6 0 1 0 0 12a6 6 0 1 0 0-12 M7 4v3l2.5 2",
    "cloud": "M4 11a3 3 0 0 1 0-6a4 4 0 0 1 7.4 1.2A2.5 2.5 0 0 1 11 11z",
    "unknown": "M5 5a2 2 0 1 1 3 2c-1 .6-1 1-1 2 M7 11v.6",
    "folded": "M3 1h10v8 M1 4h9v9H1z",
}


def graph_svg(trace: Trace, name: str, lang: Language) -> Markup:
    """Draw a trace: boxes and lines are links to the panels where their details and evidence stand.

    The panel of a node is `<name>-<its place in trace.nodes>`, that of a line `<name>-l<its place in links(trace)>`. What can be folded
    away carries the places of what hangs on it alone; the names that a folded node holds lie over the picture until they are opened.
    """
    place = {node.id: at for at, node in enumerate(trace.nodes)}
    known = {node.id: node for node in trace.nodes}
    ids = [node.id for node in _entry_first(trace)]
    lines = links(trace)
    drawing = arrange(ids, [(line.source.id, line.target.id) for line in lines])
    root = picture(drawing.width, drawing.height, word("report.graph.title", lang), _description(trace, lang), name)
    fit = min(1.0, ROOM / drawing.width)
    scale = fit if fit >= LEAST else SCROLLED
    root.attrib |= {"width": number(drawing.width * scale), "height": number(drawing.height * scale)}
    root.set("role", "group")  # what can be followed inside it must be reachable for those who listen
    _arrow(root, name)
    routes = {(route.source, route.target): route for route in drawing.routes}
    for at, line in enumerate(lines):
        if route := routes.get((line.source.id, line.target.id)):
            _edge(root, route, line, f"{name}-l{at}", (place[line.source.id], place[line.target.id]), lang)
    boxes = sorted(drawing.boxes, key=lambda box: (box.x, box.y))
    for box in boxes:
        _node(root, known[box.id], box, f"{name}-{place[box.id]}", lang, entry=box.id == trace.entry)
    alone = hanging(ids, [(line.source.id, line.target.id) for line in lines], trace.entry)
    for box in boxes:
        if box.id in alone:
            _fold(root, box, f"{name}-{place[box.id]}", [place[key] for key in alone[box.id]], lang)
        if known[box.id].members:
            _held(root, known[box.id], box, f"{name}-{place[box.id]}", (drawing.width, drawing.height), lang)
    return finished(root)


def _entry_first(trace: Trace) -> list[Node]:
    return sorted(trace.nodes, key=lambda node: node.id != trace.entry)


def _description(trace: Trace, lang: Language) -> str:
    text = word("report.graph.description", lang)
    return text.replace("{nodes}", str(len(trace.nodes))).replace("{edges}", str(len(trace.edges)))


def _arrow(root: ET.Element, name: str) -> None:
    marker = put(
        put(root, "defs"),
        "marker",
        id=f"{name}-arrow",
        viewBox="0 0 8 8",
        refX="7.5",
        refY="4",
        markerWidth="9",
        markerHeight="9",
        markerUnits="userSpaceOnUse",
        orient="auto",
    )
    put(marker, "path", d="M0 .8L7.5 4L0 7.2z", class_="arrow")


def _node(root: ET.Element, node: Node, box: Box, panel: str, lang: Language, *, entry: bool) -> None:
    marks = [name for name, wanted in (("alerted", node.alerted), ("entry", entry), (node.kind, True)) if wanted]
    link = put(root, "a", href=f"#{panel}", class_=" ".join(["node", tactic_class(node.tactic), *marks]))
    put(link, "title", f"{shown(node.label)} · {word(f'kind.{node.kind}', lang)} · {shown(node.host)} · {moment(node.time)}")
    if node.count > 1:
        for offset in (6, 3):
            put(link, "rect", x=box.x + offset, y=box.y - offset, width=WIDTH, height=HEIGHT, rx=8, class_="card")
    put(link, "rect", x=box.x, y=box.y, width=WIDTH, height=HEIGHT, rx=8, class_="card")
    put(link, "path", d=f"M{box.x + 8} {box.y}h-1a7 7 0 0 0-7 7v{HEIGHT - 14}a7 7 0 0 0 7 7h1z", class_="band")
    put(link, "path", d=ICONS[node.kind], transform=f"translate({box.x + 15} {box.y + 9})", class_="icon")
    count = f"×{node.count}" if node.count > 1 else ""
    room = WIDTH - 46 - (text_width(count, SMALL) + 8 if count else 0)
    put(link, "text", fitted(shown(node.label, 80), room, LABEL), x=box.x + 36, y=box.y + 20, class_="label")
    below = word(f"kind.{node.kind}", lang) + (f" · {shown(node.host, 60)}" if node.host and node.host != node.label else "")
    put(link, "text", fitted(below, WIDTH - 46, SMALL), x=box.x + 36, y=box.y + 36, class_="below")
    if count:
        put(link, "text", count, x=box.x + WIDTH - 10, y=box.y + 20, text_anchor="end", class_="count")
    if node.alerted:
        put(link, "circle", cx=box.x + WIDTH, cy=box.y, r=4.5, class_="alert")
    if entry:
        put(link, "text", word("report.graph.entry", lang), x=box.x + 2, y=box.y + HEIGHT + 11.5, class_="entry-mark")


def _fold(root: ET.Element, box: Box, panel: str, hides: Sequence[int], lang: Language) -> None:
    """Draw the button that folds away what hangs on a box; only a script shows it, since only a script can fold."""
    label = word("report.graph.fold", lang).replace("{count}", str(len(hides)))
    button = put(root, "g", class_="fold", role="button", tabindex="0", aria_expanded="true", aria_label=label)
    button.attrib |= {"data-of": panel, "data-hides": " ".join(map(str, hides))}
    put(button, "title", label)
    x, y = box.x + WIDTH, box.y + HEIGHT - 2
    put(button, "rect", x=x - 9, y=y - 8, width=18, height=16, rx=8, class_="knob")
    put(button, "text", "−", x=x, y=y + 4, text_anchor="middle", class_="sign")


def _held(root: ET.Element, node: Node, box: Box, panel: str, size: tuple[float, float], lang: Language) -> None:
    """List what a folded node holds, over the picture, under its box or above it where there is no room."""
    lines = _held_lines(node, lang)
    height = 10 + LINE * len(lines)
    below = box.y + HEIGHT + 3
    y = below if below + height <= size[1] else max(2.0, box.y - height - 9)
    x = max(2.0, min(box.x, size[0] - HELD_WIDTH - 2))
    group = put(root, "g", id=f"{panel}-held", class_=f"held {tactic_class(node.tactic)}")
    put(group, "rect", x=x, y=y, width=HELD_WIDTH, height=height, rx=6, class_="sheet")
    for at, (text, count) in enumerate(lines):
        put(group, "text", fitted(text, HELD_WIDTH - 58, SMALL), x=x + 9, y=y + 16 + LINE * at, class_="name")
        put(group, "text", count, x=x + HELD_WIDTH - 9, y=y + 16 + LINE * at, text_anchor="end", class_="count")


def _held_lines(node: Node, lang: Language) -> list[tuple[str, str]]:
    listed: Sequence[Member] = node.members[:HELD]
    rest = node.count - sum(member.count for member in listed)
    lines = [(shown(member.label, 120), f"×{member.count}") for member in listed]
    return [*lines, (word("report.graph.rest", lang), f"×{rest}")] if rest > 0 else lines


def _edge(root: ET.Element, route: Route, line: Link, panel: str, ends: tuple[int, int], lang: Language) -> None:
    techniques = [key for edge in line.edges for key in edge.techniques]
    link = put(root, "a", href=f"#{panel}", class_=f"edge {tactic_class(_latest(techniques))}")
    link.attrib |= {"data-from": str(ends[0]), "data-to": str(ends[1])}
    lines = [_words(edge, line, lang) for edge in line.edges]
    put(link, "title", "\n".join(lines[:12]) + (f"\n… +{len(lines) - 12}" if len(lines) > 12 else ""))
    put(link, "path", d=_curve(route), class_="reach")
    put(link, "path", d=_curve(route), class_="line", marker_end=f"url(#{panel.rpartition('-')[0]}-arrow)")
    verbs = ", ".join(dict.fromkeys(word(f"edge.{edge.kind}", lang) for edge in line.edges))
    (x1, y1), (x2, y2) = route.points[-2], route.points[-1]
    put(link, "text", fitted(verbs, 120, SMALL), x=(x1 + x2) / 2, y=(y1 + y2) / 2 - 5, text_anchor="middle", class_="verb")


def _words(edge: Edge, line: Link, lang: Language) -> str:
    ids = "".join(f" · {shown(key, 20)}" for key in edge.techniques)
    source, target = shown(line.source.label, 80), shown(line.target.label, 80)
    return f"{moment(edge.time)}  {source} {word(f'edge.{edge.kind}', lang)} {target}{ids}"


def _latest(techniques: Sequence[str]) -> str:
    tactics = [name for key in techniques if (known := technique(key)) for name in known.tactics]
    return max(tactics, key=TACTICS.index, default="")


def tactic_class(name: str) -> str:
    """Give the CSS class that colours a tactic; `t-none` for none and for names that ATT&CK does not have."""
    return f"t-{tactic(name)}" if tactic(name) in TACTICS else "t-none"


def _curve(route: Route) -> str:
    (x, y), *rest = route.points
    parts = [f"M{x:.1f} {y:.1f}"]
    for to_x, to_y in rest:
        half = (to_x - x) / 2
        parts.append(f"C{x + half:.1f} {y:.1f} {to_x - half:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}")
        x, y = to_x, to_y
    return "".join(parts)
