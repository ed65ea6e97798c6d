"""Write the simulated ADC: a day of temperatures, one code a line for each of its 86 400 seconds.

    python data/make_temperature.py          writes data/temperature.txt

The same seed gives the same bytes on every machine and with every Python: there is nothing here but
`Random.random` and plain arithmetic, no sine or logarithm that a library may round in its own way.
"""

from collections.abc import Iterator
from pathlib import Path
from random import Random

SEED = 20210412
SECONDS = 86_400
SUNRISE, HOTTEST = 5 * 3600, 15 * 3600
NIGHT_C, DAY_C = -1.5, 19.5
SPIKES_A_DAY = 40


def codes(seed: int = SEED) -> Iterator[int]:
    """Give the day's codes, 0 to 4095 over -50 to +50 °C."""
    random = Random(seed)
    weather = 0.0
    for second in range(SECONDS):
        weather += (random.random() - 0.5) / 30 - weather / 7200
        if random.random() < SPIKES_A_DAY / SECONDS:
            yield int(random.random() * 4096)
        else:
            yield code(sunshine(second) + weather + noise(random))


def sunshine(second: int) -> float:
    """Give the fair-weather temperature in °C: lowest at sunrise, highest at three, smooth between."""
    if SUNRISE <= second < HOTTEST:
        rise = smooth((second - SUNRISE) / (HOTTEST - SUNRISE))
    else:
        rise = 1 - smooth((second - HOTTEST) % SECONDS / (SECONDS - HOTTEST + SUNRISE))
    return NIGHT_C + (DAY_C - NIGHT_C) * rise


def smooth(x: float) -> float:
    """Go from 0 to 1 as x does, starting and arriving level."""
    return x * x * (3 - 2 * x)


def noise(random: Random) -> float:
    """Give a sensor's noise in °C: a bell of some codes' width, the sum of four even throws."""
    return (random.random() + random.random() + random.random() + random.random() - 2) / 8


def code(celsius: float) -> int:
    """Convert as the ADC does, to the nearest code within its range."""
    return min(4095, max(0, round((celsius + 50) * 40.95)))


def text(seed: int = SEED) -> str:
    """Give the file: codes aligned to the right in four columns."""
    return "".join(f"{value:4d}\n" for value in codes(seed))


if __name__ == "__main__":
    Path(__file__).with_name("temperature.txt").write_text(text(), encoding="ascii", newline="\n")
