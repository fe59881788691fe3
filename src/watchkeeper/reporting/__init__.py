"""Reports: a case as HTML, Markdown, JSON and a Navigator layer. Owns no judgement; it shows what the other steps found."""

from watchkeeper.reporting.sentences import say

__all__ = ["say"]
