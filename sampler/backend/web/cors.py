"""Which pages of other origins may ask: none that are not named."""

from collections.abc import Iterable, Sequence

from litestar.config.cors import CORSConfig

from sampler.backend.web import problems
from sampler.backend.web.visit import App, Header, Message, Receive, Scope, Send

_MAX_AGE_S = 600


def cors(origins: Sequence[str]) -> CORSConfig | None:
    """Let these pages ask, without cookies, of which there are none, and see what they need of the answers."""
    if not origins:
        return None
    return CORSConfig(
        allow_origins=list(origins),
        allow_methods=["GET", "POST", "PUT", "DELETE"],
        allow_headers=[
            "Authorization",
            "Content-Type",
            "Idempotency-Key",
            "X-Device",
            "X-Request-Id",
            "X-Customer-Id",
            "Customer-Id",
            "customer_id",
        ],
        expose_headers=["Link", "Retry-After", "X-Request-Id"],
        max_age=_MAX_AGE_S,
    )


def mended(app: App, origins: Sequence[str]) -> App:
    """Put right what the framework leaves undone: refused preflights are problems, and no cache mixes up origins."""

    async def answer(scope: Scope, receive: Receive, send: Send) -> None:
        await app(scope, receive, _mending(send))

    return answer if origins else app


def _mending(send: Send) -> Send:
    refused: list[Message] = []

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            if _is_plain_refusal(message):
                refused.append(message)  # until there are its words
                return
            message["headers"] = _varying(message["headers"])
        elif refused:
            start = refused.pop()
            message["body"] = problems.body(start["status"], f"{message['body'].decode()}.")
            length = str(len(message["body"])).encode()
            kind = (b"content-type", problems.MEDIA_TYPE.encode())
            await send({**start, "headers": _varying([kind, (b"content-length", length)])})
        await send(message)

    return sending


def _is_plain_refusal(start: Message) -> bool:
    kind: bytes = dict(start["headers"]).get(b"content-type", b"")
    return start["status"] == 400 and kind.startswith(b"text/plain")


def _varying(headers: Iterable[Header]) -> list[Header]:
    return [*(header for header in headers if header[0] != b"vary"), (b"vary", b"Origin")]
