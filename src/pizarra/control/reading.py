"""Reads what a client sends; what it may cost is looked at before it is decoded."""

from pydantic import ValidationError

from pizarra.collab.wire.codec import MalformedFrame
from pizarra.config import Settings
from pizarra.control import client_message
from pizarra.control.client import ClientMessage
from pizarra.kit.json_bounds import TooIntricate


def read_control(payload: bytes, settings: Settings) -> ClientMessage:
    """Return the message.

    Raises:
        MalformedFrame: it is too large, has too many parts, or is none of ours.
    """
    if len(payload) > settings.max_control_bytes:
        most = settings.max_control_bytes
        raise MalformedFrame(
            f"a control message may have {most:,} bytes at most", bound="max_control_bytes"
        )
    try:
        settings.json_bounds.check(payload)
        return client_message.validate_json(payload)
    except TooIntricate as error:
        fault = "a control message of too many parts, or nested too deeply"
        raise MalformedFrame(fault, bound=error.bound) from None
    except ValidationError:
        raise MalformedFrame("a control message of unknown shape") from None
