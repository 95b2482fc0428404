"""Creates that are safe to repeat: the same `Idempotency-Key` of the same caller makes one thing, however often sent.

What is remembered is which thing was made, in this process's memory, for a while: a repetition reads it as it is now.
"""

import asyncio
import re
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, TypeVar, cast

from pydantic import BaseModel
from starlette.requests import Request

from pizarra.answers.codes import Code
from pizarra.errors import InvalidInput
from pizarra.kit.clock import Clock

Made = TypeVar("Made")

_KEY = re.compile(r"[\x21-\x7e]{1,255}")
IDEMPOTENCY_KEY: dict[str, Any] = {
    "parameters": [
        {
            "name": "Idempotency-Key",
            "in": "header",
            "required": False,
            "description": "A random text of your own: the same request sent again with it makes nothing twice. With "
            "another body it is 422. It is remembered for `PIZARRA_IDEMPOTENCY_HOURS`.",
            "schema": {
                "type": "string",
                "minLength": 1,
                "maxLength": 255,
                "pattern": r"^[\x21-\x7e]+$",
                "examples": ["1f0c2a9e-6d1b-4b52-9e54-0d7c5a1b8f33"],
            },
        }
    ]
}


@dataclass(frozen=True, slots=True)
class _Known:
    digest: bytes
    until: datetime
    made: asyncio.Future[Any]


class Idempotency:
    """The keys of this process. Of too many, whoever has most loses their oldest."""

    def __init__(self, clock: Clock, most: int, hours: float) -> None:
        self._clock, self._most, self._lifetime = clock, most, timedelta(hours=hours)
        self._of: dict[str, OrderedDict[str, _Known]] = {}
        self._count = 0

    async def once(
        self,
        request: Request,
        who: str,
        body: BaseModel,
        make: Callable[[], Awaitable[Made]],
        *,
        is_there: Callable[[Made], bool] = lambda _made: True,
    ) -> Made:
        """Return what `make` makes; for a key that `who` sent before, what it made then, while that `is_there`.

        What `make` stores it has committed when it returns: whatever fails later is remembered as made.

        Raises:
            InvalidInput: the key is no key, or came with another body.
        """
        key = request.headers.get("idempotency-key")
        if key is None:
            return await make()
        if not _KEY.fullmatch(key):
            raise InvalidInput(
                "Idempotency-Key: must have 1 to 255 visible ASCII characters",
                code=Code.IDEMPOTENCY_KEY_MALFORMED,
            )
        digest = sha256(body.model_dump_json().encode("utf-8", "surrogatepass")).digest()
        mine = self._of.setdefault(who, OrderedDict())
        self._forget_old(mine)
        known = mine.get(key)
        if known is not None:
            if known.digest != digest:
                raise InvalidInput(
                    "Idempotency-Key: was used for another request. Take a new one",
                    code=Code.IDEMPOTENCY_KEY_REUSED,
                )
            was_made = await asyncio.shield(known.made)
            if is_there(was_made):
                return cast("Made", was_made)
            if mine.get(key) is not known:  # somebody else saw it first
                return await self.once(request, who, body, make, is_there=is_there)
            del mine[key]
            self._count -= 1
        made: asyncio.Future[Made] = asyncio.get_running_loop().create_future()
        mine[key] = _Known(digest, self._clock() + self._lifetime, made)
        self._count += 1
        self._make_room()
        try:
            made.set_result(await make())
        except BaseException as error:
            if mine.pop(key, None) is not None:
                self._count -= 1
            if not mine:
                self._of.pop(who, None)
            made.set_exception(
                error if isinstance(error, Exception) else RuntimeError("it was not made")
            )
            made.exception()  # nobody has to wait for it
            raise
        return made.result()

    def _forget_old(self, mine: OrderedDict[str, _Known]) -> None:
        now = self._clock()
        while mine and next(iter(mine.values())).until <= now:
            mine.popitem(last=False)
            self._count -= 1

    def _make_room(self) -> None:
        if self._count <= self._most:
            return
        for who in [who for who, mine in self._of.items() if not mine]:
            del self._of[who]
        while self._count > self._most:
            most = max(self._of.values(), key=len)
            # What is under way stays: the same again would make a second one. It is no more than requests at once.
            oldest = next((key for key, known in most.items() if known.made.done()), None)
            if oldest is None:
                return
            del most[oldest]
            self._count -= 1
