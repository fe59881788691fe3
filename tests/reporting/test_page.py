"""The page is well-formed, fetches nothing, and nothing from a log comes out of its text."""

import re
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from watchkeeper.model.entity import Entity
from watchkeeper.model.event import Event
from watchkeeper.model.impact import Touched
from watchkeeper.model.incident import Case
from watchkeeper.model.language import LANGUAGES, Language
from watchkeeper.model.logsource import LogSource
from watchkeeper.reporting.cited import Cited, cited
from watchkeeper.reporting.markdown import markdown
from watchkeeper.reporting.page import DETAILED, detailed, page


class Reading(HTMLParser):
    """What a browser would see: tags in order, their attributes, and text."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br", "img", "input", "link", "hr"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def rendered(case: Case, language: Language) -> str:
    evidence: dict[str, Cited] = {incident.id: cited(incident, None, None) for incident in detailed(case)}
    return page(case, language, evidence)


@pytest.mark.parametrize("language", LANGUAGES)
def test_tags_close_in_order_and_ids_are_unique(case: Case, language: Language) -> None:
    read = Reading(rendered(case, language))
    assert read.open == []
    ids = [attributes["id"] for _, attributes in read.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    anchors = [attributes["href"] for tag, attributes in read.tags if tag == "a"]
    assert all(anchor and anchor.startswith("#") and anchor[1:] in ids for anchor in anchors)


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_fetched_and_only_our_script_may_run(hostile_case: Case, language: Language) -> None:
    read = Reading(rendered(hostile_case, language))
    names = [tag for tag, _ in read.tags]
    assert names.count("script") == 1
    assert names.count("style") == 1
    assert not {"img", "iframe", "object", "embed", "link", "form", "base", "image", "use", "foreignobject"} & set(names)
    for _, attributes in read.tags:
        assert not [name for name in attributes if name.startswith("on") or name in {"src", "style", "action", "xlink:href"}]
        assert (attributes.get("href") or "#").startswith("#")
    policy = next(attributes["content"] for tag, attributes in read.tags if attributes.get("http-equiv") == "Content-Security-Policy")
    assert policy
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy


@settings(max_examples=12)
@given(st.text(st.sampled_from("<>&\"'`/=!-{}[]%#scriptmgonxT \x00\x1b\n\u202e"), min_size=1, max_size=60))
def test_markup_in_any_field_adds_no_element(filled: Callable[[str], Case], text: str) -> None:
    hostile, plain = (Reading(with_events(filled(end), end)) for end in (f"x{text}x", "x" * (len(text) + 2)))
    assert [tag for tag, _ in hostile.tags] == [tag for tag, _ in plain.tags]
    assert [sorted(attributes) for _, attributes in hostile.tags] == [sorted(attributes) for _, attributes in plain.tags]


def with_events(case: Case, text: str) -> str:
    """Render the case with events whose fields hold the text in their names and values."""
    fields: dict[str, str | tuple[str, ...]] = {f"Image{text}": f"a{text}", "CommandLine": text, "User": (text, text)}
    evidence: dict[str, Cited] = {}
    for incident in detailed(case):
        evidence[incident.id] = cited(
            incident,
            lambda query: (
                Event(id=key, time=None, host=text, source=f"s{text}", row=0, logsource=LogSource(product="windows"), fields=fields)
                for key in query.ids
            ),
            None,
        )
    return page(case, "en", evidence)


def test_hostile_text_is_shown_and_harmless(hostile_case: Case) -> None:
    text = rendered(hostile_case, "en")
    assert "<script>document" not in text
    assert "<img" not in text
    assert "&lt;script&gt;document" in text
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\u200b\ufeff]", text)
    assert "\\u202e" in text
    assert "{{7*7}}" in text


def test_what_is_known_is_on_the_page(case: Case) -> None:
    words = " ".join("".join(Reading(rendered(case, "en")).text).split())
    for wanted in (
        "Synthetic", "Where did it come from?", "Did it succeed, and what did it touch?", "What must be done?", "What else is there?",
        "Shadow copies deleted", "It succeeded (90% sure).", "It cannot be taken back.", "no reader recognises it", "bad checksum",
        "'endwith' is not a modifier", "RuntimeError: the lake could not be read", "Sessions not shown above: 38 of 39",
        "vssadmin delete shadows",
        "Administrator logs on at night", "not in ATT&CK", "203.0.113.77",
    ):  # fmt: skip
        assert wanted in words, wanted


def test_no_sentence_lacks_its_template(case: Case) -> None:
    for language in LANGUAGES:
        assert not re.search(r">\[[a-z]+\.[a-z.-]+|\[\w+\?\]", rendered(case, language))


def test_a_case_without_incidents_says_what_was_read(case: Case) -> None:
    empty = case.model_copy(update={"incidents": (), "sessions": (), "synthetic": False})
    text = rendered(empty, "en")
    assert "No incident was found" in text
    assert 'class="banner"' not in text


def test_only_the_first_incidents_are_shown_in_full(case: Case) -> None:
    many = tuple(case.incidents[1].model_copy(update={"rank": rank, "id": f"x{rank}"}) for rank in range(1, 30))
    text = rendered(case.model_copy(update={"incidents": many}), "zh")
    assert text.count('<article class="incident"') == DETAILED
    assert text.count("Many failed logons") >= len(many)


@pytest.mark.parametrize(("language", "text"), [("en", "also "), ("zh", "又名 ")])
def test_an_account_is_shown_with_its_other_names(case: Case, language: Language, text: str) -> None:
    incident = case.incidents[0]
    assert incident.impact
    account = Touched(entity=Entity(kind="account", value="jdoe"), also=(r"corp\jdoe", "<b>"), why=(), evidence=(), criticality=2)
    impact = incident.impact.model_copy(update={"confirmed": (account,)})
    read = Reading(rendered(case.model_copy(update={"incidents": (incident.model_copy(update={"impact": impact}),)}), language))
    assert f"{text}corp\\jdoe, <b>" in "".join(read.text)


@pytest.mark.parametrize(("language", "words"), [("en", "Also worth a look: 2 sessions"), ("zh", "事件之外的 2 个会话")])
def test_sessions_that_are_shown_outside_incidents_stand_on_the_page_and_in_the_text(case: Case, language: Language, words: str) -> None:
    beside = [
        session.model_copy(update={"id": f"b{at}", "host": f"quiet-host-{at}", "incident": None, "shown": True})
        for at, session in enumerate(case.sessions[:2])
    ]
    inside = [session.model_copy(update={"incident": "i", "shown": True, "host": "elsewhere"}) for session in case.sessions[2:4]]
    said = case.model_copy(update={"incidents": (), "sessions": (*beside, *inside)})
    for text in ("".join(Reading(rendered(said, language)).text), markdown(said, language, {}).replace("\\", "")):
        assert words in " ".join(text.split())
        assert all(session.host in text for session in beside)
