"""The template environment both written formats share. Owns its filters; what they say stands in `content/templates` and the lexicon."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import cast

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from watchkeeper.attack import tactic_name, technique
from watchkeeper.content import folder
from watchkeeper.model.language import Language
from watchkeeper.model.metrics import Metric
from watchkeeper.reporting.figured import asked_by, elapsed, figured, spread
from watchkeeper.reporting.graph_svg import tactic_class
from watchkeeper.reporting.harmless import shown
from watchkeeper.reporting.sentences import word
from watchkeeper.reporting.story import opening, phases
from watchkeeper.reporting.times import amount, clock, lasting, moment, percent

Functions = Mapping[str, Callable[..., object]]


def environment(
    lang: Language, finalize: Callable[[object], object], functions: Functions, filters: Functions, *, html: bool
) -> Environment:
    """Make the environment: every printed value passes `finalize`, and with `html` is escaped; an undefined name is an error."""
    made = Environment(
        loader=FileSystemLoader(folder("templates")),
        autoescape=html,  # noqa: S701 - the formats that are not HTML escape in `finalize`
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        finalize=finalize,
    )
    cast("dict[str, object]", made.globals).update(functions)
    cast("dict[str, object]", made.filters).update({**_filters(lang), **_numbers(lang), **filters})
    return made


def _numbers(lang: Language) -> Functions:
    def read(metric: Metric) -> str:
        return figured(metric, lang)

    def tenths(metric: Metric) -> str:
        return spread(metric, lang)

    def asker(by: str) -> str:
        return asked_by(by, lang)

    def after(seconds: float) -> str:
        return elapsed(seconds, lang)

    return {"figured": read, "spread": tenths, "asker": asker, "after": after}


def _filters(lang: Language) -> Functions:
    def named(code: str) -> str:
        return word(code, lang)

    def tactic(name: str) -> str:
        return tactic_name(name, lang)

    def technique_name(key: str) -> str:
        known = technique(key)
        return f"{known.id} {known.name}" if known else key

    def length(time: timedelta) -> str:
        return lasting(time, lang)

    def brief(value: str) -> str:
        return shown(value, 240)

    def cut(value: str) -> str:
        return shown(value)

    def whole(value: str) -> str:
        return shown(value, 4000)

    return {
        "word": named, "tactic": tactic, "lasting": length,
        "brief": brief, "cut": cut, "whole": whole, "tactic_class": tactic_class, "moment": moment,
        "clock": clock, "amount": amount, "percent": percent, "technique": technique_name, "phases": phases, "opening": opening,
    }  # fmt: skip
