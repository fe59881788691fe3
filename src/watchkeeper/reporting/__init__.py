"""Reports: a case as HTML, Markdown, JSON and a Navigator layer. Owns no judgement; it shows what the other steps found."""

from watchkeeper.reporting.sentences import say
from watchkeeper.reporting.writing import write

__all__ = ["say", "write"]
