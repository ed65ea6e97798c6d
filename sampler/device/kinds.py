"""A value from TOML, or a text from outside it, becomes what its setting holds. Pure."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from string import Template
from typing import Any, Literal, get_args, get_origin

_SPOKEN = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


class Refused(Exception):  # noqa: N818 - it is an answer
    """Tell the user what is wrong and the cure."""

    def __init__(self, wrong: str, cure: str) -> None:
        super().__init__(wrong, cure)
        self.wrong, self.cure = wrong, cure


def convert(kind: Any, value: object, example: str, environ: Mapping[str, str]) -> object:
    """Give a TOML value as the setting's type, or raise Refused; `example` is a value that would do."""
    if get_origin(kind) is Literal:
        return _choice(value, get_args(kind))
    if kind is str and not isinstance(value, str):
        raise Refused("not a string", f"put it in quotes, such as {example}")
    if kind in _PLAIN:
        return _plain(kind, value, example)
    return value if kind is str else _path(kind, value, environ)


def spoken(kind: Any, text: str) -> object:
    """Give a text from outside TOML as the TOML value it stands for; itself when it stands for none."""
    try:
        return _SPEAKERS.get(kind, str)(text)
    except ValueError:
        return text


def nearest(word: str, words: Iterable[str]) -> str | None:
    """Give the most similar of the words, if one is similar enough to be meant."""
    from difflib import get_close_matches  # noqa: PLC0415 - 0.2 MB that a daemon without mistakes does not need

    return next(iter(get_close_matches(word, list(words), n=1)), None)


_SPEAKERS: dict[Any, Callable[[str], object]] = {
    float: float,
    int: int,
    bool: lambda text: _SPOKEN.get(text.strip().lower(), text),
}

_PLAIN: dict[type, tuple[tuple[type, ...], str, str]] = {
    float: ((float, int), "not a number", "give a number, such as {}"),
    int: ((int,), "not a whole number", "give a whole number, such as {}"),
    bool: ((bool,), "neither true nor false", "give true or false, without quotes"),
}


def _plain(kind: type, value: Any, example: str) -> object:
    takes, wrong, cure = _PLAIN[kind]
    if type(value) not in takes:  # not isinstance: true is no number
        raise Refused(wrong, cure.format(example))
    try:
        return kind(value)
    except OverflowError:
        raise Refused("too large", f"give a number such as {example}") from None


def _choice(value: object, choices: tuple[str, ...]) -> object:
    if value in choices:
        return value
    close = nearest(value.lower(), choices) if isinstance(value, str) else None
    wrong = f"not {', '.join(choices[:-1])} or {choices[-1]}"
    raise Refused(wrong, f'did you mean "{close}"?' if close else "choose one of them")


def _path(kind: Any, value: object, environ: Mapping[str, str]) -> Path | None:
    if not isinstance(value, str):
        raise Refused("not a string", "put the path in quotes")
    if not value and kind != Path:
        return None
    text = _expand(value, environ)
    if not text or "\0" in text:
        raise Refused("no path", "name a file")
    return Path(text)


def _expand(text: str, environ: Mapping[str, str]) -> str:
    try:
        return Template(text).substitute(environ)
    except KeyError as missing:
        raise Refused(
            f"the environment has no {missing.args[0]}", "set it, or write the path in full"
        ) from None
    except ValueError:
        raise Refused("a $ without a name", "write ${NAME} for a variable, $$ for a dollar sign") from None
