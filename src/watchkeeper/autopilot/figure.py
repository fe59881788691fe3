"""A figure: a number with its reason. Owns rounding, deciles, and how it is said how it was computed, in a language."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import mean, quantiles

from watchkeeper.model.language import Language
from watchkeeper.model.metrics import Metric, MetricName, Unit
from watchkeeper.model.note import Note
from watchkeeper.reporting.sentences import say
from watchkeeper.reporting.times import amount

_DECILES = 10


@dataclass(frozen=True, slots=True)
class Teller:
    """Makes figures in a reader's language."""

    lang: Language

    def count(self, name: MetricName, value: int | None, over: int, unit: Unit, left: int = 0) -> Metric:
        """Give a number of things; none where nobody could count."""
        return self._made(name, None if value is None else float(value), unit, over, left)

    def share(self, name: MetricName, part: int, over: int, left: int = 0) -> Metric:
        """Give a share of 1; none of nothing."""
        return self._made(name, round(part / over, 4) if over else None, "share", over, left, part=part)

    def ratio(self, name: MetricName, whole: int, over: int) -> Metric:
        """Give how many signals there are for each incident."""
        return self._made(name, round(whole / over, 2) if over else None, "signals an incident", over, 0, part=whole)

    def time(self, name: MetricName, seconds: Sequence[float], left: int = 0) -> Metric:
        """Give a mean time with its lowest and highest tenth; a time before zero counts as none."""
        values = [max(0.0, one) for one in seconds]
        cuts = quantiles(values, n=_DECILES) if len(values) >= _DECILES else None
        bare = self._made(name, round(mean(values), 3) if values else None, "seconds", len(values), left)
        return bare.model_copy(update={"low": round(cuts[0], 3), "high": round(cuts[-1], 3)}) if cuts else bare

    def _made(self, name: MetricName, value: float | None, unit: Unit, over: int, left: int, part: int = 0) -> Metric:
        arguments = {"part": amount(part), "over": amount(over), "left": amount(left)}
        how = say(Note(code=f"figure.{name}.how", arguments=arguments), self.lang)
        left_out = say(Note(code=f"figure.{name}.left", arguments=arguments), self.lang) if left else ""
        return Metric(name=name, value=value, unit=unit, over=over, how=how, left_out=left_out)
