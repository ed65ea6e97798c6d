"""Log lines as a person, the journal and a program get them."""

import io
import json
import logging
import os
import pty
import re
from pathlib import Path

import pytest

from sampler.device import logs

LOG = logging.getLogger("sampler.delivery")


@pytest.fixture(autouse=True)
def _logging_as_before(monkeypatch):
    """Leave the process's logging as it was found."""
    monkeypatch.delenv("JOURNAL_STREAM", raising=False)
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("TERM", "xterm")
    loggers = [logging.getLogger(name) for name in ("", "sampler", "urllib3")]
    levels = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)
    logging.getLogger().removeHandler(logs.line_handler())


@pytest.fixture
def stream():
    return io.StringIO()


@pytest.fixture
def terminal():
    """A real terminal: what is written to the one end is read from the other."""
    theirs, ours = pty.openpty()
    with os.fdopen(theirs, "rb", buffering=0) as screen, os.fdopen(ours, "w") as output:
        yield output, lambda: screen.read(4096).decode()


def test_a_person_reads_time_in_utc_and_message(stream):
    logs.configure("info", "human", stream)
    LOG.info("the backend is back after %d s", 12)
    assert re.fullmatch(
        r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ the backend is back after 12 s\n", stream.getvalue()
    )


def test_the_time_is_that_of_the_event(stream):
    logs.configure("info", "human", stream)
    LOG.handle(
        logging.makeLogRecord(
            {"name": LOG.name, "levelno": 20, "levelname": "INFO", "msg": "x", "created": 0.0}
        )
    )
    assert stream.getvalue() == "1970-01-01 00:00:00Z x\n"


@pytest.mark.parametrize(("level", "word"), [(10, "debug: "), (20, ""), (30, "warning: "), (40, "error: ")])
def test_the_level_is_named_only_when_it_is_not_info(stream, level, word):
    logs.configure("debug", "human", stream)
    LOG.log(level, "x")
    assert stream.getvalue().split("Z ", 1)[1] == f"{word}x\n"


def test_further_lines_of_a_message_are_indented(stream):
    logs.configure("info", "human", stream)
    LOG.info("first\nsecond")
    assert stream.getvalue().endswith("Z first\n    second\n")


def test_what_is_below_the_level_is_not_written(stream):
    logs.configure("warning", "human", stream)
    LOG.info("x")
    assert stream.getvalue() == ""


def test_colour_is_for_terminals_only(terminal, stream):
    output, shown = terminal
    logs.configure("info", "human", output)
    LOG.error("x")
    assert "\x1b[31merror: x\x1b[0m" in shown()
    logs.configure("info", "human", stream)
    LOG.error("x")
    assert "\x1b" not in stream.getvalue()


@pytest.mark.parametrize(("name", "value"), [("NO_COLOR", "1"), ("TERM", "dumb")])
def test_a_terminal_can_do_without_colour(terminal, monkeypatch, name, value):
    monkeypatch.setenv(name, value)
    output, shown = terminal
    logs.configure("info", "human", output)
    LOG.error("x")
    assert "\x1b" not in shown()


@pytest.mark.parametrize("form", ["human", "journald", "json"])
def test_a_backends_words_cannot_paint_on_the_terminal_or_forge_a_line(stream, form):
    logs.configure("info", form, stream)
    LOG.info("it said %s", "\x1b[2J\r\x9b1m\n<0>gone")
    written = stream.getvalue()
    assert all(char.isprintable() or char == "\n" for char in written)
    assert not re.search(r"(?m)^<0>", written)


@pytest.mark.parametrize(("level", "priority"), [(10, 7), (20, 6), (30, 4), (40, 3), (50, 2)])
def test_the_journal_gets_the_priority_and_no_time(stream, level, priority):
    logs.configure("debug", "journald", stream)
    LOG.log(level, "x")
    assert stream.getvalue() == f"<{priority}>x\n"


def test_each_line_for_the_journal_has_the_priority(stream):
    logs.configure("info", "journald", stream)
    LOG.warning("first\nsecond")
    assert stream.getvalue() == "<4>first\n<4>second\n"


def test_a_program_gets_an_object_a_line(stream):
    logs.configure("info", "json", stream)
    LOG.warning(
        "kept %d °C", 21, extra={"data": {"sequence": 7, "time": "not this one", "lost_s": float("nan")}}
    )
    written = json.loads(stream.getvalue(), parse_constant=pytest.fail)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", written.pop("time"))
    assert written == {
        "level": "warning",
        "logger": "sampler.delivery",
        "message": "kept 21 °C",
        "sequence": 7,
        "lost_s": "nan",
    }


@pytest.mark.parametrize("form", ["human", "journald", "json"])
def test_an_exception_is_written_with_its_traceback(stream, form):
    logs.configure("info", form, stream)
    try:
        Path("/nowhere/spool.db").read_bytes()
    except OSError:
        LOG.exception("keeping stops")
    assert "keeping stops" in stream.getvalue()
    assert "No such file or directory: '/nowhere/spool.db'" in stream.getvalue()
    if form == "json":
        assert json.loads(stream.getvalue())["exception"].startswith("Traceback")


# auto


def test_a_terminal_gets_the_human_form_even_under_the_journal(terminal, monkeypatch):
    output, shown = terminal
    status = os.fstat(output.fileno())
    monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
    logs.configure("info", "auto", output)
    LOG.info("x")
    assert shown().endswith("Z x\r\n")


def test_the_journals_own_stream_gets_priorities(tmp_path, monkeypatch):
    with (tmp_path / "journal").open("w") as journal:
        status = os.fstat(journal.fileno())
        monkeypatch.setenv("JOURNAL_STREAM", f"{status.st_dev}:{status.st_ino}")
        logs.configure("info", "auto", journal)
        LOG.info("x")
    assert (tmp_path / "journal").read_text() == "<6>x\n"


@pytest.mark.parametrize("variable", ["1:2", "", "nonsense"])
def test_another_stream_than_the_journals_gets_times(tmp_path, monkeypatch, variable):
    monkeypatch.setenv("JOURNAL_STREAM", variable)
    with (tmp_path / "log").open("w") as log:
        logs.configure("info", "auto", log)
        LOG.info("x")
    assert (tmp_path / "log").read_text().endswith("Z x\n")


def test_a_stream_without_a_file_gets_times(stream):
    logs.configure("info", "auto", stream)
    LOG.info("x")
    assert stream.getvalue().endswith("Z x\n")


# Whose lines


def test_connection_noise_of_the_http_library_is_kept_out(stream):
    logs.configure("debug", "human", stream)
    pool = logging.getLogger("urllib3.connectionpool")
    pool.debug("Starting new HTTP connection (1): localhost:5000")
    pool.warning("Retrying (Retry(total=2)) after connection broken")
    assert stream.getvalue() == ""


def test_other_libraries_are_heard_from_warning_up(stream):
    logs.configure("debug", "human", stream)
    logging.getLogger("somebody").info("x")
    logging.getLogger("somebody").warning("y")
    lines = stream.getvalue().splitlines()  # there may be others, of a library that has something to say now
    assert [line.partition("Z ")[2] for line in lines if line.endswith((": x", ": y"))] == ["warning: y"]


def test_configured_again_each_line_is_still_written_once(stream):
    logs.configure("info", "human", io.StringIO())
    logs.configure("debug", "journald", stream)
    LOG.debug("x")
    assert stream.getvalue() == "<7>x\n"


@pytest.mark.parametrize("form", ["human", "journald", "json"])
def test_secrets_are_struck_out(stream, form):
    logs.configure("info", form, stream)
    LOG.info("proxy http://me:hunter2@proxy:3128 with Authorization: Bearer hunter2")
    assert "hunter2" not in stream.getvalue()
    assert "proxy http://***@proxy:3128 with Authorization: Bearer ***" in stream.getvalue()


def test_a_password_with_an_at_sign_is_struck_out_to_its_end(stream):
    logs.configure("info", "human", stream)
    LOG.info("proxy http://me:hun@ter2@proxy:3128 is away")
    assert stream.getvalue().endswith("proxy http://***@proxy:3128 is away\n")


# Beside a live line


def test_whoever_draws_on_the_terminal_can_make_room_for_a_line(stream):
    logs.configure("info", "journald", stream)
    logs.line_handler().before_line = lambda: stream.write("(wipe)")
    logs.line_handler().after_line = lambda: stream.write("(draw)")
    LOG.info("x")
    assert stream.getvalue() == "(wipe)<6>x\n(draw)"


def test_room_is_still_made_after_configuring_again(stream):
    logs.configure("info", "journald", io.StringIO())
    logs.line_handler().before_line = lambda: stream.write("(wipe)")
    logs.configure("info", "journald", stream)
    LOG.info("x")
    assert stream.getvalue() == "(wipe)<6>x\n"


def test_the_drawer_holds_the_lock_while_room_is_made(stream):
    logs.configure("info", "journald", stream)
    handler = logs.line_handler()
    owned = []
    handler.before_line = lambda: owned.append(handler.lock._is_owned())
    LOG.info("x")
    assert owned == [True]
