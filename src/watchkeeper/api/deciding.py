"""What those who decide over others may be told. Owns turning refusals of the flow into answers of HTTP."""

from collections.abc import Generator
from contextlib import contextmanager
from typing import Annotated

from fastapi import Depends, HTTPException

from watchkeeper.api.guard import allowed
from watchkeeper.model.principal import Principal

Admin = Annotated[Principal, Depends(allowed("admin"))]
"""An admin of the one tenant that is asked about."""
AdminOfAny = Annotated[Principal, Depends(allowed("admin", every=True))]
"""An admin of the tenant that is asked about, which may be every tenant."""


@contextmanager
def told_plainly() -> Generator[None]:
    """Turn what the flow refuses into an answer.

    Raises:
        HTTPException: 404 for what there is not here, 403 for what one may not, 422 for what cannot be.
    """
    try:
        yield
    except LookupError as error:
        raise HTTPException(404, str(error.args[0]) if error.args else "there is none") from error
    except PermissionError as error:
        raise HTTPException(403, str(error)) from error
    except ValueError as error:
        raise HTTPException(422, str(error)) from error
