"""Writing a case's reports into a folder. Owns the files' names; each format stands in its own module."""

from pathlib import Path

import pyarrow as pa

from watchkeeper.model.incident import Case
from watchkeeper.model.language import Language
from watchkeeper.model.query import Search
from watchkeeper.reporting.cited import cited
from watchkeeper.reporting.markdown import markdown
from watchkeeper.reporting.navigator import navigator
from watchkeeper.reporting.page import detailed, page


def write(case: Case, out: Path, *, lang: Language, search: Search | None = None, signals: pa.Table | None = None) -> tuple[Path, ...]:
    """Write `report.html`, `report.md`, `incidents.json` and `navigator.json` into the folder, made if absent, and give their paths.

    With `search` and `signals` (`PLACED_SCHEMA` or `SIGNAL_SCHEMA`) the evidence tables show each cited event's fields, file and rules;
    without them only what the case itself says about it.

    Raises:
        OSError: the folder or a file cannot be written.
    """
    evidence = {incident.id: cited(incident, search, signals) for incident in detailed(case)}
    texts = {
        "report.html": page(case, lang, evidence),
        "report.md": markdown(case, lang, evidence),
        "incidents.json": case.model_dump_json(indent=2) + "\n",
        "navigator.json": navigator(case, lang),
    }
    out.mkdir(parents=True, exist_ok=True)
    for name, text in texts.items():
        (out / name).write_text(text, "utf-8", newline="\n")
    return tuple(out / name for name in texts)
