"""Mutations without a guide, the same each time: what `make check` tries, without atheris."""

from collections.abc import Callable, Iterator, Sequence
from random import Random

from fuzzing.target import Target

_EDGES = (
    b"\0",
    b"\xff",
    b"\n",
    b"0",
    b"-1",
    b"99999999999999999999",
    b"\xc3\xa9",
    b'"',
    b"{}",
    b"[",
    b"%",
    b" ",
)


def mutated(target: Target, seed: int) -> Iterator[bytes]:
    """Give as many inputs as the target has time for."""
    chance, seeds = Random(seed), list(target.seeds())
    words = (*target.words, *_EDGES)
    for _ in range(target.quick):
        data = chance.choice(seeds)
        for _ in range(chance.choice((1, 1, 2, 4))):
            data = chance.choice(_KINDS)(data, chance, words)
        yield data[: target.longest]


def _flip(data: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + bytes(byte ^ (1 << chance.randrange(8)) for byte in data[at : at + 1]) + data[at + 1 :]


def _insert(data: bytes, chance: Random, words: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + chance.choice(words) + data[at:]


def _remove(data: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(data) + 1)
    return data[:at] + data[at + chance.choice((1, 2, 8, 32)) :]


def _repeat(data: bytes, chance: Random, _: Sequence[bytes]) -> bytes:
    at = chance.randrange(len(data) + 1)
    part = data[at : at + chance.choice((1, 4, 16, 64))]
    return data[:at] + part * chance.choice((2, 3, 10)) + data[at + len(part) :]


_KINDS: tuple[Callable[[bytes, Random, Sequence[bytes]], bytes], ...] = (_flip, _insert, _remove, _repeat)
