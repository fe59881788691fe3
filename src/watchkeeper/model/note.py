"""Note: a sentence as data. Owns no wording: `content/lexicon/<language>/*.yml` has a template for each code, in every language."""

from pydantic import Field

from watchkeeper.model.noun import Noun


class Note(Noun):
    """A statement by code, said in a reader's language when shown."""

    code: str
    """Template key in the lexicon, such as `fold.repeated`."""
    arguments: dict[str, str] = Field(default_factory=dict)
    """Values for the template's places; shown escaped."""
