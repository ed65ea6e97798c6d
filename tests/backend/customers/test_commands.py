"""What an operator does about customers and the blacklist, also beside a running backend."""

import json
from pathlib import Path

import pytest

from tests.backend.commands import done, refused
from tests.backend.conftest import Serve
from tests.backend.customers.speaking import counted, document, post

pytestmark = pytest.mark.usefixtures("database_in_environ")


@pytest.mark.usefixtures("database_url")
def test_the_sample_is_the_published_one_and_can_be_loaded_again() -> None:
    assert done("customers", "load-sample") == "added: 4 customers, 3 addresses, 3 agents\n"
    assert done("customers", "load-sample") == "added: 0 customers, 0 addresses, 0 agents\n"

    assert done("customers", "list") == (
        "1  active      Big News Media Corp\n"
        "2  active      Online Mega Store\n"
        "3  not active  Nachoroo Delivery\n"
        "4  active      Euro Telecom Group\n"
    )
    assert json.loads(done("blacklist", "list", "--json")) == {
        "addresses": ["0.0.0.0", "127.0.0.1", "255.255.255.255"],
        "agents": ["A6-Indexer", "Googlebot", "Googlebot-News"],
    }


def test_loading_the_sample_leaves_what_is_there_as_it_is() -> None:
    done("customers", "add", "3", "Somebody Else")

    assert done("customers", "load-sample") == "added: 3 customers, 3 addresses, 3 agents\n"
    assert "3  active      Somebody Else\n" in done("customers", "list")


@pytest.mark.usefixtures("database_url")
def test_a_running_backend_knows_of_a_change_with_its_next_request(serve: Serve) -> None:
    client = serve()
    body = document(customerID=1)
    assert post(client, body).status_code == 404

    done("customers", "add", "1", "Corner Shop")
    assert post(client, body).status_code == 200
    done("customers", "disable", "1")
    assert post(client, body).json()["reason"] == "inactive-customer"
    done("customers", "enable", "1")
    done("blacklist", "add", "--address", "::ffff:123.234.56.78", "--agent", "firefox")
    assert post(client, body).json()["reason"] == "blacklisted-address"
    done("blacklist", "remove", "--address", "123.234.56.78")
    assert post(client, body).json()["reason"] == "blacklisted-agent"
    done("blacklist", "remove", "--agent", "Firefox")
    assert post(client, body).status_code == 200

    assert counted(client) == {"1": (5, 3)}


def test_customers_are_listed_for_programs_too() -> None:
    done("migrate")
    assert json.loads(done("customers", "list", "--json")) == []
    done("customers", "add", "7", "Blumen Müller", "--inactive")

    assert json.loads(done("customers", "list", "--json")) == [
        {"number": 7, "name": "Blumen Müller", "active": False}
    ]


def test_empty_lists_say_so() -> None:
    done("migrate")
    assert (
        done("customers", "list") == "there is no customer yet: sampler backend customers add NUMBER NAME\n"
    )
    assert done("blacklist", "list") == "nothing is listed\n"


def test_changes_are_told() -> None:
    assert done("customers", "add", "7", "Corner Shop") == "added: 7  active      Corner Shop\n"
    assert done("customers", "disable", "7") == "7  not active  Corner Shop\n"
    assert done("customers", "enable", "7") == "7  active      Corner Shop\n"
    assert done("blacklist", "add", "--agent", "Foo", "--address", "2001:DB8::0:7") == (
        "2001:db8::7 added\nFoo added\n"
    )
    assert done("blacklist", "add", "--agent", "FOO") == "FOO was listed already\n"
    assert done("blacklist", "list") == "address  2001:db8::7\nagent    Foo\n"
    assert done("blacklist", "remove", "--agent", "foo") == "removed: foo\n"


def test_a_taken_number_is_refused_with_who_has_it() -> None:
    done("customers", "add", "7", "Corner Shop")

    assert refused(1, "customers", "add", "7", "Another", "--inactive") == (
        "Error: number 7 is taken by Corner Shop: choose another"
    )
    assert done("customers", "list") == "7  active      Corner Shop\n"


def test_an_unknown_number_names_the_cure() -> None:
    for verb in ("enable", "disable"):
        assert refused(1, "customers", verb, "7") == (
            "Error: there is no customer 7: sampler backend customers list shows who there is"
        )


def test_what_is_not_listed_is_refused_and_nothing_is_removed() -> None:
    done("blacklist", "add", "--address", "192.0.2.7")

    assert refused(
        1, "blacklist", "remove", "--address", "192.0.2.7", "--agent", "Foo", "--agent", "Bar"
    ) == ("Error: Foo and Bar not listed, nothing was changed: sampler backend blacklist list")
    assert done("blacklist", "list") == "address  192.0.2.7\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["customers", "add", "one", "Shop"], "'one' is not a valid integer"),
        (["customers", "add", "--", "-1", "Shop"], "-1 is not in the range 0<=x<=9223372036854775807"),
        (["customers", "add", "9223372036854775808", "Shop"], "is not in the range"),
        (["customers", "add", "7", " "], "it must have 1 to 200 printable characters"),
        (["customers", "add", "7", "a\nb"], "it must have 1 to 200 printable characters"),
        (["customers", "add", "7", "a" * 201], "it must have 1 to 200 printable characters"),
        (["customers", "add", "7"], "Missing argument 'NAME'"),
        (["blacklist", "add"], "name an --address or an --agent"),
        (["blacklist", "remove"], "name an --address or an --agent"),
        (["blacklist", "add", "--address", "1.2.3"], "write one such as 192.0.2.7 or 2001:db8::7"),
        (["blacklist", "add", "--address", "fe80::1%eth0"], "has a zone, which means nothing elsewhere"),
        (["blacklist", "add", "--agent", " () "], "' () ' is none"),
        (["blacklist", "add", "--agent", "a" * 201], "1 to 200 printable characters"),
        (["customers", "list", "--database", "mysql://x"], "names no database"),
    ],
)
def test_a_wrong_use_is_a_usage_error(arguments: list[str], words: str) -> None:
    assert words in refused(2, *arguments)


def test_a_database_that_cannot_be_opened_names_the_cure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")

    words = refused(1, "customers", "add", "1", "A", "--database", f"sqlite:///{tmp_path}/file/backend.db")

    assert words.endswith("name a file that can be written with --database")


def test_every_command_has_examples() -> None:
    for command in (
        ["customers"],
        *(["customers", verb] for verb in ("add", "enable", "disable", "list", "load-sample")),
        ["blacklist"],
        *(["blacklist", verb] for verb in ("add", "remove", "list")),
    ):
        assert "Example" in (words := done(*command, "--help"))
        assert f"  sampler backend {' '.join(command)}" in words.partition("Example")[2]
