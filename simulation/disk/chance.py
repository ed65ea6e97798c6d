"""SQLite's dice, loaded."""

from random import Random

import apsw


class _Chance(apsw.VFS):
    def __init__(self, rng: Random) -> None:
        super().__init__("simulated-chance", "", makedefault=True)
        self._rng = rng

    def xRandomness(self, numbytes: int) -> bytes:  # noqa: N802 - SQLite's name
        # SQLite's own way notes by this in which process it is: else the first file to be opened has it draw anew.
        super().xRandomness(numbytes)
        return self._rng.randbytes(numbytes)


def seed_sqlite(rng: Random) -> None:
    """Let all that SQLite draws from now on come from this: spools' names, salts of logs. For the whole process."""
    chance = _Chance(rng)
    apsw.randomness(0)  # forgets its seed: the next one is asked of the default
    apsw.randomness(1)
    chance.unregister()
