"""What the daemon takes as its configuration, and what it tells a user who got it wrong."""

import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from sampler.device import settings as sources
from sampler.device.config import (
    BackendConfig,
    Config,
    ConfigError,
    LogConfig,
    SensorConfig,
    WindowConfig,
    changes,
    kinds,
    spool_path,
    warnings,
)
from sampler.device.settings import load

EXAMPLE = Path(__file__).parents[2] / "deploy" / "sampler.toml"


@pytest.fixture(autouse=True)
def _no_system_file(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "DEFAULT_FILE", tmp_path / "none.toml")


@pytest.fixture
def written(tmp_path, monkeypatch):
    """Write sampler.toml into the working directory, so that messages name it shortly."""
    monkeypatch.chdir(tmp_path)

    def write(text):
        Path("sampler.toml").write_bytes(text if isinstance(text, bytes) else text.encode())
        return Path("sampler.toml")

    return write


def refusal(*arguments, **environ):
    with pytest.raises(ConfigError) as caught:
        load(*arguments, environ=environ)
    return str(caught.value)


# What is right


def test_without_any_source_the_published_defaults_hold():
    config = load(environ={"HOME": "/home/me"})
    assert (config.sensor.source, config.sensor.path, config.sensor.at_end) == (
        "file",
        Path("data/temperature.txt"),
        "wrap",
    )
    assert config.sensor.period_s == 0.1
    assert (config.adc.bits, config.adc.v_ref, config.adc.min_c, config.adc.max_c) == (12, 3.3, -50.0, 50.0)
    assert config.window == WindowConfig(length_s=120.0, align="start", journal_s=10.0)
    assert (config.backend.url, config.backend.timeout_s) == ("http://localhost:5000", 10.0)
    assert (config.backend.average_key, config.backend.quality) == ("auto", False)
    assert (config.backend.token_file, config.backend.ca_file) == (None, None)
    assert (config.backend.cert_file, config.backend.key_file, config.backend.proxy) == (None, None, "")
    assert (config.retry.attempts, config.retry.wait_s, config.retry.wait_max_s) == (3, 1.0, 30.0)
    assert (config.spool.max_measurements, config.clock.wait_s) == (262_800, 600.0)
    assert (config.log.level, config.log.format) == ("info", "auto")


def test_the_device_is_named_after_its_host_unless_it_has_a_name(monkeypatch):
    monkeypatch.setattr("socket.gethostname", lambda: "greenhouse")
    assert load(environ={}).sensor.name == "greenhouse"
    assert load(None, ["sensor.name=Gewächshaus 2"], {}).sensor.name == "Gewächshaus 2"


def test_the_example_has_every_key_with_its_default():
    uncommented = re.sub(r"(?m)^#(?=\w+ = )", "", EXAMPLE.read_text())
    keys, section = [], ""
    for line in uncommented.splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif re.match(r"\w+ = ", line):
            keys.append(f"{section}.{line.split(' ')[0]}")
    assert keys == list(kinds())


def test_the_example_changes_nothing_until_a_key_is_uncommented(tmp_path):
    assert load(EXAMPLE, environ={}) == load(environ={})
    uncommented = tmp_path / "all.toml"
    uncommented.write_text(re.sub(r"(?m)^#(?=\w+ = )", "", EXAMPLE.read_text()))
    defaults = ["sensor.name=greenhouse", "spool.path=/var/lib/sampler/spool.db"]
    assert load(uncommented, environ={}) == load(None, defaults, {})


def test_the_command_line_wins_over_the_environment_and_that_over_the_file(written):
    file = written("[retry]\nattempts = 4\nwait_s = 4\nwait_max_s = 40\n")
    environ = {"SAMPLER_RETRY_WAIT_S": "5", "SAMPLER_RETRY_WAIT_MAX_S": "50"}
    retry = load(file, ["retry.wait_max_s=6", "retry.wait_max_s=60"], environ).retry
    assert (retry.attempts, retry.wait_s, retry.wait_max_s) == (4, 5.0, 60.0)


def test_the_system_wide_file_counts_if_it_exists_and_none_is_named(written, monkeypatch):
    monkeypatch.setattr(sources, "DEFAULT_FILE", written("[window]\nlength_s = 60\n"))
    assert load(environ={}).window.length_s == 60.0


def test_whole_numbers_do_where_fractions_are_asked_for(written):
    length = load(written("[window]\nlength_s = 60\n"), environ={}).window.length_s
    assert (length, type(length)) == (60.0, float)


@pytest.mark.parametrize(("text", "meant"), [("true", True), ("Yes", True), ("0", False), ("off", False)])
def test_the_environment_spells_booleans_in_several_ways(text, meant):
    assert load(environ={"SAMPLER_BACKEND_QUALITY": text}).backend.quality is meant


def test_a_file_saved_on_windows_is_read(written):
    assert load(written(b"\xef\xbb\xbf[retry]\r\nattempts = 4\r\n"), environ={}).retry.attempts == 4


def test_small_windows_are_fine_for_tests():
    config = load(None, ["window.length_s=0.05", "sensor.period_s=0.01"], {})
    assert config.window.length_s / config.sensor.period_s == 5


@pytest.mark.parametrize("url", ["https://h", "http://[::1]:8080", "http://127.0.0.1:5000/base/", "HTTP://H"])
def test_addresses_may_have_a_port_and_a_base_path(url):
    assert load(None, [f"backend.url={url}"], {}).backend.url == url


@pytest.mark.parametrize("proxy", ["", "environment", "http://proxy:3128"])
def test_a_proxy_is_none_the_environments_or_an_address(proxy):
    assert load(None, [f"backend.proxy={proxy}"], {}).backend.proxy == proxy


def test_paths_take_variables_so_that_a_credential_of_systemd_can_be_named(written):
    file = written(
        '[backend]\ntoken_file = "${CREDENTIALS_DIRECTORY}/token"\n[spool]\npath = "$$HOME/s.db"\n'
    )
    config = load(file, environ={"CREDENTIALS_DIRECTORY": "/run/credentials/sampler.service"})
    assert config.backend.token_file == Path("/run/credentials/sampler.service/token")
    assert config.spool.path == Path("$HOME/s.db")


def test_what_kubernetes_says_about_a_service_called_sampler_is_no_setting():
    names = ["SERVICE_HOST", "SERVICE_PORT_HTTP", "PORT", "PORT_5000_TCP", "PORT_5000_TCP_PROTO"]
    environ = {
        f"SAMPLER_{service}{name}": "tcp://10.0.0.1:5000" for name in names for service in ("", "BACKEND_")
    }
    assert load(environ=environ).backend.url == "http://localhost:5000"


# Where the spool is


@pytest.mark.parametrize(
    ("environ", "root", "path"),
    [
        (
            {"STATE_DIRECTORY": "/var/lib/private/sampler", "HOME": "/h"},
            False,
            "/var/lib/private/sampler/spool.db",
        ),
        ({"STATE_DIRECTORY": "/var/lib/a:/var/lib/b"}, True, "/var/lib/a/spool.db"),
        ({"HOME": "/root", "XDG_STATE_HOME": "/x"}, True, "/var/lib/sampler/spool.db"),
        ({"HOME": "/h", "XDG_STATE_HOME": "/x"}, False, "/x/sampler/spool.db"),
        ({"HOME": "/h", "XDG_STATE_HOME": "relative"}, False, "/h/.local/state/sampler/spool.db"),
        ({"HOME": "/h"}, False, "/h/.local/state/sampler/spool.db"),
        ({}, False, "/var/lib/sampler/spool.db"),
    ],
)
def test_the_spool_lies_where_state_belongs(environ, root, path):
    assert spool_path(environ, root=root) == Path(path)


def test_the_spools_place_follows_the_environment_that_is_given():
    assert load(environ={"STATE_DIRECTORY": "/srv/state"}).spool.path == Path("/srv/state/spool.db")


# What a user is told: in the file


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[window]\nlength = 60", "window.length = 60: no such key; did you mean window.length_s?"),
        ("[sensor]\nlength_s = 60", "sensor.length_s = 60: no such key; did you mean window.length_s?"),
        (
            "[log]\nverbose = 1",
            "log.verbose = 1: no such key; [log] has level, format",
        ),
        ("length_s = 60", "length_s = 60: no such key; did you mean window.length_s?"),
        ("wait_s = 60", "wait_s = 60: no such key; did you mean retry.wait_s or clock.wait_s?"),
        (
            "zzz = 60",
            "zzz = 60: no such key; the sections are sensor, adc, window, backend, retry, spool, clock, log",
        ),
        ("[windows]\nlength_s = 1", "[windows]: no such section; did you mean [window]?"),
        (
            "[mqtt]",
            "[mqtt]: no such section; "
            "the sections are sensor, adc, window, backend, retry, spool, clock, log",
        ),
        ("window = 60", "window = 60: a section, not a key; write [window], and its keys below it"),
        ("[[window]]", "window = […]: a section, not a key; write [window], and its keys below it"),
        ('[window]\nlength_s = "60"', 'window.length_s = "60": not a number; give a number, such as 120.0'),
        ("[window]\nlength_s = true", "window.length_s = true: not a number; give a number, such as 120.0"),
        ("[window]\nlength_s = {}", "window.length_s = {…}: not a number; give a number, such as 120.0"),
        (
            "[retry]\nattempts = 3.0",
            "retry.attempts = 3.0: not a whole number; give a whole number, such as 3",
        ),
        (
            "[retry]\nattempts = false",
            "retry.attempts = false: not a whole number; give a whole number, such as 3",
        ),
        (
            '[backend]\nquality = "true"',
            'backend.quality = "true": neither true nor false; give true or false, without quotes',
        ),
        (
            "[backend]\nquality = 1",
            "backend.quality = 1: neither true nor false; give true or false, without quotes",
        ),
        (
            "[backend]\nurl = 5000",
            'backend.url = 5000: not a string; put it in quotes, such as "http://localhost:5000"',
        ),
        ("[spool]\npath = 1", "spool.path = 1: not a string; put the path in quotes"),
        ('[spool]\npath = ""', 'spool.path = "": no path; name a file'),
        ('[sensor]\npath = "a\\u0000b"', 'sensor.path = "a\\u0000b": no path; name a file'),
        ("[backend]\nca_file = [1]", "backend.ca_file = […]: not a string; put the path in quotes"),
        (
            "[log]\nlevel = 2021-04-12",
            "log.level = 2021-04-12: not debug, info, warning or error; choose one of them",
        ),
        (
            '[backend]\ntoken_file = "${CREDENTIALS_DIRECTORY}/token"',
            'backend.token_file = "${CREDENTIALS_DIRECTORY}/token": the environment has no '
            "CREDENTIALS_DIRECTORY; "
            "set it, or write the path in full",
        ),
        (
            '[sensor]\npath = "/a$"',
            'sensor.path = "/a$": a $ without a name; write ${NAME} for a variable, $$ for a dollar sign',
        ),
        (
            "[window]\nlength_s = 0x1" + 400 * "0",
            "window.length_s = 0x1" + 76 * "0" + "…: too large; give a number such as 120.0",
        ),
    ],
)
def test_a_wrong_file_is_told_with_key_and_cure(written, text, message):
    assert refusal(written(text)) == f"sampler.toml: {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[window]\nalign = utc\n", "sampler.toml, line 2, column 9: not TOML: Invalid value"),
        (
            "[window\n",
            "sampler.toml, line 1, column 8: not TOML: Expected ']' at the end of a table declaration",
        ),
        ("[log]\nlevel =", "sampler.toml, line 2, column 8: not TOML: Invalid value"),
        ('[log]\nlevel = """', "sampler.toml, line 2, column 12: not TOML: Unterminated string"),
        ("[log]\n[log]\n", "sampler.toml, line 2, column 5: not TOML: Cannot declare ('log',) twice"),
        ("[retry]\nattempts = " + 5000 * "1", "sampler.toml: not TOML: Exceeds the limit (4300 digits)"),
    ],
)
def test_what_is_no_toml_is_told_with_line_and_column(written, text, message):
    told = refusal(written(text))
    assert told.startswith(message)
    assert told.endswith('; write key = value, with "quotes" round text only')


def test_a_file_nested_without_end_is_no_toml(written):
    assert refusal(written("a = " + 5000 * "[")).startswith("sampler.toml: not TOML: maximum recursion depth")


def test_a_file_in_another_encoding_is_told_with_its_line(written):
    told = refusal(written("[sensor]\nname = 'Gewächshaus'".encode("latin-1")))
    assert told == "sampler.toml, line 2: not UTF-8; save the file as UTF-8"


def test_a_named_file_must_exist():
    assert refusal(Path("no.toml")) == "no.toml: no such file; name one that exists, or none for the defaults"


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    assert refusal(tmp_path) == f"{tmp_path}: not readable: Is a directory; see to its kind, owner and mode"


# What a user is told: in the environment and on the command line


def test_an_unknown_variable_is_told_with_the_nearest_name():
    told = refusal(SAMPLER_WINDOW_LENGTH="60")
    assert told == "SAMPLER_WINDOW_LENGTH=60: no such variable; did you mean SAMPLER_WINDOW_LENGTH_S?"


def test_a_variable_like_none_of_ours_is_told_how_ours_look():
    assert refusal(SAMPLER_QQ="1") == (
        "SAMPLER_QQ=1: no such variable; unset it; all are SAMPLER_SECTION_KEY"
    )


def test_a_wrong_variable_is_told():
    told = refusal(SAMPLER_SENSOR_PERIOD_S="100ms")
    assert told == "SAMPLER_SENSOR_PERIOD_S=100ms: not a number; give a number, such as 0.1"


def test_an_impossible_variable_is_told():
    told = refusal(SAMPLER_SENSOR_PERIOD_S="0")
    assert told == "SAMPLER_SENSOR_PERIOD_S=0: out of range; give 0.001 to 86400"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("window.length=60", "window.length=60: no such key; did you mean window.length_s?"),
        ("length_s=60", "length_s=60: no such key; did you mean window.length_s?"),
        ("window.length_s", "window.length_s: no value; write --set section.key=value"),
        ("retry.attempts=3.5", "retry.attempts=3.5: not a whole number; give a whole number, such as 3"),
        (
            "backend.quality=maybe",
            "backend.quality=maybe: neither true nor false; give true or false, without quotes",
        ),
        ("log.level=warn", 'log.level=warn: not debug, info, warning or error; did you mean "warning"?'),
        ("window.align=UTC", 'window.align=UTC: not start or utc; did you mean "utc"?'),
        ("sensor.at_end=rewind", "sensor.at_end=rewind: not wrap, stop or follow; choose one of them"),
        ("sensor.source=spi", "sensor.source=spi: not file or iio; choose one of them"),
        ("log.format=text", "log.format=text: not auto, human, journald or json; choose one of them"),
        (
            "backend.average_key=mean",
            "backend.average_key=mean: not auto, average, avg or both; choose one of them",
        ),
    ],
)
def test_a_wrong_override_is_told(override, message):
    assert refusal(None, [override]) == f"--set {message}"


# What a user is told: impossible values


@pytest.mark.parametrize(
    ("key", "values", "limits"),
    [
        ("sensor.period_s", ["0", "-0.1", "0.0009", "nan", "inf", "1e300"], "0.001 to 86400"),
        ("sensor.stuck_s", ["0", "-1", "nan"], "0.001 to 86400"),
        ("adc.bits", ["0", "33", "-12"], "1 to 32"),
        ("adc.v_ref", ["0", "-3.3", "inf"], "0.001 to 1000"),
        ("adc.min_c", ["-273.16", "-inf", "nan"], "-273.15 to 10000"),
        ("adc.max_c", ["1e9", "inf"], "-273.15 to 10000"),
        ("window.length_s", ["0", "-120", "nan", "86401"], "0.001 to 86400"),
        ("window.journal_s", ["0", "-10", "inf"], "0.001 to 86400"),
        ("backend.timeout_s", ["0", "-1", "inf", "3601"], "0.001 to 3600"),
        ("retry.attempts", ["0", "-3"], "1 to 1000"),
        ("retry.wait_s", ["-1", "nan"], "0 to 86400"),
        ("retry.wait_max_s", ["-1", "inf"], "0 to 86400"),
        ("spool.max_measurements", ["0", "-1", "10000000000"], "1 to 1000000000"),
        ("clock.wait_s", ["-1", "nan", "inf"], "0 to 31536000"),
    ],
)
def test_an_impossible_number_is_told_with_its_limits(key, values, limits):
    for value in values:
        assert refusal(None, [f"{key}={value}"]) == f"--set {key}={value}: out of range; give {limits}"


def test_infinities_of_toml_are_refused(written):
    told = refusal(written("[window]\nlength_s = inf"))
    assert told == "sampler.toml: window.length_s = inf: out of range; give 0.001 to 86400"


@pytest.mark.parametrize(
    ("overrides", "message"),
    [
        (
            ["window.length_s=60.05"],
            "--set window.length_s=60.05: no whole number of readings, one each 0.1 s (sensor.period_s); "
            "nearest: 60 or 60.1",
        ),
        (
            ["window.length_s=0.05"],
            "--set window.length_s=0.05: no whole number of readings, one each 0.1 s (sensor.period_s); "
            "nearest: 0.1",
        ),
        (
            ["sensor.period_s=0.7"],
            "window.length_s = 120.0 (default): no whole number of readings, one each 0.7 s "
            "(sensor.period_s); nearest: 119.7 or 120.4",
        ),
        (
            ["window.length_s=110", "window.align=utc"],  # 86400 / 108 = 800, 86400 / 112.5 = 768
            '--set window.length_s=110: align = "utc" needs a day of whole windows, '
            "each of whole readings (0.1 s); nearest: 108 or 112.5",
        ),
        (
            ["window.length_s=86399", "window.align=utc"],
            '--set window.length_s=86399: align = "utc" needs a day of whole windows, '
            "each of whole readings (0.1 s); nearest: 43200 or 86400",
        ),
        (
            ["sensor.period_s=0.7", "window.align=utc"],
            'window.length_s = 120.0 (default): align = "utc" needs a day of whole readings, '
            "one each 0.7 s is none; set sensor.period_s to a divisor of 86400, such as 0.1",
        ),
        (
            ["adc.max_c=-60"],
            "--set adc.max_c=-60: not above adc.min_c = -50.0; give the temperature of the highest code",
        ),
        (
            ["adc.min_c=50"],
            "adc.max_c = 50.0 (default): not above adc.min_c = 50.0; "
            "give the temperature of the highest code",
        ),
        (
            ["retry.wait_max_s=0.5"],
            "--set retry.wait_max_s=0.5: less than retry.wait_s = 1.0; give at least 1",
        ),
        (
            ["backend.key_file=k.pem"],
            "--set backend.key_file=k.pem: a key without its certificate; "
            "name the certificate in backend.cert_file",
        ),
        (
            ["sensor.source=iio"],
            'sensor.path = "data/temperature.txt" (default): no IIO channel; '
            "name one, such as /sys/bus/iio/devices/iio:device0/in_voltage0_raw",
        ),
    ],
)
def test_values_that_do_not_fit_together_are_told(overrides, message):
    assert refusal(None, overrides) == message


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("", "empty; give the device a name, or leave the key out for the host name"),
        ("   ", "empty; give the device a name, or leave the key out for the host name"),
        (65 * "x", "65 characters; shorten it to 64"),
        ("a\nb", "has control characters or blanks at its ends; use letters, digits and signs"),
        (" a", "has control characters or blanks at its ends; use letters, digits and signs"),
        ("a\udcff", "has control characters or blanks at its ends; use letters, digits and signs"),
    ],
)
def test_a_name_that_is_none_is_told(name, message):
    told = refusal(None, [f"sensor.name={name}"])
    assert told.startswith("--set sensor.name=")
    assert told.endswith(f": {message}")
    assert told.isprintable()


NO_ADDRESS = "no http:// or https:// address; give one such as http://localhost:5000"


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("", NO_ADDRESS),
        ("localhost:5000", NO_ADDRESS),
        ("//localhost:5000", NO_ADDRESS),
        ("ftp://localhost", NO_ADDRESS),
        ("http://", NO_ADDRESS),
        ("http://:5000", NO_ADDRESS),
        ("http://h:0", NO_ADDRESS),
        ("http://h:65536", NO_ADDRESS),
        ("http://h:port", NO_ADDRESS),
        ("http://[::1", NO_ADDRESS),
        ("http://a b", NO_ADDRESS),
        ("http://a\tb", NO_ADDRESS),
        ("http://h?a=1", "has a query or a fragment; end the address at its path"),
        ("http://h/#top", "has a query or a fragment; end the address at its path"),
    ],
)
def test_an_address_that_is_none_is_told(url, message):
    assert refusal(None, [f"backend.url={url}"]) == f"--set backend.url={url}: {message}".replace("\t", "\\t")


@pytest.mark.parametrize("proxy", ["socks5://proxy:1080", "https://proxy:3128", "proxy", "none"])
def test_a_proxy_that_is_none_or_not_understood_is_told(proxy):
    assert refusal(None, [f"backend.proxy={proxy}"]) == (
        f'--set backend.proxy={proxy}: no http:// proxy; give "", "environment" or an address such as http://proxy:3128'
    )


# No secret in any message


def test_credentials_in_addresses_are_refused_and_not_shown(written):
    file = written('[backend]\nurl = "https://me:hunter2@h"\nproxy = "http://me:hunter2@p:3128"\n')
    assert refusal(file) == (
        "2 problems:\n"
        '  sampler.toml: backend.url = "https://***@h": credentials in the address; '
        "put a bearer token into a file and name it in backend.token_file\n"
        '  sampler.toml: backend.proxy = "http://***@p:3128": credentials in the address; '
        'set HTTPS_PROXY for the daemon, and here "environment"'
    )


def test_a_token_in_the_place_of_its_file_is_not_shown(written):
    told = refusal(
        written('[backend]\ntoken = "hunter2"'),
        ["token=hunter2"],
        SAMPLER_BACKEND_TOKEN="hunter2",  # noqa: S106 - what must not be shown
    )
    assert told == (
        "3 problems:\n"
        "  sampler.toml: backend.token = ***: no such key; did you mean backend.token_file?\n"
        "  SAMPLER_BACKEND_TOKEN=***: no such variable; did you mean SAMPLER_BACKEND_TOKEN_FILE?\n"
        "  --set token=***: no such key; did you mean backend.token_file?"
    )


# All at once


def test_all_problems_of_all_sources_are_told_at_once(written):
    file = written('[windo]\nlength_s = 1\n[sensor]\nperiod_s = "0.1"\n[log]\nlevel = "loud"\n')
    told = refusal(file, ["adc.bits=0", "window.length_s=0.15"], SAMPLER_RETRY_ATTEMPT="3")
    assert told == (
        "5 problems:\n"
        "  sampler.toml: [windo]: no such section; did you mean [window]?\n"
        '  sampler.toml: sensor.period_s = "0.1": not a number; give a number, such as 0.1\n'
        '  sampler.toml: log.level = "loud": not debug, info, warning or error; choose one of them\n'
        "  SAMPLER_RETRY_ATTEMPT=3: no such variable; did you mean SAMPLER_RETRY_ATTEMPTS?\n"
        "  --set adc.bits=0: out of range; give 1 to 32"
    )  # nothing on the length: what it must be a multiple of is not known


def test_what_a_stronger_source_replaces_must_be_of_its_type_but_not_possible(written):
    assert load(written("[adc]\nbits = 99"), ["adc.bits=10"], {}).adc.bits == 10
    assert "not a whole number" in refusal(written('[adc]\nbits = "x"'), ["adc.bits=10"])


def test_a_configuration_built_in_code_is_checked_too():
    with pytest.raises(
        ConfigError, match=r"^window.length_s = 0.25: no whole number .* nearest: 0.2 or 0.3$"
    ):
        Config(window=WindowConfig(length_s=0.25))


# Doubts, and changes


@pytest.mark.parametrize(
    ("url", "doubted"),
    [
        ("http://backend:5000", True),
        ("http://127.evil.example", True),
        ("http://127.0.0.1:5000", False),
        ("http://localhost", False),
        ("http://[::1]:5000", False),
        ("https://backend", False),
    ],
)
def test_a_token_in_the_open_is_doubted(url, doubted):
    backend = BackendConfig(url=url, token_file=Path("t"))
    told = ["backend.token_file: the token travels unencrypted; give backend.url an https:// address"]
    assert warnings(Config(backend=backend)) == (told if doubted else [])


def test_certificates_that_nobody_asks_for_are_doubted():
    assert warnings(Config(backend=BackendConfig(ca_file=Path("ca.pem")))) == [
        "backend.ca_file, cert_file: unused with http://; give backend.url an https:// address"
    ]


def test_changes_name_what_differs_and_when_it_counts():
    old = Config(sensor=SensorConfig(name="a"))
    new = replace(
        old,
        sensor=SensorConfig(name="b"),
        log=LogConfig(level="debug"),
        backend=BackendConfig(ca_file=Path("c")),
    )
    assert [(change.key, change.old, change.new, change.live) for change in changes(old, new)] == [
        ("sensor.name", "a", "b", False),
        ("backend.ca_file", None, Path("c"), True),
        ("log.level", "info", "debug", True),
    ]
    assert [str(change) for change in changes(old, new)] == [
        'sensor.name: "a" → "b" (from the next start)',
        'backend.ca_file: "" → "c"',
        'log.level: "info" → "debug"',
    ]


def test_the_same_configuration_has_no_changes():
    assert changes(load(environ={}), load(environ={})) == []


def test_exactly_four_sections_count_at_once():
    changed = load(None, [f"{key}={value}" for key, value in OTHERS.items()], {})
    live = {change.key.split(".")[0] for change in changes(load(environ={}), changed) if change.live}
    assert live == {"backend", "retry", "clock", "log"}
    assert len(changes(load(environ={}), changed)) == len(OTHERS)


OTHERS = {
    "sensor.at_end": "stop",
    "adc.bits": "10",
    "window.align": "utc",
    "backend.quality": "true",
    "retry.attempts": "5",
    "spool.max_measurements": "10",
    "clock.wait_s": "5",
    "log.format": "json",
}


# Anything at all

toml_values = st.recursive(
    st.one_of(
        st.booleans(),
        st.integers(),
        st.integers(min_value=-(2**1100), max_value=2**1100),
        st.floats(),
        st.text(),
        st.sampled_from(["", "utc", "iio", "http://h", "environment", "${X}", "//@"]),
        st.datetimes(),
        st.dates(),
        st.times(),
    ),
    lambda inner: st.one_of(st.lists(inner), st.dictionaries(st.text(), inner)),
    max_leaves=5,
)
full_names = st.sampled_from([key.split(".") for key in kinds()])


@given(st.lists(st.tuples(full_names, toml_values), max_size=4), toml_values)
@example([(["window", "align"], "utc"), (["sensor", "period_s"], 0.001)], 1)
@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_a_file_says_it_is_a_configuration_or_a_refusal(monkeypatch, tmp_path, entries, stray):
    document = {"stray": stray}
    for (section, key), value in entries:
        document.setdefault(section, {})[key] = value
    if not isinstance(stray, dict):
        del document["stray"]
    (tmp_path / "any.toml").write_text("")
    monkeypatch.setattr(sources.tomllib, "loads", lambda _: document)
    check(lambda: load(tmp_path / "any.toml", environ={}))


@pytest.mark.parametrize("name", kinds())
def test_a_number_that_python_would_not_even_print_is_refused(written, name):
    section, key = name.split(".")
    told = refusal(written(f"[{section}]\n{key} = 0x1{5000 * '0'}"))
    assert told.startswith(f"sampler.toml: {name} = 0x1{76 * '0'}…: ")


@given(full_names, st.text())
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_the_command_line_says_it_is_a_configuration_or_a_refusal(name, text):
    check(lambda: load(None, [f"{'.'.join(name)}={text}", text], {}))


@given(st.binary())
@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_whatever_bytes_the_file_has_it_is_a_configuration_or_a_refusal(tmp_path, content):
    (tmp_path / "any.toml").write_bytes(content)
    check(lambda: load(tmp_path / "any.toml", environ={}))


def check(loading):
    try:
        told = str(loading())
    except ConfigError as error:
        told = str(error)
    assert all(line.isprintable() for line in told.splitlines())
