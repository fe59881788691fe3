"""Handing JSON over by HTTP. Owns what an answer means for a message: taken, later, or never; the limits are `outbound`'s."""

from collections.abc import Callable

from watchkeeper.notify.channel import NotSentError
from watchkeeper.outbound.exchange import Answer, Limits, Request, exchange, unseen
from watchkeeper.settings.references import masked

_FINAL = {400, 404, 405, 410, 413, 415, 422}
"""Answers that will not be otherwise next time."""

Refusal = Callable[[bytes], str]
"""Says why a product refused although it answered with success; empty if it did not."""


def post(request: Request, refusal: Refusal, limits: Limits | None = None) -> None:
    """Make a request.

    Raises:
        NotSentError: it was not taken.
    """
    try:
        answer = exchange(request, limits)
    except (OSError, ValueError) as error:
        raise NotSentError(str(error)) from error
    if not 200 <= answer.status < 300:
        raise _refused(masked(request.url), answer)
    if why := refusal(answer.body):
        raise NotSentError(f"{masked(request.url)}: {unseen(why, request)}")


def _refused(place: str, answer: Answer) -> NotSentError:
    if 300 <= answer.status < 400:
        return NotSentError(
            f"{place} answers with a redirect ({answer.status}), which is not followed; give the address it leads to", final=True
        )
    return NotSentError(
        f"{place} answers with status {answer.status}", final=answer.status in _FINAL, retry_after_seconds=answer.wait_seconds
    )
