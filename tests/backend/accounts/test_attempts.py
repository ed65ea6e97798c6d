"""How often a password may be tried, and who is held up by whom."""

import pytest

from sampler.backend.accounts import attempts as module
from sampler.backend.accounts.attempts import Attempts, TooMany, network

HOME, ELSEWHERE = "198.51.100.7", "203.0.113.9"
MINUTE = 60.0


@pytest.fixture
def attempts() -> Attempts:
    return Attempts()


def waits(attempts: Attempts, account: str = "ada", address: str = HOME, now: float = 0.0) -> int:
    """Try a wrong password; how many seconds are to be waited before it is even looked at, 0 if it was."""
    try:
        attempts.begin(account, address, now)
    except TooMany as error:
        return error.wait_s
    return 0


def test_ten_wrong_ones_in_a_quarter_of_an_hour_and_then_none(attempts: Attempts) -> None:
    assert [waits(attempts, now=n) for n in range(10)] == [0] * 10

    assert waits(attempts, now=MINUTE) == 14 * 60 + 1
    assert waits(attempts, now=15 * MINUTE - 1) == 2
    assert waits(attempts, now=15 * MINUTE) == 0


def test_those_that_were_refused_do_not_make_it_longer(attempts: Attempts) -> None:
    for second in range(14 * 60):
        waits(attempts, now=second)

    assert [waits(attempts, now=15 * MINUTE + n) for n in range(10)] == [0] * 10


def test_the_same_account_is_open_from_another_address(attempts: Attempts) -> None:
    for _ in range(11):
        waits(attempts, address=ELSEWHERE)

    assert waits(attempts, address=HOME) == 0


def test_fifty_wrong_ones_from_an_address_whatever_the_accounts(attempts: Attempts) -> None:
    assert [waits(attempts, f"user{n}") for n in range(50)] == [0] * 50

    assert waits(attempts, "user50", now=MINUTE) == 14 * 60 + 1
    assert waits(attempts, "user50", ELSEWHERE) == 0


def test_a_hundred_wrong_ones_at_an_account_whatever_the_addresses(attempts: Attempts) -> None:
    assert [waits(attempts, address=f"192.0.2.{n}") for n in range(100)] == [0] * 100

    assert waits(attempts, address=ELSEWHERE, now=MINUTE) == 14 * 60 + 1
    assert waits(attempts, "bob", ELSEWHERE) == 0


def test_nobody_can_shut_a_user_out_of_where_that_user_has_logged_in(attempts: Attempts) -> None:
    attempts.begin("ada", HOME, 0)
    attempts.succeeded("ada", HOME)
    for n in range(250):
        waits(attempts, address=f"192.0.2.{n}", now=1)

    assert waits(attempts, address=ELSEWHERE, now=2) > 0
    assert waits(attempts, address=HOME, now=2) == 0


def test_a_success_forgets_the_failures_before_it(attempts: Attempts) -> None:
    for _ in range(9):
        waits(attempts)
    attempts.begin("ada", HOME, 1)
    attempts.succeeded("ada", HOME)

    assert [waits(attempts, now=2) for _ in range(10)] == [0] * 10
    assert waits(attempts, now=2) > 0


def test_a_success_forgets_also_what_was_wrong_from_other_addresses(attempts: Attempts) -> None:
    for n in range(99):
        waits(attempts, address=f"192.0.2.{n}")
    attempts.begin("ada", HOME, 1)
    attempts.succeeded("ada", HOME)

    assert [waits(attempts, address=f"203.0.113.{n}", now=2) for n in range(100)] == [0] * 100


def test_an_attackers_own_account_does_not_clear_the_address(attempts: Attempts) -> None:
    for n in range(49):
        waits(attempts, f"victim{n}")
    for _ in range(5):
        attempts.begin("attacker", HOME, 1)
        attempts.succeeded("attacker", HOME)

    assert waits(attempts, "victim49", now=2) == 0
    assert waits(attempts, "victim50", now=2) > 0


def test_any_number_of_logins_that_succeed_may_come_from_one_address(attempts: Attempts) -> None:
    for n in range(200):
        attempts.begin(f"user{n}", HOME, 0)
        attempts.succeeded(f"user{n}", HOME)

    assert waits(attempts, "user200") == 0


def test_attempts_that_came_to_nothing_are_taken_back(attempts: Attempts) -> None:
    for _ in range(200):
        attempts.begin("ada", HOME, 0)
        attempts.take_back("ada", HOME)

    assert waits(attempts) == 0


def test_many_at_once_are_counted_before_any_of_them_is_known_to_be_wrong(attempts: Attempts) -> None:
    assert [waits(attempts) == 0 for _ in range(12)] == [True] * 10 + [False] * 2


def test_memory_is_bounded_and_the_oldest_are_forgotten(
    attempts: Attempts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_MAX_REMEMBERED", 100)
    for _ in range(10):
        waits(attempts)
    for n in range(100):
        waits(attempts, f"user{n}", f"192.0.2.{n}", now=1)

    assert waits(attempts, now=2) == 0


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff::", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("testclient", "testclient"),
        ("", ""),
        ("x" * 1000, "x" * 64),
    ],
)
def test_an_address_is_what_one_client_has(address: str, counted: str) -> None:
    assert network(address) == counted
