"""Damaged files: whatever is hit, the spool opens, the account balances, and the loss is what it says."""

import random
import shutil
import subprocess
import sys
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from sampler.device.spool import Entry, Spool, SpoolUnavailable
from sampler.device.spool.log import frames, unread
from sampler.device.spool.salvage import LOST
from sampler.device.spool.schema import PAGE, TABLES, first_page
from sampler.raw import Raw
from tests.device.spools import NOW, contents, dropped, fill, standing_file, window, zeroed

TABLE_LEAF = 13
"""The first byte of a page that holds rows."""


class Sample:
    """A spool that is full of everything, its bytes, and what is in it."""

    def __init__(self, path: Path) -> None:
        spool = Spool(path, 1_000)
        for number in range(340):
            spool.turn(window(number, taken=12), window(number + 1, taken=7))
            if number % 9 == 8:
                spool.delivered([kept.sequence for kept in spool.newest_waiting(1)], NOW)
        spool.set_aside(3, "400 Bad Request", NOW)
        spool.add([window(900, taken=0)])
        self.contents = contents(spool)
        self.delivered = spool.verify().delivered
        self.resumption = spool.resume()
        self.unclosed = path.read_bytes()
        log = path.with_name(f"{path.name}-wal")
        self.log = log.read_bytes()
        # Behind its present end lie frames from before it was begun anew.
        with Raw(log) as raw:
            self.log_end = 32 + len(list(frames(raw))) * (24 + PAGE)
        spool.close()
        self.bytes = path.read_bytes()


@pytest.fixture(scope="module")
def sample(tmp_path_factory):
    return Sample(tmp_path_factory.mktemp("sample") / "spool.db")


@pytest.fixture
def path(tmp_path):
    return tmp_path / "spool.db"


def healed(path: Path, data: bytes) -> Spool:
    """The spool that comes of these bytes."""
    path.write_bytes(data)
    spool = Spool(path, 1_000)
    spool.check()
    return spool


def is_exact(spool: Spool, sample: Sample) -> set[int]:
    """Check that no number is wrong and that what is lost is what is said to be; give what is lost."""
    account, left = spool.verify(), contents(spool)
    assert account.balanced
    assert account.produced == sample.resumption.sequence
    assert account.delivered == sample.delivered
    assert all(meant(left[number]) == meant(sample.contents[number]) for number in left)
    lost = set(sample.contents) - set(left)
    assert dropped(spool) == lost
    return lost


def meant(entry: Entry) -> tuple[object, ...]:
    """What may never be wrong. That it was set aside may be forgotten: then it is sent again, and refused again."""
    return entry.key, entry.measurement, entry.quality


def clear(path: Path) -> None:
    for file in path.parent.iterdir():
        file.unlink()


@pytest.mark.parametrize("shift", [0, PAGE // 2])
def test_four_kilobytes_of_zeros_anywhere_cost_no_more_than_the_measurements_under_them(path, sample, shift):
    for at in range(shift, len(sample.bytes), PAGE):
        spool = healed(path, zeroed(sample.bytes, at))
        lost = is_exact(spool, sample)
        # A page holds 18 measurements; zeros that lie across two pages may cost both.
        assert len(lost) <= (18 if shift == 0 else 36)
        resumption = spool.resume()
        assert resumption.spool_id == sample.resumption.spool_id
        assert resumption.newest == sample.resumption.newest
        assert resumption.window is None or resumption.window == sample.resumption.window
        spool.turn(window(340), window(341))
        assert spool.verify().balanced
        spool.close()
        clear(path)


ROOTS = {
    name: number
    for number, name in enumerate(("schema", *(sql.split()[2].split("(")[0] for sql in TABLES)), 1)
}
"""The first page of each table, from 1."""


@pytest.mark.parametrize("table", [name for name in ROOTS if name != "window"])
def test_every_other_page_that_is_there_from_the_beginning_can_be_made_anew(path, sample, table):
    spool = healed(path, zeroed(sample.bytes, (ROOTS[table] - 1) * PAGE))
    assert is_exact(spool, sample) == set()
    assert spool.resume() == sample.resumption
    spool.close()


def page_of(sample: Sample, number: int) -> bytes:
    return sample.bytes[(number - 1) * PAGE : number * PAGE]


@pytest.mark.parametrize("table", ROOTS)
def test_a_page_that_was_written_to_the_place_of_another_is_damage_like_any_other(path, sample, table):
    leaf = len(sample.bytes) // PAGE
    for place in {*ROOTS.values(), leaf} - {ROOTS[table]}:
        data = (
            sample.bytes[: (place - 1) * PAGE] + page_of(sample, ROOTS[table]) + sample.bytes[place * PAGE :]
        )
        spool = healed(path, data)
        is_exact(spool, sample)
        resumption = spool.resume()
        assert resumption.window in (None, sample.resumption.window)
        spool.close()
        clear(path)


def test_the_schema_fits_on_the_page_that_is_made_anew(sample):
    made_once, made_anew = sample.bytes[:PAGE], first_page()
    # Between them lie counters: of changes, of pages, of free pages, of who wrote last.
    assert (made_once[:24], made_once[100:]) == (made_anew[:24], made_anew[100:])


@pytest.mark.parametrize("at", [18, 19])
@pytest.mark.parametrize("version", [0, 3, 64])
def test_a_first_page_that_forbids_to_write_is_made_anew(path, sample, at, version):
    spool = healed(path, sample.bytes[:at] + bytes([version]) + sample.bytes[at + 1 :])
    assert is_exact(spool, sample) == set()
    assert spool.turn(window(340), window(341)).sequence == 341
    spool.close()


def test_a_lost_window_is_told(path, sample, caplog):
    spool = healed(path, zeroed(sample.bytes, (ROOTS["window"] - 1) * PAGE))
    assert spool.resume().window is None
    assert "is healed: 303 measurements are saved; none is lost; the open window is lost" in caplog.text
    assert "the open window is lost" in spool.status().last_error["text"]
    spool.close()


def test_a_loss_is_told_in_one_line_that_names_it(path, sample, caplog):
    spool = healed(path, zeroed(sample.bytes, len(sample.bytes) - PAGE))
    lost = is_exact(spool, sample)
    assert lost
    (line,) = [record.message for record in caplog.records if "is healed" in record.message]
    assert f"lost are {min(lost)} to " in line
    assert {gone.reason for gone in spool.verify().dropped_ranges} == {LOST}
    (aside,) = path.parent.glob("spool.db.damaged-*")
    assert line.endswith(f"the damaged file is {aside.name}")
    assert aside.read_bytes() == zeroed(sample.bytes, len(sample.bytes) - PAGE)
    spool.close()


@pytest.mark.parametrize("seed", range(150))
def test_bytes_that_flip_inside_rows_are_never_sent(path, sample, seed):
    chance = random.Random(seed)
    data = bytearray(sample.bytes)
    for _ in range(3):
        data[chance.randrange(PAGE, len(data))] ^= 1 << chance.randrange(8)
    spool = healed(path, bytes(data))
    is_exact(spool, sample)
    assert all(kept.key.startswith(sample.resumption.spool_id) for kept in spool.newest_waiting())
    spool.close()


def test_a_damaged_row_is_dropped_where_it_is_met_and_the_next_ones_are_given(path, sample, caplog):
    data = bytearray(sample.bytes)
    at = data.rindex(b'"taken":12')  # in the file's last row, one of the newest
    data[at + 9] = ord("3")
    path.write_bytes(data)
    spool = Spool(path, 1_000)
    waiting = [kept.sequence for kept in spool.newest_waiting(20)]
    assert len(waiting) == 20
    (gone,) = dropped(spool)
    assert gone not in waiting
    assert spool.verify().dropped_ranges[0].reason == "damaged"
    assert f"measurements [{gone}] are damaged and dropped" in caplog.text
    assert spool.verify().balanced
    spool.close()


def test_a_row_whose_number_is_damaged_is_named_as_lost(path, caplog):
    spool = Spool(path, 1_000)
    fill(spool, 0, 8)
    spool.set_aside(6, "400 Bad Request", NOW)  # nobody reads it while the others are delivered
    spool.close()
    data = bytearray(standing_file(path))
    number = data.index(b"set_aside") - 8  # a byte before the seven of the row's header
    assert data[number] == 6
    data[number] = 0
    path.write_bytes(data)
    with closing(Spool(path, 1_000)) as spool:
        account = spool.verify()
        assert account.balanced
        assert dropped(spool) == {6}
        assert (account.waiting, account.set_aside) == (8, 0)
        assert spool.status().set_aside == 0
    assert "is healed" in caplog.text


@pytest.mark.parametrize("kept", [5_000, 40_000, 65_536, 100_000])
def test_of_a_file_that_was_cut_everything_before_the_cut_is_saved(path, sample, kept):
    spool = healed(path, sample.bytes[:kept])
    account, left = spool.verify(), contents(spool)
    assert account.balanced
    assert all(left[number] == sample.contents[number] for number in left)
    assert len(left) >= (kept // PAGE - 10) * 14
    spool.close()


@pytest.mark.parametrize("garbage", [b"no database at all " * 3_000, bytes(40_960), b"x"])
def test_of_garbage_a_new_spool_is_begun_under_a_new_identity(path, sample, garbage, caplog):
    spool = healed(path, garbage)
    resumption = spool.resume()
    assert (resumption.sequence, resumption.window) == (0, None)
    assert resumption.spool_id != sample.resumption.spool_id
    assert (
        f"what it held is unknown; a new spool begins, {resumption.spool_id}; the damaged file is"
        in caplog.text
    )
    assert spool.turn(window(0), window(1)).sequence == 1
    spool.close()


def test_without_both_copies_of_the_facts_numbers_go_on_under_a_new_identity(path, sample):
    data = zeroed(sample.bytes, (ROOTS["facts"] - 1) * PAGE)
    spool = healed(path, zeroed(data, (ROOTS["facts_copy"] - 1) * PAGE))
    assert is_exact(spool, sample) == set()
    kept = spool.turn(window(340), window(341))
    assert kept.sequence == 341
    assert kept.spool_id != sample.resumption.spool_id
    assert spool.newest_waiting(2)[0].spool_id == sample.resumption.spool_id, (
        "what was kept keeps its identity"
    )
    spool.close()


def test_a_first_page_is_made_anew_where_a_link_leads_to_the_directory(tmp_path, sample):
    (tmp_path / "private").mkdir()
    (tmp_path / "state").symlink_to("private")  # as systemd has it for a DynamicUser
    spool = healed(tmp_path / "state" / "spool.db", zeroed(sample.bytes, 0))
    assert is_exact(spool, sample) == set()
    spool.close()


def test_only_the_newest_three_damaged_files_are_kept(path, sample):
    for day in range(1, 6):
        path.with_name(f"spool.db.damaged-2021041{day}T000000Z").touch()
    healed(path, zeroed(sample.bytes, 0)).close()
    kept = sorted(file.name for file in path.parent.iterdir() if "damaged" in file.name)
    assert kept[:2] == ["spool.db.damaged-20210414T000000Z", "spool.db.damaged-20210415T000000Z"]
    assert len(kept) == 3


def test_a_caller_never_sees_that_the_file_was_healed_under_it(path, sample):
    path.write_bytes(sample.bytes)
    spool = Spool(path, 1_000)
    spool.resume()
    with path.open("r+b") as file:  # all but the first pages, which the connection has read
        file.seek(ROOTS["ledger_copy"] * PAGE)
        file.write(bytes(2 * PAGE))
    kept = spool.turn(window(340), window(341))
    assert kept.sequence == 341
    spool.delivered([341], NOW)
    spool.check()
    account = spool.verify()
    assert account.balanced
    assert dropped(spool) == set(sample.contents) - set(contents(spool)) != set()
    spool.close()


def test_a_spool_that_another_process_has_healed_is_found_again(path, sample):
    path.write_bytes(zeroed(sample.bytes, 20 * PAGE))
    daemon = Spool(path, 1_000)
    daemon.journal(window(340))
    command = Spool(path, 1_000)
    command.check()
    assert daemon.turn(window(340), window(341)).sequence == 341
    assert command.verify() == daemon.verify()
    assert daemon.verify().balanced
    daemon.close()
    command.close()


def test_a_view_says_that_a_file_is_damaged_and_leaves_it(path, sample):
    data = zeroed(sample.bytes, 0)
    path.write_bytes(data)
    with pytest.raises(SpoolUnavailable, match="file is not a database; `sampler run` heals it"):
        Spool.view(path).status()
    assert path.read_bytes() == data
    assert list(path.parent.iterdir()) == [path]


# The write-ahead log.


@pytest.mark.parametrize("shift", [0, 3_000])
def test_a_log_that_is_broken_anywhere_costs_nothing_that_lies_behind_the_break(path, sample, shift):
    for at in range(shift, sample.log_end - 5 * PAGE, 7 * PAGE):
        path.write_bytes(sample.unclosed)
        path.with_name("spool.db-wal").write_bytes(zeroed(sample.log, at))
        spool = Spool(path, 1_000)
        assert is_exact(spool, sample) == set()
        assert spool.resume().spool_id != sample.resumption.spool_id, (
            "numbers may be missing that nobody knows of"
        )
        spool.close()
        clear(path)


@pytest.mark.parametrize("at", [0, 7, 11, 15, 16, 23, 24, 31])
def test_a_log_that_nobody_reads_for_a_bit_in_its_header_costs_nothing(path, sample, at):
    header = bytearray(sample.log[:32])
    header[at] ^= 1
    path.write_bytes(sample.unclosed)
    path.with_name("spool.db-wal").write_bytes(bytes(header) + sample.log[32:])
    spool = Spool(path, 1_000)
    assert is_exact(spool, sample) == set()
    assert spool.resume().spool_id != sample.resumption.spool_id
    spool.close()


@pytest.mark.parametrize("at", [40, 40_000])
def test_a_broken_log_is_seen_also_where_the_file_is_damaged_first(path, sample, at):
    file = bytearray(sample.unclosed)
    file[68] ^= 1  # what marks it as ours
    log = bytearray(sample.log)
    log[at] ^= 1  # zeros may be there already
    path.write_bytes(file)
    path.with_name("spool.db-wal").write_bytes(log)
    spool = Spool(path, 1_000)
    assert is_exact(spool, sample) == set()
    assert spool.resume().spool_id != sample.resumption.spool_id
    spool.close()


@pytest.mark.parametrize("at", [20, 100, 5_000])
def test_a_young_spool_that_is_all_in_its_broken_log_is_not_begun_anew(path, at):
    spool = Spool(path, 1_000)
    fill(spool, 1, 6)
    before, former = contents(spool), spool.resume()
    file, log = path.read_bytes(), bytearray(path.with_name("spool.db-wal").read_bytes())
    spool.close()
    log[at] ^= 1
    path.write_bytes(file)
    path.with_name("spool.db-wal").write_bytes(log)
    spool = Spool(path, 1_000)
    assert {number: meant(entry) for number, entry in contents(spool).items()} == {
        number: meant(entry) for number, entry in before.items()
    }
    assert spool.verify().balanced
    assert spool.resume().sequence == former.sequence
    assert spool.resume().spool_id != former.spool_id
    spool.close()


@pytest.mark.parametrize("how", ["zeroed", "cut", "without its end"])
def test_a_torn_last_write_is_no_damage_but_its_number_never_comes_again(path, sample, how):
    path.write_bytes(sample.unclosed)
    end = sample.log_end - 100
    last = sample.log_end - 24 - PAGE  # the frame that says that the transaction is whole
    logs = {
        "zeroed": zeroed(sample.log, end, 50),
        "cut": sample.log[:end],
        "without its end": zeroed(sample.log, last, 24),
    }
    path.with_name("spool.db-wal").write_bytes(logs[how])
    spool = Spool(path, 1_000)
    assert spool.verify().balanced
    assert spool.resume().spool_id != sample.resumption.spool_id
    assert not list(path.parent.glob("*damaged*"))
    spool.close()


def test_behind_a_whole_log_lies_nothing_that_is_not_read(tmp_path, sample):
    log = tmp_path / "log"
    for data, lost in ((sample.log, 0), (zeroed(sample.log, sample.log_end - 100, 50), 1)):
        log.write_bytes(data)
        with Raw(log) as raw:
            assert unread(raw) == lost


def test_a_whole_log_of_a_killed_daemon_is_taken_as_it_is(path, sample):
    path.write_bytes(sample.unclosed)
    path.with_name("spool.db-wal").write_bytes(sample.log)
    spool = Spool(path, 1_000)
    assert spool.resume() == sample.resumption
    assert is_exact(spool, sample) == set()
    spool.close()


# Crashes while healing.

HEAL = "import sys, pathlib; from sampler.device.spool import Spool; Spool(pathlib.Path(sys.argv[1]), 1000).check()"


@pytest.mark.real
@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
@pytest.mark.parametrize("rename", [1, 2, 3, 4])
def test_a_crash_in_the_middle_of_healing_is_harmless(path, sample, rename):
    path.write_bytes(sample.unclosed)
    path.with_name("spool.db-wal").write_bytes(zeroed(sample.log, 40_000))
    command = ["strace", "-f", "-o", "/dev/null", "-e", f"inject=rename:signal=KILL:when={rename}"]
    done = subprocess.run([*command, sys.executable, "-c", HEAL, path], check=False, capture_output=True)
    assert done.returncode != 0
    spool = Spool(path, 1_000)
    assert is_exact(spool, sample) == set()
    assert not list(path.parent.glob("*heal*"))
    spool.close()


def test_what_is_held_on_an_old_page_alone_comes_before_what_was_held_with_it(path):
    spool = Spool(path, 1_000)
    spool.turn(window(100), window(0, clock="unset"))
    for number in range(30):
        spool.turn(window(number, clock="unset"), window(number + 1, taken=0, clock="unset"), hold=True)
    spool.close()
    before = standing_file(path)
    spool = Spool(path, 1_000)
    assert spool.release() == 30
    spool.close()
    after = standing_file(path)
    spool = Spool(path, 1_000)
    released = contents(spool)
    spool.close()
    pages = range(0, len(before), PAGE)
    leaf = next(at for at in pages if before[at] == TABLE_LEAF and b"held" in before[at : at + PAGE])
    spool = healed(path, after[:leaf] + before[leaf : leaf + PAGE] + after[leaf + PAGE :])
    assert list(path.parent.glob("*damaged*"))
    assert contents(spool) == released
    spool.close()


def test_a_measurement_that_is_back_from_an_old_page_has_left_all_the_same(path):
    spool = Spool(path, 1_000)
    fill(spool, 0, 2)
    with closing(apsw.Connection(str(path))) as db:
        first = db.execute("SELECT * FROM measurement WHERE sequence = 1").fetchall()
        spool.delivered([1], NOW)
        db.execute("DELETE FROM ledger")
        db.execute("INSERT INTO measurement VALUES (?, ?, ?, ?, ?)", first[0])
    spool.delivered([1], NOW)
    account = spool.verify()
    assert (account.delivered, account.waiting, account.balanced) == (1, 2, True)
    spool.close()


def test_a_turn_that_was_done_before_the_file_broke_is_not_done_again_whatever_its_label_became(tmp_path):
    spool = Spool(tmp_path / "before.db", 1_000)
    fill(spool, 0, 5)
    # Of a daemon that began while the disk was away, and labels by a clock that was set back by two windows.
    closed, opened = (replace(window(number), start=window(number - 2).start) for number in (6, 7))
    first = spool.turn(closed, opened)
    path = tmp_path / "after.db"
    shutil.copy(tmp_path / "before.db", path)
    log = (tmp_path / "before.db-wal").read_bytes()
    path.with_name("after.db-wal").write_bytes(bytes(4) + log[4:])
    spool.close()
    spool = Spool(path, 1_000)
    again = spool.turn(closed, opened)
    assert list(tmp_path.glob("after.db.damaged-*"))
    assert (again.sequence, again.measurement) == (first.sequence, first.measurement)
    assert len(contents(spool)) == 7
    assert spool.resume().window.opened == opened.opened
    spool.close()


@pytest.mark.parametrize("behind", [0, 2])
def test_a_turn_that_was_done_is_not_done_again_where_the_window_that_it_opened_is_damaged(path, behind):
    spool = Spool(path, 1_000)
    fill(spool, 0, 5)
    closed, opened = (replace(window(number), start=window(number - behind).start) for number in (6, 7))
    first = spool.turn(closed, opened)
    spool.close()
    path.write_bytes(zeroed(path.read_bytes(), (ROOTS["window"] - 1) * PAGE))
    spool = Spool(path, 1_000)
    again = spool.turn(closed, opened)
    assert list(path.parent.glob("*.damaged-*"))
    assert (again.sequence, again.measurement) == (first.sequence, first.measurement)
    assert len(contents(spool)) == 7
    assert spool.resume().window.opened == opened.opened
    spool.close()
