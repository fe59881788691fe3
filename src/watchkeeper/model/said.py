"""Said: a text for people in both languages, as whoever wrote content gives it. Owns the shape; our own sentences stand in the lexicon."""

from typing import Annotated, Any

from pydantic import StringConstraints, model_validator

from watchkeeper.model.language import Language
from watchkeeper.model.noun import Noun

Text = Annotated[str, StringConstraints(min_length=1, max_length=2_000, strip_whitespace=True)]


class Said(Noun):
    """A text for people; in a file one text may stand for both languages."""

    en: Text
    """In English, or in whatever language its author wrote."""
    zh: Text
    """In Chinese."""

    @model_validator(mode="before")
    @classmethod
    def _of_one(cls, value: Any) -> Any:
        return {"en": value, "zh": value} if isinstance(value, str) else value

    def of(self, language: Language) -> str:
        """Give the text in a language."""
        return self.zh if language == "zh" else self.en
