"""The y-websocket wire format: lib0 primitives and the messages built from them."""

from enum import IntEnum
from typing import NamedTuple

MAX_SAFE_INTEGER = 2**53 - 1
MAX_MESSAGES_PER_FRAME = 64


class MalformedFrame(ValueError):
    """Bytes that no honest client sends; the message names the fault, `bound` the setting that they exceed."""

    def __init__(self, fault: str, *, bound: str | None = None) -> None:
        super().__init__(fault)
        self.bound = bound


class MessageType(IntEnum):
    """First number of every message."""

    SYNC = 0
    AWARENESS = 1
    QUERY_AWARENESS = 3
    ACKNOWLEDGE = 102  # "tell me when all I sent before this is committed"
    CONTROL = 110  # JSON, only for clients of the pizarra.v1 subprotocol


class SyncStep(IntEnum):
    """Second number of a sync message."""

    STEP1 = 0  # a state vector: "this is what I have"
    STEP2 = 1  # an update: "this is what you lack"
    UPDATE = 2  # an update: "this just happened"


class Message(NamedTuple):
    """One decoded message; `step` is meant for SYNC only."""

    type: MessageType
    payload: bytes
    step: SyncStep = SyncStep.STEP1


class Reader:
    """Reads lib0 primitives from bytes.

    Raises:
        MalformedFrame: from every method, when the bytes end early or a number has more than 53 bits.
    """

    __slots__ = ("data", "end", "position")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0
        self.end = len(data)

    def var_uint(self) -> int:
        """Read an unsigned number, seven bits a byte, least significant first."""
        data, position = self.data, self.position
        try:
            byte = data[position]
            position += 1
            if byte < 128:
                self.position = position
                return byte
            value, shift = byte & 127, 7
            while True:
                byte = data[position]
                position += 1
                value |= (byte & 127) << shift
                if byte < 128:
                    break
                shift += 7
                if shift > 49:
                    raise MalformedFrame("a number of more than 53 bits")
        except IndexError:
            raise MalformedFrame("the message ends early") from None
        if value > MAX_SAFE_INTEGER:
            raise MalformedFrame("a number of more than 53 bits")
        self.position = position
        return value

    def byte(self) -> int:
        """Read one byte."""
        if self.position >= self.end:
            raise MalformedFrame("the message ends early")
        self.position += 1
        return self.data[self.position - 1]

    def take(self, length: int) -> bytes:
        """Read `length` bytes."""
        start = self.position
        if length > self.end - start:
            raise MalformedFrame("the message ends early")
        self.position = start + length
        return self.data[start : start + length]

    def var_bytes(self) -> bytes:
        """Read a length and that many bytes."""
        return self.take(self.var_uint())

    def var_string(self) -> str:
        """Read a length in bytes and that much UTF-8."""
        try:
            return self.var_bytes().decode("utf-8")
        except UnicodeDecodeError:
            raise MalformedFrame("text that is not UTF-8") from None

    @property
    def exhausted(self) -> bool:
        """Whether every byte was read."""
        return self.position == self.end


_BYTES = tuple(bytes((value,)) for value in range(128))


def var_uint(value: int) -> bytes:
    """Encode an unsigned number."""
    if value < 128:
        return _BYTES[value]
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def var_bytes(payload: bytes) -> bytes:
    """Encode bytes with their length before them."""
    return var_uint(len(payload)) + payload


def sync_frame(step: SyncStep, payload: bytes) -> bytes:
    """Encode a sync message."""
    return bytes((MessageType.SYNC, step)) + var_bytes(payload)


def awareness_frame(payload: bytes) -> bytes:
    """Encode a presence message."""
    return bytes((MessageType.AWARENESS,)) + var_bytes(payload)


def acknowledge_frame(payload: bytes) -> bytes:
    """Encode the echo of an acknowledgement request."""
    return bytes((MessageType.ACKNOWLEDGE,)) + var_bytes(payload)


def control_frame(json: bytes) -> bytes:
    """Encode a control message."""
    return bytes((MessageType.CONTROL,)) + var_bytes(json)


def websocket_frame(message: bytes) -> bytes:
    """Encode a message as one binary WebSocket frame, as a server sends it (RFC 6455, section 5.2).

    Done once for all receivers: the same bytes go to every socket.
    """
    size = len(message)
    if size < 126:
        return bytes((0x82, size)) + message
    if size < 0x10000:
        return b"\x82\x7e" + size.to_bytes(2, "big") + message
    return b"\x82\x7f" + size.to_bytes(8, "big") + message


_SYNC, _AWARENESS, _ACKNOWLEDGE = (
    int(MessageType.SYNC),
    int(MessageType.AWARENESS),
    int(MessageType.ACKNOWLEDGE),
)
_STEPS, _LAST_STEP = tuple(SyncStep), int(SyncStep.UPDATE)
# presence of nobody: valid, and enough for a client's 30 s watchdog
KEEPALIVE_FRAME = awareness_frame(b"\0")


def decode_frame(frame: bytes) -> list[Message]:
    """Decode every message of a frame; ours have one each, yrs clients may pack several.

    Raises:
        MalformedFrame: anything but a whole number of known messages.
    """
    # Nearly every frame is one short message: those are read without ceremony, all others with it.
    size = len(frame)
    if size > 3:
        kind, second, third = frame[0], frame[1], frame[2]
        if kind == _SYNC:
            if second <= _LAST_STEP and third < 128 and third == size - 3:
                return [Message(MessageType.SYNC, frame[3:], _STEPS[second])]
        elif kind == _AWARENESS:
            if second < 128:
                if second == size - 2:
                    return [Message(MessageType.AWARENESS, frame[2:])]
            elif third < 128 and (second & 127 | third << 7) == size - 3:
                return [Message(MessageType.AWARENESS, frame[3:])]
        elif kind == _ACKNOWLEDGE and second == 2 == size - 2 and third > 127 > frame[3]:
            return [Message(MessageType.ACKNOWLEDGE, frame[2:])]
    return _decode_messages(frame)


def _decode_messages(frame: bytes) -> list[Message]:
    reader = Reader(frame)
    messages: list[Message] = []
    asked = set()
    while not reader.exhausted:
        if len(messages) == MAX_MESSAGES_PER_FRAME:
            raise MalformedFrame("too many messages in one frame")
        message = _decode_message(reader)
        if _is_question(message):
            if message.type in asked:
                raise MalformedFrame("the same question twice in one frame")
            asked.add(message.type)
        messages.append(message)
    if not messages:
        raise MalformedFrame("an empty frame")
    return messages


def _is_question(message: Message) -> bool:
    """Tell whether it is answered with a whole document, or with everybody's presence."""
    return message.type is MessageType.QUERY_AWARENESS or (
        message.type is MessageType.SYNC and message.step is SyncStep.STEP1
    )


def _decode_message(reader: Reader) -> Message:
    kind = reader.var_uint()
    if kind == MessageType.SYNC:
        step = reader.var_uint()
        if step > SyncStep.UPDATE:
            raise MalformedFrame(f"unknown sync step {step}")
        return Message(MessageType.SYNC, reader.var_bytes(), SyncStep(step))
    if kind == MessageType.QUERY_AWARENESS:
        return Message(MessageType.QUERY_AWARENESS, b"")
    if kind == MessageType.ACKNOWLEDGE:
        payload = reader.var_bytes()
        number = Reader(payload)
        number.var_uint()
        if not number.exhausted:
            raise MalformedFrame("an acknowledgement carries one number")
        return Message(MessageType.ACKNOWLEDGE, payload)
    if kind in (MessageType.AWARENESS, MessageType.CONTROL):
        return Message(MessageType(kind), reader.var_bytes())
    raise MalformedFrame(f"unknown message type {kind}")
