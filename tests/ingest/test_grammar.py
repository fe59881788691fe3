"""The keys of a grammar and their errors."""

from pathlib import Path

import pytest

from watchkeeper.content import folder
from watchkeeper.ingest.grammar import kind, parse, read

HEAD = "name: x\nproduct: p\nabout: a\ndocumentation: d\nrecognise: [{programs: [x]}]\n"


def test_a_grammar_is_read_with_its_defaults() -> None:
    grammar = parse(HEAD + "steps:\n- pairs: {}\n- {of: url, patterns: [{match: 'a(?P<b>.)'}]}\n", "x.yml")
    assert (grammar.service, grammar.general, [kind(step) for step in grammar.steps]) == ("", "", ["pairs", "patterns"])
    assert grammar.steps[0].of == "message"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("steps:\n- {}\n", "line 7: needs exactly one of patterns, pairs, columns, cef, leef, json, labels, copy, like"),
        ("steps:\n- {cef: {}, leef: {}}\n", "line 7: needs exactly one of"),
        ("steps:\n- patterns:\n  - match: '('\n", "line 8: '(' is not a pattern that RE2 understands"),
        ("steps:\n- patterns:\n  - match: '(?P<message>.)'\n", "line 8: a group is called 'message'"),
        ("steps:\n- pairs: {separator: ', '}\n", "line 7: ', ' is not one character"),
        ("steps:\n- pairs: {equals: ' '}\n", "line 7: ' ' is not one character other than the separator"),
        ("steps:\n- columns: {types: {A: [a]}}\n", "line 7: 'types' and 'type_column' go together"),
        ("steps:\n- pairs: {seperator: ';'}\n", "line 7: 'seperator' is not a key of a source grammar; did you mean 'separator'?"),
        ("time: [{text: '{a}', format: '%Y'}]\n", "line 6: '%Y' is no format of a time"),
    ],
)
def test_a_mistake_names_file_line_and_key(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=r"source grammar 'x\.yml'") as caught:
        parse(HEAD + text, "x.yml")
    assert message in str(caught.value)


def test_a_way_asks_for_something() -> None:
    with pytest.raises(ValueError, match="line 5: needs 'programs' or 'message'"):
        parse(HEAD.replace("{programs: [x]}", "{}"), "x.yml")
    with pytest.raises(ValueError, match="line 3: 'about' is empty"):
        parse(HEAD.replace("about: a", "about: ''"), "x.yml")


def test_the_file_is_called_like_the_grammar(tmp_path: Path) -> None:
    path = tmp_path / "y.yml"
    path.write_text(HEAD)
    with pytest.raises(ValueError, match="its name is 'x'"):
        read(path)


def test_every_key_is_documented() -> None:
    manual = (folder("sources") / "README.md").read_text("utf-8")
    from_file = read(folder("sources") / "sshd.yml")
    steps = from_file.steps[0]
    names = {
        *from_file.__struct_fields__,
        *steps.__struct_fields__,
        *steps.patterns[0].__struct_fields__,
        *from_file.recognise[0].__struct_fields__,
    }
    assert [name for name in sorted(names) if f"`{name}`" not in manual] == []
