"""What a secret must not get into: the words of a refusal, the list of processes."""

import pytest
from click.testing import CliRunner

from sampler.backend.command import backend


@pytest.mark.parametrize(
    "url",
    [
        "postgresql+psycopg://sampler:geheim@db/sampler",
        "Postgresql://sampler:geheim@db/sampler",
        "postgres:/sampler:geheim@db/sampler",
        "mysql://sampler:ge@heim@db/sampler",
        "host=db user=sampler password=geheim",
        "sqlite:///x?password=geheim",
    ],
)
@pytest.mark.parametrize("command", [[], ["migrate"]])
def test_a_database_url_that_is_none_of_ours_is_refused_without_its_password(
    url: str, command: list[str]
) -> None:
    in_the_environment = CliRunner().invoke(backend, command, env={"DATABASE_URL": url})
    on_the_line = CliRunner().invoke(backend, [*command, "--database", url])

    for told in (in_the_environment, on_the_line):
        assert told.exit_code == 2
        assert "it names no database: write sqlite:///backend.db or" in " ".join(told.output.split())
        assert "heim" not in told.output
