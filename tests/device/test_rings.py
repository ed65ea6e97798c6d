"""What an outage must not leave to the garbage collector: it comes by so seldom that memory grows until then."""

import gc
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event

import pytest
import requests

from sampler.device.bell import Bell
from sampler.device.client import Client
from sampler.device.clock import Clock
from sampler.device.config import BackendConfig, RetryConfig
from sampler.device.delivery import Delivery
from sampler.device.kept import Kept
from sampler.device.rings import let_go
from sampler.device.spool import Spool
from sampler.device.wire.line import Connection
from tests.device.misbehaving_server import (
    Behaviour,
    MisbehavingServer,
    answer,
    hang,
    reset_after_reading,
)
from tests.device.spools import fill

HELD = (Kept, requests.Session, requests.PreparedRequest, Connection)
"""What a request is made of."""
RETRY = RetryConfig(attempts=3, wait_s=0.001, wait_max_s=0.002)


@pytest.mark.parametrize("behaviour", [answer(500), answer(422), hang, reset_after_reading])
def test_a_backend_that_fails_leaves_nothing_to_the_collector(tmp_path: Path, behaviour: Behaviour) -> None:
    with MisbehavingServer(behaviour) as server:
        assert garbage_of_an_outage(tmp_path, server.url) == []


def test_a_backend_that_is_not_there_leaves_nothing_to_the_collector(tmp_path: Path) -> None:
    with MisbehavingServer() as server:
        url = server.url
    assert garbage_of_an_outage(tmp_path, url) == []


def test_an_error_whose_causes_go_round_in_a_circle_is_let_go() -> None:
    first, second = ValueError(), ValueError()
    first.__cause__, second.__cause__ = second, first
    let_go(first)


def garbage_of_an_outage(folder: Path, url: str) -> list[str]:
    """What three rounds, of an array with three tries each, leave in rings."""
    spool, stop = Spool(folder / "spool.db", 100), Event()
    fill(spool, 0, 30)
    client = Client(BackendConfig(url=url, timeout_s=0.05), "shed")
    with closing(spool), closing(Delivery(spool, client, RETRY, Clock(stop), Bell(stop))) as delivery:
        delivery.round()
        with collector_away() as found:
            for _ in range(3):
                delivery.round()
    return found


@contextmanager
def collector_away() -> Iterator[list[str]]:
    """Let the collector come by at the end only, and name what it finds of ours."""
    found: list[str] = []
    gc.collect()
    gc.disable()
    try:
        yield found
        gc.set_debug(gc.DEBUG_SAVEALL)
        gc.collect()
        found += [type(one).__name__ for one in gc.garbage if isinstance(one, HELD)]
    finally:
        gc.set_debug(0)
        gc.garbage.clear()
        gc.enable()
