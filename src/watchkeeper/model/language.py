"""Language: which language a reader is spoken to in. Owns the choice; the words stand in `content/lexicon`."""

from typing import Literal

Language = Literal["en", "zh"]
LANGUAGES: tuple[Language, ...] = ("en", "zh")
"""Languages every sentence exists in."""
