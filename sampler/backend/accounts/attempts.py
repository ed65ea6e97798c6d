"""How often passwords may be tried: counted in the memory of each process, bounded. Pure but for that."""

import ipaddress
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field

WINDOW_S = 15 * 60
PER_ACCOUNT_AND_ADDRESS = 10
PER_ADDRESS = 50
PER_ACCOUNT = 100
_MAX_REMEMBERED = 50_000


class TooMany(Exception):  # noqa: N818 - it says what it is
    """Too many passwords were tried. The client is to come again after `wait_s` seconds."""

    def __init__(self, wait_s: int) -> None:
        super().__init__(f"too many passwords were tried: come again in {wait_s} s")
        self.wait_s = wait_s


@dataclass(slots=True)
class _Counter:
    """Counts by key; each key's count begins anew a window after its first."""

    limit: int
    _counts: OrderedDict[Hashable, tuple[float, int]] = field(default_factory=OrderedDict)

    def wait(self, key: Hashable, now: float) -> float:
        """Give how long the key has to wait, 0 if it need not."""
        began, count = self._counts.get(key, (now, 0))
        return max(0.0, began + WINDOW_S - now) if count >= self.limit else 0.0

    def add(self, key: Hashable, now: float) -> None:
        began, count = self._counts.get(key, (now, 0))
        if now - began >= WINDOW_S:
            began, count = now, 0
            self._counts.pop(key, None)  # to the end: those who began first come first
        self._counts[key] = began, count + 1
        if len(self._counts) > _MAX_REMEMBERED:
            self._counts.popitem(last=False)

    def take_back(self, key: Hashable) -> None:
        began, count = self._counts.get(key, (0.0, 0))
        if count > 1:
            self._counts[key] = began, count - 1
        else:
            self.forget(key)

    def forget(self, key: Hashable) -> None:
        self._counts.pop(key, None)


class Attempts:
    """Lets passwords be tried until too many were wrong: at an account from an address, from an address, at an account.

    An attempt counts from its beginning, or many at once would all be let in. Whoever has logged in from an address
    is not held up there by what others try elsewhere: so nobody can shut a user out of the places it is used at.
    """

    def __init__(self) -> None:
        self._pairs = _Counter(PER_ACCOUNT_AND_ADDRESS)
        self._addresses = _Counter(PER_ADDRESS)
        self._accounts = _Counter(PER_ACCOUNT)
        self._at_home: OrderedDict[tuple[str, str], None] = OrderedDict()

    def begin(self, account: str, address: str, now: float) -> None:
        """Count an attempt at that time in seconds, on a clock that only goes on. Raises TooMany."""
        place = network(address)
        wait = max(self._pairs.wait((account, place), now), self._addresses.wait(place, now))
        if (account, place) not in self._at_home:
            wait = max(wait, self._accounts.wait(account, now))
        if wait:
            raise TooMany(int(wait) + 1)
        self._pairs.add((account, place), now)
        self._addresses.add(place, now)
        self._accounts.add(account, now)

    def take_back(self, account: str, address: str) -> None:
        """Uncount an attempt of which nobody knows whether the password was wrong."""
        place = network(address)
        self._pairs.take_back((account, place))
        self._addresses.take_back(place)
        self._accounts.take_back(account)

    def succeeded(self, account: str, address: str) -> None:
        """Forget what was wrong before at this account, and uncount this attempt at the address."""
        place = network(address)
        self._pairs.forget((account, place))
        self._addresses.take_back(place)
        self._accounts.forget(account)
        self._at_home[account, place] = None
        self._at_home.move_to_end((account, place))
        if len(self._at_home) > _MAX_REMEMBERED:
            self._at_home.popitem(last=False)


def network(address: str) -> str:
    """Give what one client has: an IPv4 address, or the /64 network that an IPv6 client chooses its addresses from."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(parsed, ipaddress.IPv4Address):
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.ip_network((int(parsed), 64), strict=False))
