"""Codes from the lines of a file, whatever is in it and whatever becomes of it."""

import os
import socket
import time
import tty
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sampler.device.sensor import BadReading, Ended, NoValue
from sampler.device.sources.file import CHUNKS_A_READ, FileSource
from sampler.device.sources.lines import LineBuffer, code
from sampler.device.sources.open_file import CHUNK


@pytest.fixture
def path(tmp_path):
    return tmp_path / "adc.txt"


@pytest.fixture
def source_on():
    opened = []

    def make(path, at_end="wrap"):
        opened.append(FileSource(path, at_end))
        return opened[-1]

    yield make
    for source in opened:
        source.close()


def outcome(source):
    """What a reading comes to: a code, the kind of a bad reading, or which answer."""
    try:
        return source.read()
    except BadReading as bad:
        return bad.kind
    except (NoValue, Ended) as answer:
        return type(answer).__name__


def outcomes(source, count):
    return [outcome(source) for _ in range(count)]


def words(source):
    with pytest.raises(BadReading) as bad:
        source.read()
    return str(bad.value)


def add(path, text):
    with path.open("a") as file:
        file.write(text)


# What a line may be


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (b"518", 518),
        (b" 518", 518),
        (b"  25  ", 25),
        (b"\t25\r", 25),
        (b"0000", 0),
        (b"4095", 4095),
        (b"-1", -1),  # an integer: the sensor, which knows the scale, refuses it
        (b"4096", 4096),
        (b"\xef\xbb\xbf 518", 518),
        (b"", "blank"),
        (b"   \r", "blank"),
        (b"+5", "unreadable"),
        (b"1_000", "unreadable"),
        (b"12.0", "unreadable"),
        (b"1e3", "unreadable"),
        (b"0x1F", "unreadable"),
        (b"--5", "unreadable"),
        (b"-", "unreadable"),
        (b"12 13", "unreadable"),
        (b"12\r13", "unreadable"),
        (b"\x00518", "unreadable"),
        ("٣".encode(), "unreadable"),  # a digit to Python's int()
        (b"\xff\xfe5\x001\x00", "unreadable"),  # UTF-16
        (b" " * 125 + b"518", 518),
        (b" " * 126 + b"518", "unreadable"),
    ],
)
def test_a_line_is_an_integer_or_a_bad_reading(path, source_on, line, expected):
    path.write_bytes(line + b"\n7\n")

    assert outcomes(source_on(path), 2) == [expected, 7]


@given(st.binary() | st.from_regex(rb"\A[ ]{0,3}[-+]?[0-9_. ]{0,6}[\r]?\Z"))
def test_any_bytes_are_a_code_or_a_bad_reading_and_never_anything_else(line):
    try:
        found = code(line, "adc.txt")
    except BadReading as bad:
        found = bad

    assert isinstance(found, int) or found.kind in {"blank", "unreadable"}
    assert str(found).isprintable()
    assert len(str(found)) < 200


@given(lines=st.lists(st.binary(max_size=300).map(lambda line: line.replace(b"\n", b""))), cuts=st.data())
def test_however_a_text_is_cut_into_pieces_its_lines_are_the_same(lines, cuts):
    text = b"".join(line + b"\n" for line in lines)
    buffer, found = LineBuffer(), []
    while text:
        size = cuts.draw(st.integers(1, 400))
        buffer.feed(text[:size])
        text = text[size:]
        found += iter(buffer.pop, None)

    assert found == [line[:129] for line in lines]
    assert not buffer.unfinished


def test_the_longest_line_is_waited_for_and_one_byte_more_is_not():
    buffer = LineBuffer()
    buffer.feed(b"5" * 128)
    waiting = buffer.pop()
    buffer.feed(b"6")

    assert waiting is None
    assert buffer.pop() == b"5" * 128 + b"6"
    buffer.feed(b"6666\n7\n")
    assert buffer.pop() == b"7"


def test_a_bad_line_is_named_with_its_file_and_shown_short_and_harmless(path, source_on):
    path.write_bytes(b"\x1b[2J" + b"a" * 60 + b"\n" + b"y" * 200 + b"\n\n")
    source = source_on(path)

    assert words(source) == f"{path}: '\\x1b[2J{'a' * 20}'… is not an integer"
    assert words(source) == f"{path}: a line of more than 128 bytes, starting '{'y' * 24}'…"
    assert words(source) == f"{path}: a blank line"


def test_a_huge_line_is_one_bad_reading(path, source_on):
    path.write_bytes(b"1\n" + b"9" * 50_000 + b"\n2\n")

    assert outcomes(source_on(path), 3) == [1, "unreadable", 2]


def test_a_line_that_never_ends_costs_a_bounded_piece_of_it_each_reading(path, source_on):
    path.write_bytes(b"\0" * (3 * CHUNKS_A_READ * CHUNK) + b"\n5\n")
    source = source_on(path)

    # Of 48 pieces the first reading takes one, and the others take 16 each.
    assert outcomes(source, 4) == ["unreadable", "unreadable", "unreadable", 5]


def test_codes_that_lie_across_the_pieces_read_come_whole(path, source_on):
    codes = [number % 4096 for number in range(5000)]
    path.write_text("".join(f"{number}\n" for number in codes))

    assert outcomes(source_on(path, "stop"), 5001) == [*codes, "Ended"]


# At the end of the file


def test_wrap_starts_again(path, source_on):
    path.write_text(" 1\n 2\n 3")

    assert outcomes(source_on(path), 7) == [1, 2, 3, 1, 2, 3, 1]


def test_wrap_picks_up_a_file_that_was_put_in_place_of_the_old_one(path, source_on):
    path.write_text("1\n2\n")
    source = source_on(path)
    before = outcomes(source, 1)
    path.with_name("new").write_text("8\n9\n")
    path.with_name("new").replace(path)

    assert before + outcomes(source, 3) == [1, 2, 8, 9]


def test_wrap_waits_with_bad_readings_for_a_file_that_is_gone(path, source_on):
    path.write_text("1\n")
    source = source_on(path)
    before = outcomes(source, 1)
    path.unlink()
    gone = outcomes(source, 2)
    path.write_text("2\n")

    assert [*before, *gone, outcome(source)] == [1, "failed", "failed", 2]


def test_an_empty_file_is_a_bad_reading_each_time(path, source_on):
    path.touch()
    source = source_on(path)

    assert outcomes(source, 3) == ["blank"] * 3
    assert words(source) == f"{path} is empty"
    path.write_text("4\n")
    assert outcome(source) == 4


def test_a_file_of_blank_lines_is_a_bad_reading_each_time(path, source_on):
    path.write_text("\n\r\n  \n")

    assert outcomes(source_on(path), 5) == ["blank"] * 5


def test_stop_ends_after_the_last_line_and_stays_there(path, source_on):
    path.write_text("1\n2")

    assert outcomes(source_on(path, "stop"), 4) == [1, 2, "Ended", "Ended"]


def test_stop_ends_at_once_on_an_empty_file(path, source_on):
    path.touch()

    assert outcome(source_on(path, "stop")) == "Ended"


def test_an_unknown_way_to_end_is_refused(path):
    with pytest.raises(ValueError, match="at_end must be one of wrap, stop, follow, not 'repeat'"):
        FileSource(path, "repeat")


# A file that is followed


def test_follow_begins_at_the_end_and_waits_for_each_line(path, source_on):
    path.write_text("1\n2\n")
    source = source_on(path, "follow")
    before = outcomes(source, 2)
    add(path, "3\n4\n")

    assert before + outcomes(source, 3) == ["NoValue", "NoValue", 3, 4, "NoValue"]


def test_follow_does_not_miss_what_comes_before_the_first_reading(path, source_on):
    path.write_text("1\n")
    source = source_on(path, "follow")
    add(path, "2\n")

    assert outcome(source) == 2


def test_follow_does_not_take_the_end_of_a_number_for_a_number(path, source_on):
    path.write_text("1\n20")
    source = source_on(path, "follow")
    add(path, "48\n3000\n")

    assert outcomes(source, 2) == [3000, "NoValue"]


def test_follow_waits_for_the_rest_of_a_line(path, source_on):
    path.touch()
    source = source_on(path, "follow")
    add(path, "20")
    half = outcome(source)
    add(path, "48\n")

    assert [half, outcome(source)] == ["NoValue", 2048]


def test_follow_survives_a_truncation(path, source_on):
    path.write_text("1\n2\n3\n")
    source = source_on(path, "follow")
    os.truncate(path, 0)
    add(path, "4\n")

    assert outcomes(source, 2) == [4, "NoValue"]


def test_follow_reads_the_rest_of_a_rotated_file_before_the_new_one(path, source_on):
    path.write_text("1\n")
    source = source_on(path, "follow")
    add(path, "2\n")
    path.rename(path.with_suffix(".1"))
    add(path, "10\n")
    add(path.with_suffix(".1"), "3\n")

    assert outcomes(source, 4) == [2, 3, 10, "NoValue"]


def test_follow_misses_nothing_that_is_written_just_before_the_rotation_is_seen(path, source_on, monkeypatch):
    path.touch()
    source = source_on(path, "follow")
    look = Path.stat

    def rotate_and_look(self):  # between the end that was seen and the look at the name
        monkeypatch.undo()
        add(path, "2\n")
        path.rename(path.with_suffix(".1"))
        add(path, "10\n")
        return look(self)

    monkeypatch.setattr(Path, "stat", rotate_and_look)

    assert outcomes(source, 3) == [2, 10, "NoValue"]


def test_follow_reads_on_in_a_renamed_file_until_there_is_a_new_one(path, source_on):
    path.touch()
    source = source_on(path, "follow")
    path.rename(path.with_suffix(".1"))
    before = outcome(source)
    add(path.with_suffix(".1"), "2\n")

    assert [before, *outcomes(source, 2)] == ["failed", 2, "failed"]
    path.write_text("10\n")
    assert outcome(source) == 10


def test_follow_takes_a_file_that_comes_later_from_its_start(path, source_on):
    source = source_on(path, "follow")
    missing = outcome(source)
    path.write_text("1\n2\n")

    assert [missing, *outcomes(source, 3)] == ["failed", 1, 2, "NoValue"]


@pytest.mark.parametrize("cut", ["replaced", "truncated"])
def test_follow_never_joins_two_halves_of_different_lines(path, source_on, cut):
    path.touch()
    source = source_on(path, "follow")
    add(path, "204")
    half = outcome(source)
    if cut == "replaced":
        path.rename(path.with_suffix(".1"))
    else:
        os.truncate(path, 0)
    add(path, "8\n")

    assert half == "NoValue"
    assert words(source) == f"{path}: {cut} in the middle of a line, after '204'"
    assert outcome(source) == 8


def test_after_a_failure_follow_goes_on_at_the_end(path, source_on):
    path.mkdir()
    source = source_on(path, "follow")
    failed = outcome(source)
    path.rmdir()
    path.write_text("1\n2\n")
    old = outcome(source)
    add(path, "3\n")

    assert [failed, old, outcome(source)] == ["failed", "NoValue", 3]


# Places that cannot be read


def test_a_missing_file_says_so_each_time_and_is_read_when_it_is_there(path, source_on):
    source = source_on(path)

    assert words(source) == words(source) == f"cannot read {path}: No such file or directory"
    path.write_text("1\n")
    assert outcome(source) == 1


def test_a_directory_says_so(tmp_path, source_on):
    assert words(source_on(tmp_path)) == f"cannot read {tmp_path}: Is a directory"


def test_a_file_that_may_not_be_read_says_so(forbidden, source_on):
    assert words(source_on(forbidden)) == f"cannot read {forbidden}: Permission denied"


def test_a_socket_or_an_impossible_name_is_a_bad_reading(path, tmp_path, source_on):
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(path))
        assert outcome(source_on(path)) == "failed"

    assert outcome(source_on(tmp_path / "a\0b")) == "failed"
    assert outcome(source_on(tmp_path / ("a" * 300))) == "failed"


def test_no_descriptor_is_left_open_however_often_a_reading_fails(tmp_path, source_on):
    source = source_on(tmp_path)
    outcomes(source, 2)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208 - counted, not used as paths
    outcomes(source, 50)

    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208


# Streams


@pytest.fixture
def fifo(path):
    os.mkfifo(path)
    return path


@pytest.mark.parametrize("at_end", ["wrap", "stop", "follow"])
def test_a_fifo_that_nobody_writes_to_holds_up_nothing(fifo, source_on, at_end):
    begun = time.monotonic()

    assert outcomes(source_on(fifo, at_end), 3) == ["NoValue"] * 3
    assert time.monotonic() - begun < 1.0


def test_a_fifo_gives_lines_as_they_come_and_survives_its_writer(fifo, source_on):
    source = source_on(fifo)
    seen = outcomes(source, 1)
    with fifo.open("w") as writer:
        writer.write("1\n20")
        writer.flush()
        seen += outcomes(source, 2)
        writer.write("48\n")
        writer.flush()
        seen += outcomes(source, 2)
    seen += outcomes(source, 2)
    with fifo.open("w") as writer:
        writer.write("2\n")

    assert seen + outcomes(source, 2) == ["NoValue", 1, "NoValue", 2048, *["NoValue"] * 3, 2, "NoValue"]


def test_stop_ends_when_a_fifos_writer_has_gone(fifo, source_on):
    source = source_on(fifo, "stop")
    before = outcome(source)
    with fifo.open("w") as writer:
        writer.write("1\n2")

    assert [before, *outcomes(source, 3)] == ["NoValue", 1, 2, "Ended"]


def test_a_serial_line_is_read_line_by_line_until_it_is_unplugged(source_on):
    controller, device = os.openpty()
    tty.setraw(device)
    source = source_on(Path(os.ttyname(device)))
    seen = [outcome(source)]
    os.write(controller, b" 518\n20")
    seen += outcomes(source, 2)
    os.write(controller, b"48\r\n")
    seen += outcomes(source, 1)
    os.close(controller)
    seen += outcomes(source, 1)
    os.close(device)

    assert seen == ["NoValue", 518, "NoValue", 2048, "failed"]


def test_an_endless_device_of_rubbish_is_a_bad_reading_each_time(source_on):
    assert outcomes(source_on(Path("/dev/zero")), 3) == ["unreadable"] * 3
