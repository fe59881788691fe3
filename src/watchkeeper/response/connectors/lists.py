"""A list of indicators that others fetch, as a place. Owns what is put on it and how it is looked at; who may fetch it is its token."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal, cast

from pydantic import Field, ValidationInfo, field_validator

from watchkeeper.model.listed import ListedKind
from watchkeeper.model.means import Job, Means
from watchkeeper.model.proposal import Done, Seen
from watchkeeper.outbound.exchange import Limits, Request, checked_url, exchange
from watchkeeper.response.connectors.place import Place
from watchkeeper.response.lists import FOLDER, IndicatorList, text
from watchkeeper.response.targets import canonical
from watchkeeper.settings.references import Reference, Reveal, masked

KINDS: tuple[ListedKind, ...] = ("address", "domain", "url", "hash")
_MOST_TEXT = 64 << 20
_FEW = 3


class ListPlace(Place):
    """A list of this server; its name is the place's name."""

    by: Literal["list"]
    """This kind of place."""
    token: Reference
    """Where the token is that whoever fetches the list has to show; 16 characters at least."""
    title: Annotated[str, Field(max_length=200)] = ""
    """What it is called where people choose one; its name if left out."""
    kinds: Annotated[tuple[ListedKind, ...], Field(min_length=1)] = KINDS
    """Kinds of values that it takes."""
    url: str = ""
    """The https address under which others fetch its text; then a check fetches it there, else it reads what would be given out."""
    certificates: Path | None = None
    """Authorities to trust in the place of the system's, as PEM."""
    folder: Annotated[Path, Field(validate_default=True)] = Path()
    """Where lists are; the state folder's if left out."""

    @field_validator("url")
    @classmethod
    def _secure(cls, url: str) -> str:
        return checked_url(url) if url else url

    @field_validator("folder")
    @classmethod
    def _beside(cls, folder: Path, info: ValidationInfo) -> Path:
        """Put it beside the file that is read, which is in the state folder."""
        return folder if folder != Path() else cast("dict[str, Path]", info.context or {}).get("state", Path()) / FOLDER

    def means(self, action: str, reveal: Reveal) -> Means:
        """Give how values come onto the list and leave it.

        Raises:
            ValueError: it is another action; a list does one.
        """
        if action != "add_indicator":
            raise ValueError(f"{self.name!r} is a list, which does add_indicator and not {action!r}")
        return Means(self.name, action, self._do, self._undo, lambda job: self._check(job, reveal))

    def kept(self) -> IndicatorList:
        """Give the list itself."""
        return IndicatorList(self.folder, self.name)

    def _do(self, job: Job) -> Done:
        number = self.kept().add(self._values(job), job.key, job.expires)
        return Done(said=f"{self.name}: {number} of {len(job.targets)} values were not on the list and are now", reference=self.name)

    def _undo(self, job: Job) -> Done:
        return Done(said=f"{self.name}: {self.kept().remove(job.key)} values were taken off the list", reference=self.name)

    def _check(self, job: Job, reveal: Reveal) -> Seen:
        now = datetime.now(UTC)
        there = frozenset((self._fetched(reveal) if self.url else text(self.kept().entries(), now)).splitlines())
        missing = [value for _, value in self._values(job) if value not in there]
        if not missing:
            return Seen(
                where="target", outcome="in-force", time=now, said=f"{self.name}: who fetches the list gets all {len(job.targets)} values"
            )
        named = ", ".join(value[:100] for value in missing[:_FEW])
        said = f"{self.name}: who fetches the list does not get {len(missing)} of {len(job.targets)} values, such as {named}"
        return Seen(where="target", outcome="not-in-force", time=now, said=said)

    def _fetched(self, reveal: Reveal) -> str:
        token = reveal(self.token)
        request = Request(self.url, b"", {"authorization": f"Bearer {token}"}, (token,), "GET")
        answer = exchange(request, Limits(answer_bytes=_MOST_TEXT, certificates=self.certificates))
        if answer.status != 200:
            kind = ConnectionError if answer.status == 429 or answer.status >= 500 else ValueError
            raise kind(f"{self.name!r}: {masked(self.url)} answers with status {answer.status} where the list should be")
        return answer.body.decode("utf-8", "replace")

    def _values(self, job: Job) -> list[tuple[ListedKind, str]]:
        strange = next((one for one in job.targets if one.kind not in self.kinds), None)
        if strange:
            raise ValueError(f"{self.name!r} takes {', '.join(self.kinds)}, not the {strange.kind} {strange.value[:100]!r}")
        return [(cast("ListedKind", one.kind), canonical(one)) for one in job.targets]
