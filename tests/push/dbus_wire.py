"""The D-Bus message format (D-Bus specification, "Marshaling"), little-endian, as far as a bus of one needs it."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

CALL, RETURN, ERROR, SIGNAL = 1, 2, 3, 4
PATH, INTERFACE, MEMBER, ERROR_NAME, REPLY_SERIAL, DESTINATION, SENDER, SIGNATURE = 1, 2, 3, 4, 5, 6, 7, 8
_FIELD_TYPES = {PATH: "o", REPLY_SERIAL: "u", SIGNATURE: "g"}
_NUMBERS = {"y": "B", "b": "I", "n": "h", "q": "H", "i": "i", "u": "I", "x": "q", "t": "Q", "d": "d", "h": "I"}
_ALIGNMENTS = {"s": 4, "o": 4, "g": 1, "v": 1, "a": 4, "(": 8, "{": 8}


@dataclass(frozen=True, slots=True)
class Packet:
    """One message; `fields` by their codes."""

    kind: int
    serial: int
    fields: dict[int, Any] = field(default_factory=dict)
    body: Sequence[Any] = ()

    def encode(self) -> bytes:
        body = Writer()
        for kind, value in zip(split(self.fields.get(SIGNATURE, "")), self.body, strict=True):
            body.put(kind, value)
        head = Writer()
        head.data += struct.pack("<cBBBII", b"l", self.kind, 0, 1, len(body.data), self.serial)
        head.put("a(yv)", [(code, (_FIELD_TYPES.get(code, "s"), value)) for code, value in self.fields.items()])
        head.align(8)
        return bytes(head.data + body.data)

    @classmethod
    def decode(cls, data: bytes) -> Packet:
        reader = Reader(data)
        kind, serial = data[1], int.from_bytes(data[8:12], "little")
        reader.at = 12
        fields = {code: value for code, (_, value) in reader.take("a(yv)")}
        reader.align(8)
        body = [reader.take(part) for part in split(fields.get(SIGNATURE, ""))]
        return cls(kind, serial, fields, body)


def total_bytes(start: bytes) -> int:
    """Of the message that starts with these 16 bytes."""
    if start[:1] != b"l":
        raise ValueError("only little-endian messages are understood")
    body, fields = int.from_bytes(start[4:8], "little"), int.from_bytes(start[12:16], "little")
    return 16 + -(-fields // 8) * 8 + body


def split(signature: str) -> list[str]:
    """The complete types of a signature: "sa{sv}u" is "s", "a{sv}", "u"."""
    parts, at = [], 0
    while at < len(signature):
        end = _end(signature, at)
        parts.append(signature[at:end])
        at = end
    return parts


def _end(signature: str, at: int) -> int:
    if signature[at] == "a":
        return _end(signature, at + 1)
    if signature[at] not in "({":
        return at + 1
    at += 1
    while signature[at] not in ")}":
        at = _end(signature, at)
    return at + 1


def _alignment(kind: str) -> int:
    return _ALIGNMENTS.get(kind[0]) or struct.calcsize(_NUMBERS[kind[0]])


class Writer:
    def __init__(self) -> None:
        self.data = bytearray()

    def align(self, size: int) -> None:
        self.data += bytes(-len(self.data) % size)

    def put(self, kind: str, value: Any) -> None:
        self.align(_alignment(kind))
        match kind[0]:
            case "s" | "o":
                self.data += struct.pack("<I", len(value.encode())) + value.encode() + b"\0"
            case "g":
                self.data += bytes([len(value)]) + value.encode() + b"\0"
            case "v":
                self.put("g", value[0])
                self.put(*value)
            case "a":
                self._put_array(kind[1:], value)
            case "(" | "{":
                for part, item in zip(split(kind[1:-1]), value, strict=True):
                    self.put(part, item)
            case number:
                self.data += struct.pack("<" + _NUMBERS[number], value)

    def _put_array(self, kind: str, items: Sequence[Any]) -> None:
        place = len(self.data)
        self.data += bytes(4)
        self.align(_alignment(kind))
        start = len(self.data)
        for item in items:
            self.put(kind, item)
        self.data[place : place + 4] = struct.pack("<I", len(self.data) - start)


class Reader:
    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def align(self, size: int) -> None:
        self.at += -self.at % size

    def take(self, kind: str) -> Any:
        self.align(_alignment(kind))
        match kind[0]:
            case "s" | "o":
                return self._text(self._number("I"))
            case "g":
                return self._text(self._number("B"))
            case "v":
                inner = self.take("g")
                return inner, self.take(inner)
            case "a":
                return self._array(kind[1:])
            case "(" | "{":
                return tuple(self.take(part) for part in split(kind[1:-1]))
            case number:
                return self._number(_NUMBERS[number])

    def _number(self, form: str) -> Any:
        (value,) = struct.unpack_from("<" + form, self.data, self.at)
        self.at += struct.calcsize(form)
        return value

    def _text(self, length: int) -> str:
        value = self.data[self.at : self.at + length].decode()
        self.at += length + 1
        return value

    def _array(self, kind: str) -> list[Any]:
        length = self._number("I")
        self.align(_alignment(kind))
        end = self.at + length
        items = []
        while self.at < end:
            items.append(self.take(kind))
        return items
