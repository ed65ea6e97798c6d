"""The audit of what is pinned, against a database that speaks as OSV does, or does not."""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tools.audit import ROOT, Advisory, NotAudited, Pin, accepted, advisories, main, open_ones, pins

JINJA = Pin("jinja2", "3.1.4")
RECORD = {
    "id": "GHSA-q2x7-8rv6-6q7h",
    "aliases": ["CVE-2024-56326"],
    "summary": "A sandbox has a way out",
    "affected": [
        {
            "package": {"ecosystem": "PyPI", "name": "Jinja2"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.1.5"}]}],
        }
    ],
}
QUERY = {"package": {"ecosystem": "PyPI", "name": "jinja2"}, "version": "3.1.4"}
FOUND = Advisory(JINJA, ("GHSA-q2x7-8rv6-6q7h", "CVE-2024-56326"), "A sandbox has a way out", ("3.1.5",))
LINE = "jinja2 3.1.4: GHSA-q2x7-8rv6-6q7h, CVE-2024-56326: A sandbox has a way out; it is cured in 3.1.5"
Answer = Callable[[str, Any], tuple[int, bytes]]


def osv(path: str, asked: Any) -> tuple[int, bytes]:
    """Knows one vulnerability, of one version."""
    if path == "/v1/querybatch":
        known = [query == QUERY for query in asked["queries"]]
        results = [
            {"vulns": [{"id": RECORD["id"], "modified": "2026-01-01T00:00:00Z"}]} if one else {}
            for one in known
        ]
        return 200, json.dumps({"results": results}).encode()
    return (200, json.dumps(RECORD).encode()) if path == f"/v1/vulns/{RECORD['id']}" else (404, b"")


@contextmanager
def database(answer: Answer = osv) -> Iterator[str]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self._reply(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

        def do_GET(self) -> None:
            self._reply(None)

        def _reply(self, asked: Any) -> None:
            status, body = answer(self.path, asked)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def audited(url: str, folder: Path) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["--database", url, "--folder", str(folder)])
    return done.exit_code, done.output


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "constraints.txt").write_text(
        "jinja2==3.1.4 ; sys_platform == 'linux' \\\n    --hash=sha256:0\n"
    )
    (tmp_path / "pyproject.toml").write_text("[tool.audit]\naccepted = []\n")
    return tmp_path


def test_every_package_that_is_pinned_is_asked_about() -> None:
    found = pins((ROOT / "constraints.txt").read_text())

    assert {"apsw", "litestar", "pyarrow", "pytest"} <= {pin.name for pin in found}
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    assert len(found) == len([line for line in lines if line[0] not in "# "])


def test_a_known_vulnerability_is_named_with_its_cure() -> None:
    with database() as url:
        assert advisories([Pin("apsw", "3.54.1.0"), JINJA], url) == [FOUND]
    assert str(FOUND) == LINE


def test_it_fails_the_check(folder: Path) -> None:
    with database() as url:
        code, told = audited(url, folder)

    assert code == 1
    assert told.splitlines()[:2] == [LINE, "audited 1 packages: 1 to be cured"]


def test_a_version_without_one_passes(folder: Path) -> None:
    (folder / "constraints.txt").write_text("jinja2==3.1.6 \\\n")
    with database() as url:
        code, told = audited(url, folder)

    assert code == 0
    assert told == "audited 1 packages: 0 to be cured\n"


@pytest.mark.parametrize(
    ("today", "to_cure", "let_be"),
    [
        (date(2027, 1, 31), [], [f"{LINE} (accepted until 2027-01-31: no templates of others)"]),
        (date(2027, 2, 1), [f"{LINE} (it was accepted until 2027-01-31: no templates of others)"], []),
    ],
)
def test_what_is_accepted_is_told_and_has_an_end(today: date, to_cure: list[str], let_be: list[str]) -> None:
    entries = accepted(
        '[tool.audit]\naccepted = [{id = "CVE-2024-56326", reason = "no templates of others", until = 2027-01-31}]'
    )

    assert open_ones([FOUND], entries, today) == (to_cure, let_be)


def test_nothing_is_accepted_without_reason_and_end() -> None:
    with pytest.raises(TypeError, match="'reason' and 'until'"):
        accepted('[tool.audit]\naccepted = [{id = "CVE-2024-56326"}]')
    accepted((ROOT / "pyproject.toml").read_text())


@pytest.mark.parametrize(
    "answer",
    [
        lambda *_: (404, b""),
        lambda *_: (503, b""),
        lambda *_: (200, b"<html>Log in to this network"),
        lambda *_: (200, b"[]"),
        lambda *_: (200, b"{}"),
        lambda *_: (200, b'{"results": []}'),
    ],
    ids=[
        "a mirror without it",
        "an outage",
        "another page",
        "another answer",
        "no results",
        "too few results",
    ],
)
def test_what_is_no_database_is_told_and_no_failure(answer: Answer, folder: Path) -> None:
    with database(answer) as url:
        code, told = audited(url, folder)

    assert code == 0
    assert told.startswith(f"not audited: the database {url} cannot be reached (")


def test_without_a_network_it_is_told_and_no_failure(folder: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as nobody:
        url = f"http://127.0.0.1:{nobody.getsockname()[1]}"
    code, told = audited(url, folder)

    assert code == 0
    assert told.startswith("not audited: ")


def test_a_database_that_never_answers_is_not_waited_for() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as silent,
        pytest.raises(NotAudited, match=r"no answer within 0\.2 s"),
    ):
        advisories([JINJA], f"http://127.0.0.1:{silent.getsockname()[1]}", patience_s=0.2)
