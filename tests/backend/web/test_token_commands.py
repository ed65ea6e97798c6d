"""What an operator does about tokens and receipts, and how a closed backend starts."""

import json
from pathlib import Path

import pytest

from sampler.backend.settings import CannotStart
from tests.backend.commands import done, refused, run
from tests.backend.conftest import Serve
from tests.backend.speaking import document, post
from tests.backend.web.tokens import status, token_in

pytestmark = pytest.mark.usefixtures("database_in_environ")


@pytest.mark.usefixtures("database_url")
def test_a_token_is_printed_once_and_opens_a_backend(serve: Serve) -> None:
    client = serve(open=False)

    result = run("tokens", "add", "kitchen", "--scope", "write:A", "--scope", "read", "--expires", "90d")

    token = result.stdout.strip()
    assert result.stderr == "Keep it where it is needed: it is not shown again.\n"
    assert status(client, "POST", "/api/temperature", token, json=document()) == 200
    assert token not in done("tokens", "list") + done("tokens", "list", "--json")


def test_the_list_says_what_each_is_for_and_whether_it_is_live(tmp_path: Path) -> None:
    token_in(f"sqlite:///{tmp_path / 'backend.db'}", "admin", name="old", lasts_s=-1)
    done("tokens", "add", "kitchen", "--scope", "write:A", "--scope", "read")
    done("tokens", "add", "porch", "--scope", "read", "--expires", "1d")
    done("tokens", "revoke", "kitchen")

    lines = done("tokens", "list").splitlines()
    assert lines[0].split() == ["1", "expired", "old", "admin"]
    assert lines[1].split() == ["2", "revoked", "kitchen", "read", "write:A"]
    assert lines[2].split()[:4] == ["3", "live", "porch", "read"]
    assert lines[2].split()[4] == "expires"
    listed = json.loads(done("tokens", "list", "--json"))
    assert [(one["id"], one["name"], one["state"]) for one in listed] == [
        (1, "old", "expired"),
        (2, "kitchen", "revoked"),
        (3, "porch", "live"),
    ]


@pytest.mark.parametrize(
    "command", ["tokens list", "users list", "customers list", "blacklist list", "receipts"]
)
def test_looking_makes_no_database(command: str, tmp_path: Path) -> None:
    nowhere = tmp_path / "mistyped.db"

    words = refused(1, *command.split(), "--database", f"sqlite:///{nowhere}")

    assert words.startswith(f"Error: there is no database {nowhere}: name another with --database")
    assert not nowhere.exists()


def test_an_empty_list_says_what_to_do() -> None:
    done("migrate")
    assert done("tokens", "list") == "there are none: sampler backend tokens add NAME --scope …\n"
    assert json.loads(done("tokens", "list", "--json")) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["add", "kitchen"], "Missing option '--scope'"),
        (["add", "kitchen", "--scope", "write"], "'write' is not one of 'write:A'"),
        (["add", "7", "--scope", "read"], "and is no number: revoke takes those for ids"),
        (["add", "a\nb", "--scope", "read"], "a name has 1 to 100 printable characters"),
        (["add", "x" * 101, "--scope", "read"], "a name has 1 to 100 printable characters"),
        (["add", "kitchen", "--scope", "read", "--expires", "1y"], "'1y' is no duration: write it as 90d"),
        (["add", "kitchen", "--scope", "read", "--expires", "0d"], "'0d' is no duration: write it as 90d"),
    ],
)
def test_a_wrong_token_is_a_usage_error(arguments: list[str], words: str) -> None:
    assert words in refused(2, "tokens", *arguments)


def test_a_name_that_is_taken_names_the_cure() -> None:
    done("tokens", "add", "kitchen", "--scope", "read")

    words = refused(1, "tokens", "add", "kitchen", "--scope", "read")
    assert words.endswith("choose another name, or revoke it: sampler backend tokens revoke kitchen")


def test_who_is_not_there_cannot_be_revoked() -> None:
    words = refused(1, "tokens", "revoke", "kitchen")
    assert words == "Error: there is no token kitchen to revoke: sampler backend tokens list"


def test_beyond_loopback_it_does_not_start_without_a_token(serve: Serve, tmp_path: Path) -> None:
    with pytest.raises(
        CannotStart, match=r"make one with `sampler backend tokens add NAME --scope …`, or say --open"
    ):
        serve(host="0.0.0.0")
    token_in(f"sqlite:///{tmp_path / 'backend.db'}", "read", lasts_s=-1)
    with pytest.raises(CannotStart):
        serve(host="0.0.0.0")

    token = token_in(f"sqlite:///{tmp_path / 'backend.db'}", "read", name="live")
    client = serve(host="0.0.0.0")
    assert status(client, "GET", "/api/temperature", None) == 401
    assert status(client, "GET", "/api/temperature", token) == 200


def test_open_says_that_the_network_is_trusted(serve: Serve) -> None:
    assert serve(host="0.0.0.0", open=True).get("/api/temperature").status_code == 200


def test_the_command_tells_what_to_do_and_ends() -> None:
    words = refused(1, "--host", "0.0.0.0", "--port", "0")
    assert words.startswith(
        "Error: on 0.0.0.0 devices and services need a token, and there is none: make one"
    )
    assert refused(1, "--host", "0.0.0.0", "--port", "0", "--closed") == words


@pytest.mark.parametrize("origin", ["*", "example.org", "https://example.org/", "https://a b", "ftp://x"])
def test_an_origin_is_named_as_browsers_do(origin: str) -> None:
    assert "is no origin: write it as https://example.org" in refused(2, "--cors", origin, "--port", "0")


@pytest.mark.usefixtures("database_url")
def test_receipts_are_shown_newest_first_beside_a_running_backend(serve: Serve) -> None:
    client = serve()
    post(client, document(min=None), **{"X-Device": "porch", "X-Request-Id": "n-1"})
    post(client, b"\x1b[31m{", **{"X-Request-Id": "n-2"})
    client.get("/receipts")

    newest, oldest = done("receipts").splitlines()
    assert oldest.endswith(
        '  400 POST /api/temperature  device porch  {"Min":["The Min field is required."]}  [n-1]'
    )
    assert "  400 POST /api/temperature  -  " in newest
    assert newest.endswith("  [n-2]")
    assert "\x1b" not in newest
    assert done("receipts", "--who", "device porch") == f"{oldest}\n"
    assert done("receipts", "--since", "1h", "--limit", "1") == f"{newest}\n"
    assert done("receipts", "--status", "415") == "nothing was refused\n"
    assert done("receipts", "--endpoint", "/data") == "nothing was refused\n"
    told = json.loads(done("receipts", "--json"))
    assert [receipt["body"] for receipt in told] == ["\x1b[31m{", json.dumps(document(min=None))]


@pytest.mark.parametrize("command", [["tokens"], ["tokens", "add"], ["tokens", "revoke"], ["receipts"]])
def test_help_has_examples(command: list[str]) -> None:
    assert f"  sampler backend {command[0]} " in done(*command, "--help").partition("Example")[2]
