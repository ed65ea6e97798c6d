"""Each surface stands its seeds, mutations of them, always the same, and every input that it once did not."""

import pytest

from fuzzing.mutations import mutated
from fuzzing.target import NAMES, load


@pytest.mark.parametrize("name", NAMES)
def test_it_stands_its_seeds(name: str) -> None:
    for seed in load(name).seeds():
        load(name).one(seed)


@pytest.mark.parametrize("name", NAMES)
def test_it_stands_mutations_of_them(name: str) -> None:
    for data in mutated(load(name), seed=4):
        load(name).one(data)


ONCE: list[tuple[str, str, bytes]] = [
    ("packed", "columns that are no multiple of eight bytes, under a right checksum", b"\1\1" + bytes(15)),
    ("packed", "no stream under a right checksum", b"\1\2no stream"),
    ("headers", "a Host whose port is none, with a key", b"Host: localhost:8-80\nIdempotency-Key: a"),
    ("times", "an offset of seconds, Monrovia's of 1971", b"\1\4" + (5_000_000_000_000).to_bytes(8, "big")),
    ("spool_file", "a bit in the salts of the log's header", b"\0\0" + bytes((0, 1, 0, 0, 20, 0, 0, 1))),
    (
        "spool_file",
        "a broken log beside a first page that says that it is another's",
        b"\0\4" + bytes((3, 0, 0, 0, 68, 0, 6, 1)) + bytes((0, 1, 6, 1, 0, 0, 4, 35)),
    ),
    (
        "spool_file",
        "a page of one table in the place of another's",
        b"\1\0" + bytes((4, 0, 0, 0xC0, 0, 1, 0, 0)) + bytes((3, 0, 0, 0, 60, 0, 0, 9)),
    ),
    ("spool_file", "rows out of their order, asked for without end", b"\1\23\4\6\r\1\1boot-2\1boot\t"),
    ("spool_file", "a log that ends within a frame", b"\0\2" + bytes((5, 1, 0, 0xA0, 0xFF, 0, 0, 2))),
    ("responses", "a status line behind what is white space in Latin-1 alone", b"\x1cHTTP/1.1 200\n\n"),
    (
        "spool_file",
        "a number that is in one copy of the ledger alone",
        bytes.fromhex("0103201e008e11ef1e9b9b2ef148e2bf470cffdeb6273c67290008000b000b"),
    ),
    ("responses", "a status with a zero in front", b"HTTP/1.1 0241\n\n"),
    ("spool_file", "a first page that forbids to write", b"\0\4" + bytes((3, 0, 0, 0, 18, 64, 0, 0))),
]


@pytest.mark.parametrize(("name", "data"), [pytest.param(name, data, id=what) for name, what, data in ONCE])
def test_it_stands_what_it_once_did_not(name: str, data: bytes) -> None:
    load(name).one(data)
