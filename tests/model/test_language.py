"""Every language that can be asked for has words."""

from watchkeeper.content import folder
from watchkeeper.model.language import LANGUAGES


def test_every_language_has_a_lexicon() -> None:
    assert {path.name for path in folder("lexicon").iterdir() if path.is_dir()} == set(LANGUAGES)
