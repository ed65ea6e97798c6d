"""What is kept of a refusal, and what is not; and how it is found again."""

import asyncio
import json
import re
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from litestar.testing import TestClient

from sampler.backend import instants
from sampler.backend.commits import Commits
from sampler.backend.maintenance import now_and_then
from sampler.backend.settings import Settings
from sampler.backend.store import Store, touch
from sampler.backend.store.opening import open_store
from sampler.backend.store.receipts import Receipt, Wanted, add, find
from sampler.backend.web.doorman import Doorman
from sampler.backend.web.ledger import Ledger, reason
from tests.backend.conftest import Serve
from tests.backend.speaking import document, post
from tests.backend.web.asgi import Exchange, answering

Client = TestClient[Any]


def receipts(client: Client, **query: Any) -> list[dict[str, Any]]:
    answer = client.get("/receipts", params=query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()
    return found


def refuse(client: Client, number: int) -> None:
    """Have a measurement refused, which is known again by its body."""
    answer = client.post(
        "/api/temperature", content=str(number), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code == 400


def dropped(client: Client) -> int:
    found = re.search(r"^sampler_backend_receipts_dropped_total (\d+)", client.get("/metrics").text, re.M)
    assert found
    return int(found[1])


@pytest.mark.usefixtures("database_url")
def test_a_refusal_leaves_a_receipt(client: Client) -> None:
    answer = post(client, document(min=-51), **{"X-Device": "caf%C3%A9"})

    (receipt,) = receipts(client)
    assert receipt.pop("time").endswith("Z")
    assert receipt == {
        "method": "POST",
        "endpoint": "/api/temperature",
        "path": "/api/temperature",
        "status": 400,
        "who": "device café",
        "reason": '{"Min":["The Min field must be between -50 and 50."]}',
        "body": json.dumps(document(min=-51)),
        "request_id": answer.headers["X-Request-Id"],
    }


def test_what_was_taken_leaves_none(client: Client) -> None:
    post(client, document())

    assert receipts(client) == []


def test_a_failure_of_ours_leaves_none(serve: Serve) -> None:
    client = serve(fail_rate=1.0)

    assert post(client, document()).status_code == 500
    assert receipts(client) == []


def test_an_address_that_is_none_leaves_none(client: Client) -> None:
    assert client.get("/wp-login.php").status_code == 404
    assert client.put("/api/temperature").status_code == 405

    assert receipts(client) == []


@pytest.mark.usefixtures("database_url")
def test_a_body_that_no_text_can_hold_is_kept_as_far_as_it_can_be_read(client: Client) -> None:
    post(client, b"\x00\xff{" + b"x" * 2000, **{"X-Request-Id": "n-1"})

    (receipt,) = receipts(client)
    assert receipt["body"] == "\x00\ufffd{" + "x" * 1021  # 1024 bytes
    assert receipt["request_id"] == "n-1"


def test_passwords_are_not_kept(client: Client) -> None:
    client.post("/auth/login", json={"email": "me@example.org", "password": "secret"})
    client.post("/auth/register", json={"email": "me", "password": "secret"})

    found = receipts(client)
    assert [receipt["endpoint"] for receipt in found] == ["/auth/register", "/auth/login"]
    assert [receipt["body"] for receipt in found] == ["", ""]
    assert "secret" not in str(found)


def test_only_the_newest_are_kept(serve: Serve) -> None:
    client = serve(receipts=3)
    for number in range(5):
        refuse(client, number)
        receipts(client)  # each is written before the next comes

    assert [receipt["body"] for receipt in receipts(client)] == ["4", "3", "2"]


def test_what_is_too_old_goes_though_nothing_new_comes(tmp_path: Path) -> None:
    settings = Settings(f"sqlite:///{tmp_path / 'backend.db'}", receipts_kept_s=60)
    now = instants.now()
    old, young = (Receipt(now - s * 10**7, "GET", "/", "/", 400, None, "", b"", "n") for s in (61, 50))
    clock = [0.0]

    async def course(commits: Commits) -> None:
        ledger = Ledger(commits, settings, print)
        chore = now_and_then(ledger.chore, monotonic=lambda: clock[0])
        assert [await chore() for _ in range(2)] == [False, False]
        await commits.write(lambda session: add(session, [old, young]))
        clock[0] = 60.0  # it looks once a minute
        assert await chore() is False

    with closing(open_store(settings.database)) as store:
        with closing(Commits(store).start()) as commits:
            asyncio.run(course(commits))
        with store.reading() as session:
            assert [receipt for _, receipt in find(session, Wanted(9))] == [young]


def test_none_is_kept_where_none_are_wanted(serve: Serve) -> None:
    client = serve(receipts=0)
    refuse(client, 1)

    assert receipts(client) == []


def test_a_flood_of_401_does_not_push_out_the_rest(serve: Serve) -> None:
    client = serve()
    refuse(client, 1)
    for _ in range(200):
        assert client.post("/", headers={}).status_code == 401

    statuses = [receipt["status"] for receipt in receipts(client, limit=1000)]
    assert statuses.count(400) == 1
    # 60 at once, and one a second for as long as this takes.
    assert 60 <= statuses.count(401) <= 120
    assert dropped(client) == 200 - statuses.count(401)


def test_pages_follow_each_other_by_their_links(client: Client) -> None:
    for number in range(5):
        refuse(client, number)
    page: str | None = "/receipts?limit=2&status=400"
    pages = []
    while page:
        answer = client.get(page)
        pages.append([receipt["body"] for receipt in answer.json()])
        page = answer.links.get("next", {}).get("url")

    assert pages == [["4", "3"], ["2", "1"], ["0"]]


def test_receipts_are_found_by_what_they_say(client: Client) -> None:
    post(client, document(min=None), **{"X-Device": "porch"})
    post(client, document(), **{"Content-Type": "text/plain", "X-Device": "kitchen"})

    assert [r["who"] for r in receipts(client, status=415)] == ["device kitchen"]
    assert [r["status"] for r in receipts(client, who="device porch")] == [400]
    assert len(receipts(client, endpoint="/api/temperature")) == 2
    assert receipts(client, endpoint="/data") == []
    assert receipts(client, to="2020-01-01") == []
    assert len(receipts(client, **{"from": "2020-01-01"})) == 2


@pytest.mark.parametrize(
    "query",
    [
        {"from": "yesterday"},
        {"to": "1"},
        {"limit": 0},
        {"limit": 1001},
        {"limit": "x"},
        {"status": 200},
        {"before": "1"},
        {"before": "9" * 19 + "-1"},
    ],
)
def test_what_cannot_be_asked_for_is_refused(client: Client, query: dict[str, Any]) -> None:
    answer = client.get("/receipts", params=query)

    assert answer.status_code == 400
    assert list(answer.json()["errors"]) == list(query)


def test_receipts_give_way_when_many_wait_to_be_stored(tmp_path: Path) -> None:
    url, lost = f"sqlite:///{tmp_path / 'backend.db'}", []

    async def refused(scope: Any, receive: Any, send: Any) -> None:
        scope["path_template"] = "/data"
        await answering(400)(scope, receive, send)

    async def course(commits: Commits, other: Store) -> None:
        doorman = Doorman(refused, [Ledger(commits, Settings(url), lost.append).note])
        with other.writing():  # the others wait for this one
            writes = [asyncio.create_task(commits.write(touch))]
            await asyncio.sleep(0)
            while commits.waiting:
                await asyncio.sleep(0.001)  # until the writer has it
            writes += [asyncio.create_task(commits.write(touch)) for _ in range(3)]
            await asyncio.sleep(0)
            assert commits.waiting == 3  # of 4
            await Exchange().speak(doorman)
        await asyncio.gather(*writes)

    with closing(open_store(url)) as store, closing(open_store(url)) as other:
        with closing(Commits(store, bound=4).start()) as commits:
            asyncio.run(course(commits, other))
        with store.reading() as session:
            assert (find(session, Wanted(9)), lost) == ([], [1])


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b'{"title":"Conflict","detail":"It is taken."}', "It is taken."),
        (b'{"detail":"Two faults.","errors":{"a":["b"]}}', 'Two faults.: {"a":["b"]}'),
        (b'{"success":false,"errors":[{"line":2,"reason":"no"}]}', '[{"line":2,"reason":"no"}]'),
        (b'{"title":"Not Found","status":404}', '{"title":"Not Found","status":404}'),
        (b"[1]", "[1]"),
        (b"plain \xff\x00", "plain \ufffd\ufffd"),
        (b'{"detail":"a\\u0000"}', "a\ufffd"),
        (b"", ""),
    ],
)
def test_the_reason_is_what_the_answer_says(answer: bytes, why: str) -> None:
    assert reason(answer) == why
