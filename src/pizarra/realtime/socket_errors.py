"""What somebody is told whose request on a socket failed; `errors.py` does the same for HTTP."""

import logging

from pydantic import ValidationError

from pizarra import control
from pizarra.collab.journal import JournalError, JournalUnavailable
from pizarra.errors import AppError, is_disk_full
from pizarra.storage.failures import DATABASE_ERRORS

log = logging.getLogger(__name__)


def refusal_of(error: Exception) -> control.Refusal:
    """Return the refusal; what nobody expected is logged."""
    if is_disk_full(error):
        detail = "The disk is full: nothing was changed. Tell whoever runs this server."
        return control.Refusal(code="disk_full", detail=detail)
    if isinstance(error, AppError):
        return control.Refusal(code=type(error).code, detail=error.detail)
    if isinstance(error, JournalError):
        return control.Refusal(code="conflict", detail="The session has ended.")
    if isinstance(error, JournalUnavailable | DATABASE_ERRORS):
        return control.Refusal(code="unavailable", detail="The database does not answer.")
    if isinstance(error, ValidationError):
        return control.Refusal(code="invalid_input", detail="The request is malformed.")
    log.error("a request on a socket failed", exc_info=error)
    return control.Refusal(code="internal", detail="That failed here; try again.")
