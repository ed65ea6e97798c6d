"""Something that lasts is told twice."""

import logging

from sampler.device.clock import NS
from sampler.device.episode import Episode

log = logging.getLogger("sampler.test")


def test_it_is_told_when_it_begins_and_when_it_is_over(caplog):
    caplog.set_level(logging.INFO)
    episode = Episode(log, 10 * NS)
    for second in range(5):
        episode.sign(second * NS, "blank", "a blank line")
    for second in range(5, 30):
        episode.quiet(second * NS, "all is well")
    assert [record.message for record in caplog.records] == ["a blank line", "all is well: 5 blank in 4 s"]


def test_a_flutter_is_one_episode(caplog):
    caplog.set_level(logging.INFO)
    episode = Episode(log, 10 * NS)
    for second in range(100):
        episode.sign(second * NS, "blank", "a blank line") if second % 2 else episode.quiet(
            second * NS, "well"
        )
    assert len(caplog.records) == 1


def test_each_new_kind_is_told(caplog):
    episode = Episode(log, 10 * NS)
    for kind in ("blank", "hung", "blank", "hung"):
        episode.sign(0, kind, f"it is {kind}")
    assert [record.message for record in caplog.records] == ["it is blank", "it is hung"]
