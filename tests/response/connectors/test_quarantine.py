"""What a host answers of a file becomes one sentence and one outcome, the same for every system."""

import pytest

from watchkeeper.model.entity import Entity
from watchkeeper.model.means import Job
from watchkeeper.response.connectors.commands import Machine
from watchkeeper.response.connectors.quarantine import File, Files, Step, quarantine
from watchkeeper.response.connectors.site import Site, Way, part_of

SITE = Site("ws1", Machine(), (), "/store", "")
JOB = Job(
    key="a" * 32, tenant="default", incident="i1", action="quarantine_file", targets=(Entity(kind="file", value="ws1:/x/stage"),),
    arguments={"md5": "B" * 32}, expires=None,
)  # fmt: skip


def _way(answer: str, asked: list[tuple[File, Step]]) -> Way:
    def ask(_: Site, file: File, step: Step) -> str:
        asked.append((file, step))
        return answer

    return quarantine(Files(part_of, ask))


@pytest.mark.parametrize(
    ("answer", "outcome", "said"),
    [
        ("held", "in-force", "is in quarantine, and no file"), ("held there", "not-in-force", "is in quarantine, and a file"),
        ("there", "not-in-force", "is not in quarantine, and a file"), ("", "not-in-force", "is not in quarantine, and no file"),
    ],
)  # fmt: skip
def test_only_a_file_that_is_held_and_not_there_is_out_of_reach(answer: str, outcome: str, said: str) -> None:
    seen = _way(answer, []).check(SITE, JOB)
    assert (seen.outcome, said in seen.said) == (outcome, True)


def test_what_was_done_is_said_and_the_host_is_told_all_it_has_to_know() -> None:
    asked: list[tuple[File, Step]] = []
    done = _way("/store/one", asked).do(SITE, JOB)
    assert (done.said, done.reference) == ("'/x/stage' on ws1 was moved to '/store/one'", "/store/one")
    assert asked == [(File("/x/stage", "/store", "a" * 32, "md5", "b" * 32), "do")]
    assert _way("again", []).do(SITE, JOB).said.endswith("is in quarantine, as before")
    undo = _way("nothing", []).undo, _way("c0ffee", []).undo
    assert [one(SITE, JOB).said.partition(" on ws1 ")[2] for one in undo if one] == [
        "was not in quarantine", "is back, unchanged (sha256 c0ffee)",
    ]  # fmt: skip
