"""What a request may ask for, and how long it may take."""

from pydantic import Field
from pydantic_settings import BaseSettings

from pizarra.settings import KIB, MIB


class Http(BaseSettings):
    """What a request may ask for, and how long it may take."""

    max_body_bytes: int = Field(2 * MIB, ge=KIB, description="Largest request body; beyond it 413.")
    max_json_pieces: int = Field(
        10_000,
        ge=100,
        description="Names, values, brackets, commas and colons in the JSON of a request or control message; beyond it "
        "413 or 4400. A text is one, whatever is in it.",
    )
    max_json_depth: int = Field(
        32,
        ge=8,
        le=200,
        description="How deep such JSON may be nested; beyond it 413, and of a control message 4400.",
    )
    idempotency_hours: float = Field(
        24.0, gt=0, le=876_000, description="How long an `Idempotency-Key` is remembered."
    )
    max_idempotency_keys: int = Field(
        10_000,
        ge=1,
        description="`Idempotency-Key`s remembered; of more, whoever has most loses their oldest.",
    )
    max_unpacked_bytes: int = Field(
        4096 * MIB,
        ge=MIB,
        description="What an archive to be read back unpacks to; beyond it it is refused.",
    )
    request_head_seconds: float = Field(
        10.0,
        gt=0,
        description="Longest time for the head of a request to arrive; then the connection is dropped.",
    )
    max_request_head_bytes: int = Field(
        64 * KIB,
        ge=4 * KIB,
        description="Largest head of a request: its address and headers; beyond it 431.",
    )
    request_body_seconds: float = Field(
        30.0, gt=0, description="Longest time for the body of a request to arrive; then 408."
    )
    response_stall_seconds: float = Field(
        30.0, gt=0, description="An answer that its asker does not read for this long is dropped."
    )
    max_refused_bytes: int = Field(
        64 * MIB,
        ge=0,
        description="Of a body that is too large so much is read and thrown away, that its 413 arrives.",
    )
    refused_seconds: float = Field(
        10.0, gt=0, description="How long such a body may go on; then it is cut off."
    )
    max_arriving_per_address: int = Field(
        100,
        ge=1,
        description="Requests of one address under way to us; beyond it the one that takes longest is dropped.",
    )
    max_pipelined_requests: int = Field(
        100,
        ge=1,
        description="Requests of one connection that wait for the answer to one before; of more none is read, and the "
        "connection ends after their answers.",
    )
    max_query_fields: int = Field(
        1000,
        ge=100,
        description="Fields in the query of a request's address; beyond it 431.",
    )
