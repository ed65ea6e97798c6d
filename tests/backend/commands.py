"""The backend's commands as an operator types them; DATABASE_URL says where (`usefixtures("database_in_environ")`)."""

from click.testing import CliRunner, Result

from sampler.backend.command import backend


def run(*arguments: str) -> Result:
    return CliRunner().invoke(backend, arguments)


def done(*arguments: str) -> str:
    """What a command that succeeds says."""
    result = run(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def refused(code: int, *arguments: str) -> str:
    """The words of a command that ended with this code, without the line breaks of the terminal's width."""
    result = run(*arguments)
    assert result.exit_code == code, result.output
    return " ".join(result.stderr.split())
