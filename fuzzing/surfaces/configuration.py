"""Configuration: a TOML file, the environment and --set, apart by NUL bytes, lines apart by newlines."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from fuzzing.places import folder
from fuzzing.target import Target
from sampler.device.assembly import plan_of
from sampler.device.config import Config, ConfigError, changes, flat, kinds, warnings
from sampler.device.limits import _LIMITS, DAY_S, shown
from sampler.device.settings import load
from sampler.device.window import Window
from sampler.device.wire.route import Route

_NS = 1_000_000_000


def one(data: bytes) -> None:
    text, environ, overrides = [*data.split(b"\0", 2), b"", b""][:3]
    try:
        config = load(written(text), lines(overrides), dict(pairs(environ)))
    except ConfigError as error:
        check_words(error)
        return
    check_use(config)
    check_round_trip(config)


def written(text: bytes) -> Path:
    file = folder() / "sampler.toml"
    file.write_bytes(text)
    return file


def lines(text: bytes) -> list[str]:
    # As Python reads arguments and the environment.
    return text.decode("utf-8", "surrogateescape").split("\n") if text else []


def pairs(text: bytes) -> Iterator[tuple[str, str]]:
    for line in lines(text):
        name, equals, value = line.partition("=")
        if name and equals:
            yield name, value


def check_words(error: ConfigError) -> None:
    """See that each problem has its place, what is wrong and the cure, in a line that a terminal can show."""
    assert error.problems
    for problem in error.problems:
        assert problem.said
        assert problem.wrong
        assert problem.cure
        assert str(problem).isprintable()


def check_use(config: Config) -> None:
    """See that what was taken can be used."""
    assert config.adc.min_c < config.adc.max_c
    plan = plan_of(config)
    assert plan.journal > 0
    assert plan.length >= plan.period > 0
    for opened in (0, 1, 12_345_678_901):
        closes = plan.closes(opened, 1_700_000_000 * _NS)
        assert closes - opened >= plan.period
        window = Window(plan.adc, "boot", opened, closes, plan.period, 0, opened)
        for code in (0, plan.adc.full_scale // 3, plan.adc.full_scale):
            window.take(code)
        made = window.close()
        assert made is not None
        assert config.adc.min_c - 0.01 <= made.min <= made.average <= made.max <= config.adc.max_c + 0.01
    if plan.align == "utc":
        assert (DAY_S * _NS) % plan.length == 0
    assert changes(config, config) == []
    assert all(words.isprintable() for words in warnings(config))
    route = Route(config.backend.url, config.backend.proxy)
    assert route.host
    assert route.address("/api").endswith("/api")


def check_round_trip(config: Config) -> None:
    """See that what a setting is shown as says the same again, where it is not cut or hidden."""
    values = {key: said(key, value) for key, value in flat(config).items()}
    sayable = {key: text for key, text in values.items() if text}
    document = "".join(f"{key} = {text}\n" for key, text in sayable.items())
    again = load(written(document.encode()), (), {})
    assert [change for change in changes(config, again) if change.key in sayable] == []


def said(key: str, value: Any) -> str:
    text = shown(value)
    if len(text) > 79 or not text.isprintable() or "//***@" in text:
        return ""
    is_path = kinds()[key] not in {str, int, float, bool} and "Path" in str(kinds()[key])
    return text.replace("$", "$$") if is_path else text


def seeds() -> Iterator[bytes]:
    shipped = Path("deploy/sampler.toml").read_bytes()
    yield shipped
    for section in shipped.split(b"\n["):
        yield b"[" + section.removeprefix(b"[")
    for key, bounds in _LIMITS.items():
        yield from (f"{key} = {bound}\n".encode() for bound in bounds)
    yield b"adc.min_c = 4\nadc.max_c = 5\nretry.wait_s = 4\nretry.wait_max_s = 5\n"
    yield b"adc.bits = " + b"9" * 4400
    yield b"adc.bits = " + b"[" * 1100
    yield b'sensor.name = "kitchen"\nwindow.align = "utc"\nadc.bits = 10\nadc.min_c = -40\n'
    yield b'[backend]\nurl = "https://a:b@example.com/x"\nproxy = "environment"\ntoken_file = "${HOME}/t"\n\0HOME=/root'
    yield b"\0SAMPLER_WINDOW_LENGTH_S=60\nSAMPLER_SENSOR_PERIOD_S=0.05\0window.align=utc\nretry.attempts=5"
    yield b"\0SAMPLER_SERVICE_HOST=1\nSAMPLER_TOKEN=x\nXDG_STATE_HOME=/s\nHOME=/h\nSTATE_DIRECTORY=/a:/b"
    yield b'[[sensor]]\nname=1\n[adc]\nbits=0x1f\nv_ref=nan\nmin_c=inf\n[spool]\npath=""\nmax_measurements=1e3'


TARGET = Target(
    "configuration",
    one,
    seeds,
    (
        *(key.encode() for key in kinds()),
        *(b"SAMPLER_" + key.replace(".", "_").upper().encode() + b"=" for key in kinds()),
        *(
            b"true",
            b"inf",
            b"nan",
            b"utc",
            b"iio",
            b"wrap",
            b"stop",
            b"follow",
            b'"""',
            b"'''",
            b"\\u0000",
            b"${",
            b"1e-9",
        ),
    ),
    longest=6000,
    quick=60,
)
