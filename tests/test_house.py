"""The house style, checked: what nobody enforces is deleted."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer
from pydantic import BaseModel

from watchkeeper.cli import app
from watchkeeper.model import incident, schema
from watchkeeper.model.noun import Noun

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src" / "watchkeeper"
MODULES = sorted(SOURCE.rglob("*.py"))
MOST_LINES = 500
BANNED_STEMS = {"utils", "util", "helpers", "helper", "common", "core", "base", "misc"}
BANNED_SUFFIXES = ("Manager", "Helper", "Handler", "Processor", "Wrapper", "Service")
OF_THE_WHOLE = {
    "cli/test_commands.py", "cyberrange/test_signals.py", "detection/sigma/fused/test_differential.py", "detection/test_regression.py",
    "ingest/listeners/test_clients.py", "ingest/listeners/test_fuzz.py", "ingest/test_fuzz.py", "reporting/test_browser.py",
    "autopilot/test_hostile_log.py", "test_house.py",
}  # fmt: skip
"""Tests of what several modules do together."""
TEXTS = [ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "AGENTS.md")] + sorted((ROOT / "docs").rglob("*.md"))


def _name(path: Path) -> str:
    return str(path.relative_to(SOURCE))


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_a_module_is_small_and_says_what_it_owns(module: Path) -> None:
    text = module.read_text("utf-8")
    assert len(text.splitlines()) <= MOST_LINES
    assert ast.get_docstring(ast.parse(text)), "the module has no docstring"


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_names_are_words_an_analyst_would_say(module: Path) -> None:
    assert module.stem not in BANNED_STEMS
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.ClassDef):
            assert not node.name.endswith(BANNED_SUFFIXES), node.name


@pytest.mark.parametrize("module", MODULES, ids=_name)
def test_every_exception_to_a_rule_gives_its_reason(module: Path) -> None:
    for number, line in enumerate(module.read_text("utf-8").splitlines(), 1):
        assert not re.search(r"#\s*(TODO|FIXME|XXX)", line), f"line {number}"
        if "# noqa" in line or "type: ignore" in line or "pyright: ignore" in line:
            assert re.search(r"(noqa|ignore).* (-+|#) .+|because", line), f"line {number} switches a rule off without saying why"


def test_every_package_has_tests() -> None:
    packages = {path.parent for path in MODULES if path.parent.parent == SOURCE and path.name == "__init__.py"}
    untested = [_name(path) for path in packages if not list((ROOT / "tests" / path.relative_to(SOURCE)).rglob("test_*.py"))]
    assert untested == []


def test_every_test_module_mirrors_a_source() -> None:
    tests = ROOT / "tests"
    for path in sorted(tests.rglob("test_*.py")):
        place, stem = path.relative_to(tests), path.stem.removeprefix("test_")
        beside = SOURCE / place.parent / stem
        exam = place.parent.name == "bench" and (ROOT / "bench" / f"{stem}.py").is_file()
        mirrors = beside.with_suffix(".py").is_file() or beside.is_dir() or stem == place.parent.name or exam
        assert mirrors or str(place) in OF_THE_WHOLE, f"{place} tests no module, folder or package of that name"


def _nouns() -> Iterator[type[BaseModel]]:
    waiting: list[type[BaseModel]] = [Noun]
    while waiting:
        for child in waiting.pop().__subclasses__():
            waiting.append(child)
            yield child


def test_every_field_of_every_noun_has_its_sentence() -> None:
    assert incident.Case in set(_nouns())
    for noun in _nouns():
        for name, field in noun.model_fields.items():
            assert field.description, f"{noun.__name__}.{name} has no sentence"
            assert noun.model_config.get("frozen")


def test_the_published_schema_is_generated_from_the_nouns() -> None:
    assert (ROOT / "docs" / "schema.json").read_text("utf-8") == schema.schema(), "run `make docs`"


def test_every_command_and_setting_is_documented() -> None:
    said = "\n".join(path.read_text("utf-8") for path in TEXTS)
    cli = "".join(path.read_text("utf-8") for path in sorted((SOURCE / "cli").glob("*.py")))
    commands = set(re.findall(r"@app\.command\(\)\n(?:@placed\n)?def (\w+)", cli)) | {
        f"{group.replace('_', ' ')} {name}" for group, name in re.findall(r'@(\w+)_app\.command\("(\w+)"', cli)
    }
    assert {"detect", "range generate", "rules check"} <= commands
    assert [command for command in sorted(commands) if f"watchkeeper {command}" not in said] == []
    settings = set(re.findall(r"WATCHKEEPER_[A-Z]+", (SOURCE / "settings" / "__init__.py").read_text("utf-8")))
    assert [setting for setting in sorted(settings) if setting not in said] == []


def _typed(path: Path) -> Iterator[str]:
    """Give what a text tells people to type: the lines of its blocks, and what stands between backquotes."""
    text = path.read_text("utf-8")
    block = re.compile(r"^```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    for lines in block.findall(text):
        yield from (line.split(" #")[0].strip() for line in lines.splitlines())
    yield from re.findall(r"`([^`\n]+)`", block.sub("", text))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_make_targets_and_files_that_texts_say_to_type_exist(path: Path) -> None:
    targets = set(re.findall(r"^([a-z][a-z-]*):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    targets |= {f"bench-{bench.stem}" for bench in (ROOT / "bench").glob("*.py")}
    for line in _typed(path):
        program, *words = line.split() or [""]
        if program == "make":
            assert [word for word in words if "=" not in word and word not in targets] == [], line
        if program in {"python", "pytest", ".venv/bin/python", ".venv/bin/pytest"}:
            assert [word for word in words if re.match("(bench|scripts|tests|src)/", word) and not (ROOT / word).exists()] == [], line


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.name)
def test_commands_and_options_that_texts_say_to_type_exist(path: Path) -> None:
    for line in _typed(path):
        if found := re.match(r"(?:\.venv/bin/)?watchkeeper (.+)", line):
            _assert_understood(found.group(1).split(), line)


def _assert_understood(words: list[str], line: str) -> None:
    command: Any = typer.main.get_command(app)
    while hasattr(command, "commands") and words and not words[0].startswith("-"):
        assert words[0] in command.commands, line
        command = command.commands[words.pop(0)]
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)} | {"--help"}
    assert [word for word in words if word.startswith("--") and word.split("=")[0] not in known] == [], line


def test_links_between_texts_lead_somewhere() -> None:
    for text in TEXTS:
        for link in re.findall(r"\]\(([^)#\s]+)\)", text.read_text("utf-8")):
            assert link.startswith("https://") or (text.parent / link).exists(), f"{text.name} links to {link}"


def test_no_path_of_one_machine_is_named() -> None:
    for path in (*MODULES, *TEXTS, ROOT / "Makefile", ROOT / "pyproject.toml", ROOT / ".ci" / "run"):
        assert not re.search(r"/(work|root|farm|home)/[a-z]", path.read_text("utf-8")), path.name


def test_help_is_light() -> None:
    heavy = "import sys, watchkeeper.cli; print([m for m in ('pyarrow', 'duckdb', 'sigma', 'sqlalchemy', 'pydantic') if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", heavy], capture_output=True, text=True, check=True).stdout.strip() == "[]"


def test_a_skip_is_a_failure_where_nothing_may_be_skipped(tmp_path: Path) -> None:
    words = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/attack/test_techniques.py"]
    asked = {**os.environ, "WATCHKEEPER_DATA": str(tmp_path), "WATCHKEEPER_NOTHING_SKIPPED": "1"}
    done = subprocess.run(words, cwd=ROOT, env=asked, capture_output=True, text=True, check=False)
    assert (done.returncode, "set WATCHKEEPER_DATA" in done.stdout) == (1, True), done.stdout
