"""One target, guided by coverage, in a process of its own: `python -m fuzzing.guided NAME [libFuzzer's options]`."""

import sys
from json import decoder, scanner

import atheris  # type: ignore[import-untyped]

from fuzzing.target import load

_JSON = (
    *((decoder, name) for name in ("JSONObject", "JSONArray", "py_scanstring")),
    *((decoder.JSONDecoder, name) for name in ("decode", "raw_decode")),
    (scanner, "py_make_scanner"),
)
"""Python's own reader, by which ours is judged: where it branches guides, too."""


def main() -> None:
    name, *options = sys.argv[1:]
    for place, function in _JSON:
        atheris.instrument_func(getattr(place, function))
    with atheris.instrument_imports(include=["sampler", "fuzzing"]):
        target = load(name)
    target.one(next(iter(target.seeds())))  # what is made once is no part of a run
    atheris.Setup([sys.argv[0], *options], target.one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
