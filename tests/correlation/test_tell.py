"""Nouns and notes: every note has its words in both languages, and the title is what others confirm."""

from types import SimpleNamespace

from watchkeeper.content import document


def test_every_note_has_words_with_the_same_places_in_both_languages(story: SimpleNamespace) -> None:
    burst = [
        story.signal(f"{host} {rule}", 2000 + at, host, level="high", entities=["address:203.0.113.9"], tactics=[tactic])
        for host in ("ws1", "ws2")
        for at, (rule, tactic) in enumerate((("macro", "execution"), ("dump", "credential-access"), ("move", "lateral-movement")))
    ]
    others = [story.signal("odd", 1, ""), story.signal("odd", None), story.signal("odd", 2, user="eve")]
    got = story.run([*story.everyday(6, 60), *burst, *others])
    notes = [note for noun in (*got.folds, *got.sessions, *got.incidents) for note in noun.why]
    assert {"novelty.past", "novelty.record", "novelty.learning", "incident.shared", "session.unhosted"} <= {note.code for note in notes}
    for language in ("en", "zh"):
        words = document(f"lexicon/{language}/correlation.yml")
        for note in notes:
            assert words[note.code].format_map(note.arguments)


def test_the_title_is_the_rule_that_others_confirm(story: SimpleNamespace) -> None:
    rows = [
        story.signal("log cleared", 0, level="high", techniques=["T1070.001"]),
        story.signal("dump seen", 1, level="high", techniques=["T1003.001"]),
        story.signal("dump file", 1.5, level="high", techniques=["T1003.001"]),
    ]
    (incident,) = story.run(rows).incidents
    assert incident.title == "dump seen"
    assert incident.techniques[0] == "T1003.001"


def test_ids_do_not_depend_on_what_else_was_read(story: SimpleNamespace) -> None:
    burst = [story.signal(rule, 2000 + at, level="high") for at, rule in enumerate(("macro", "download", "dump"))]
    alone, among = story.run(burst), story.run([*burst, *story.everyday(6, 20, rules=("other",))])
    assert {fold.id for fold in alone.folds} <= {fold.id for fold in among.folds}
    assert alone.incidents[0].id in {incident.id for incident in among.incidents}
