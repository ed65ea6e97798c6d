"""The body of a customer's request: JSON -> what it says, or what is wrong with it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from sampler.backend.customers import senders
from sampler.backend.instants import END_S
from sampler.backend.web.decoding import BYTE_ORDER_MARK, MAX_DEPTH, decoded, malformed
from sampler.backend.web.problems import Invalid

_ABSENT = msgspec.Raw(b"")
_Int64 = Annotated[int, msgspec.Meta(ge=-(2**63), le=2**63 - 1)]
_Second = Annotated[int, msgspec.Meta(ge=0, lt=END_S)]


class _Form(msgspec.Struct, rename="camel"):
    """The fields as they stand there; whatever else there is, is passed over without being built."""

    customer: msgspec.Raw = msgspec.field(name="customerID", default=_ABSENT)
    tag: msgspec.Raw = msgspec.field(name="tagID", default=_ABSENT)
    user: msgspec.Raw = msgspec.field(name="userID", default=_ABSENT)
    address: msgspec.Raw = msgspec.field(name="remoteIP", default=_ABSENT)
    timestamp: msgspec.Raw = _ABSENT


@dataclass(frozen=True, slots=True)
class Body:
    """What a request says that is judged."""

    customer: int
    address: str | None
    """In its one form; None if what stands there is no address."""


class Broken(Exception):  # noqa: N818 - it says what the body is
    """The body is none that the document describes; `errors` names each field and what is wrong with it."""

    def __init__(self, errors: Mapping[str, Sequence[str]]) -> None:
        super().__init__(errors)
        self.errors = errors


_DECODE = msgspec.json.Decoder(_Form).decode
_INTEGER = (msgspec.json.Decoder(_Int64).decode, "must be an integer of 64 bits")
_STRING = (msgspec.json.Decoder(str).decode, "must be a string")
_SECONDS = (msgspec.json.Decoder(_Second).decode, "must be whole seconds since 1970, before 2200")


def read(body: bytes) -> Body:
    """Read the document; raises Broken, which names the faults of all fields.

    What a user is called is not looked at: the document shows a UUID and asks for none.
    """
    form = _form(body)
    fields = {
        "customerID": (form.customer, *_INTEGER),
        "tagID": (form.tag, *_INTEGER),
        "userID": (form.user, *_STRING),
        "remoteIP": (form.address, *_STRING),
        "timestamp": (form.timestamp, *_SECONDS),
    }
    values: dict[str, Any] = {}
    faults: dict[str, list[str]] = {}
    for name, (raw, decode, words) in fields.items():
        try:
            values[name] = decode(raw)
        except msgspec.DecodeError:
            faults[name] = [f"The {name} field {words if bytes(raw) else 'is required'}."]
    if faults:
        raise Broken(faults)
    return Body(values["customerID"], _address(values["remoteIP"]))


def _form(body: bytes) -> _Form:
    text = body.removeprefix(BYTE_ORDER_MARK)
    try:
        # What the decoder passes over it does not check.
        if not text.isascii() or text.count(b"[") + text.count(b"{") > MAX_DEPTH:
            decoded(text)
        return _DECODE(text)
    except Invalid as error:
        raise Broken(error.errors) from error
    except msgspec.ValidationError as error:
        raise Broken({"$": ["The document must be an object."]}) from error
    except msgspec.DecodeError as error:
        raise Broken(malformed(str(error), 0).errors) from error


def _address(text: str) -> str | None:
    try:
        return senders.address(text)
    except ValueError:
        return None
