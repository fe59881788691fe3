"""Every code that the product can say has a template in every language, with the same places."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

import watchkeeper
from watchkeeper.content import document, folder
from watchkeeper.model.entity import EntityKind
from watchkeeper.model.language import LANGUAGES, Language
from watchkeeper.model.level import LEVELS
from watchkeeper.model.trace import NodeKind
from watchkeeper.model.verdict import Decider, Outcome
from watchkeeper.reporting.lexicon import lexicon, places

SOURCE = Path(watchkeeper.__file__).parent
CODE = re.compile(r"[a-z]+(\.[a-z0-9]+(-[a-z0-9]+)*)+")
FILES = (".html", ".css", ".js", ".md", ".json", ".yml", ".txt")
CALLS = {"Note": "code", "Claim": "predicate", "Edge": "kind"}
PREFIX = {"Note": "", "Claim": "claim.", "Edge": "edge."}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def codes_in_calls(path: Path) -> Iterator[str]:
    """Codes written out where a Note, Claim or Edge is made."""
    for call in (node for node in ast.walk(tree(path)) if isinstance(node, ast.Call)):
        name = getattr(call.func, "id", "")
        for given in call.keywords if name in CALLS else ():
            if given.arg == CALLS[name] and isinstance(given.value, ast.Constant):
                yield PREFIX[name] + str(given.value.value)


def codes_like_ours(path: Path, families: frozenset[str]) -> Iterator[str]:
    """Texts that look like a code of a family that the lexicon has, such as those given to a helper that makes notes."""
    for node in ast.walk(tree(path)):
        text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if CODE.fullmatch(text) and text.partition(".")[0] in families and not text.endswith(FILES):
            yield text


def codes_in_templates() -> Iterator[str]:
    for path in folder("templates").iterdir():
        yield from re.findall(r"\bt\('([a-z.-]+)'", path.read_text("utf-8"))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_that_is_written_out_has_a_template(language: Language) -> None:
    words = lexicon(language)
    wanted = {code: path for path in sorted(SOURCE.rglob("*.py")) for code in codes_in_calls(path)}
    wanted |= {code: folder("templates") for code in codes_in_templates()}
    assert len(wanted) > 50
    assert {code: str(path) for code, path in wanted.items() if code not in words} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_that_looks_like_a_code_has_a_template(language: Language) -> None:
    words = lexicon(language)
    families = frozenset(code.partition(".")[0] for code in words)
    for path in sorted(SOURCE.rglob("*.py")):
        assert [code for code in codes_like_ours(path, families) if code not in words] == [], path


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_member_of_a_closed_set_has_a_word(language: Language) -> None:
    kinds = {f"kind.{kind}" for kind in (*get_args(EntityKind), *get_args(NodeKind))}
    others = (
        {f"level.{level}" for level in LEVELS}
        | {f"outcome.{name}" for name in get_args(Outcome)}
        | {f"decider.{name}" for name in get_args(Decider)}
    )
    steps = {f"step.{step}" for step in ("warn", "triage", "trace", "track", "assess", "respond", "verify", "report")}
    assert (kinds | others | steps) - lexicon(language).keys() == set()


def test_all_languages_say_the_same_codes_with_the_same_places() -> None:
    english, chinese = lexicon("en"), lexicon("zh")
    assert english.keys() ^ chinese.keys() == set()
    assert {code for code in english if places(english[code]) != places(chinese[code])} == set()


def test_chinese_is_chinese() -> None:
    written = re.compile("[\u4e00-\u9fff]")
    kept = {"report.matrix", "kind.url"}
    assert {code for code, text in lexicon("zh").items() if not written.search(text)} <= kept
    assert not any(written.search(text) for text in lexicon("en").values())


def test_no_code_stands_in_two_files() -> None:
    for language in LANGUAGES:
        files = sorted((folder("lexicon") / language).glob("*.yml"))
        count = sum(len(document(f"lexicon/{language}/{path.name}")) for path in files)
        assert count == len(lexicon(language))
