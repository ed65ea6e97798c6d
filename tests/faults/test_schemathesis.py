"""Every endpoint, questioned by its own description: no 500, and nothing that the OpenAPI document does not say.

`SCHEMATHESIS_SECONDS=600 SCHEMATHESIS_SEED=7 pytest tests/faults/test_schemathesis.py` goes on for longer, elsewhere.
"""

import contextlib
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests
from prometheus_client.parser import text_string_to_metric_families

from tests.backend.web.tokens import bearer, token_in
from tests.backend_process import BackendProcess
from tests.postgresql import PostgresqlServer

pytestmark = pytest.mark.real

SEED = os.environ.get("SCHEMATHESIS_SEED", "1")
SECONDS = int(os.environ.get("SCHEMATHESIS_SECONDS", "60"))
HERE = Path(__file__).parent
ADA = {"username": "Ada", "email": "ada@example.com", "password": "correct horse"}
PUBLIC = ("/healthz", "/livez", "/openapi.json", "register", "login", "refresh", "logout")
FAR = {("/auth/refresh", "post"), ("/auth/logout", "post")}
"""Where only links lead, if there is time for them."""
SCOPES = ("admin", "read", "write:A", "write:B", "write:C", "write:D")


def questioned(backend: BackendProcess, token: str, seconds: int) -> None:
    """Let it be questioned for so long, by a user who logs in and with a token for all else."""
    backend.command("customers", "load-sample")
    requests.post(f"{backend.url}/auth/register", json=ADA, timeout=10).raise_for_status()
    schemathesis = Path(sys.executable).with_name("schemathesis")
    config = HERE / "fuzzing/schemathesis.toml"
    options = ["--seed", SEED, "--max-time", str(seconds)]
    done = subprocess.run(
        [schemathesis, "--config-file", config, "--no-color", "run", f"{backend.url}/openapi.json", *options],
        env=os.environ | {"TOKEN": token, "PASSWORD": ADA["password"]},
        cwd=HERE.parent.parent,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=seconds + 120,
        check=False,
    )
    assert done.returncode == 0, f"with seed {SEED}:\n{done.stdout}"
    assert backend.trouble == ""


def answered(backend: BackendProcess, token: str) -> set[tuple[str, str, str]]:
    """Which classes of answers were given by which operation, as the backend itself has counted."""
    page = requests.get(f"{backend.url}/metrics", headers=bearer(token), timeout=10).text
    [family] = [
        found for found in text_string_to_metric_families(page) if found.name == "sampler_backend_requests"
    ]
    return {
        (sample.labels["endpoint"], sample.labels["method"].lower(), sample.labels["status"])
        for sample in family.samples
        if sample.name.endswith("_total")
    }


def operations(backend: BackendProcess) -> dict[tuple[str, str], Any]:
    paths = requests.get(f"{backend.url}/openapi.json", timeout=10).json()["paths"]
    return {
        (path, method): operation for path, methods in paths.items() for method, operation in methods.items()
    }


def test_an_open_backend_says_nothing_that_its_document_does_not(tmp_path: Path) -> None:
    with BackendProcess(tmp_path) as backend:
        token = token_in(backend.database_url, *SCOPES)
        questioned(backend, token, SECONDS // 2)

        seen = answered(backend, token)
        # It went into the rooms and not only to their doors.
        assert {(*name, "2xx") for name in operations(backend) if name not in FAR} <= seen
        assert {
            (*name, "4xx") for name, told in operations(backend).items() if "400" in told["responses"]
        } <= seen
        assert not [name for name in seen if name[2] == "5xx"]


def test_a_closed_backend_lets_nobody_in_where_its_document_wants_a_token(tmp_path: Path) -> None:
    with BackendProcess(tmp_path, "--closed") as backend:
        questioned(backend, token_in(backend.database_url, *SCOPES), SECONDS // 4)

        guarded = [name for name, told in operations(backend).items() if told["security"]]
        for path, method in guarded:
            answer = requests.request(
                method, backend.url + path.replace("{", "").replace("}", ""), timeout=10
            )
            assert (path, method, answer.status_code) == (path, method, 401)
        assert len(guarded) == len(operations(backend)) - len(PUBLIC)


def test_on_postgresql_it_says_the_same(tmp_path: Path, postgresql: PostgresqlServer) -> None:
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(postgresql.new_database())
        backend = stack.enter_context(BackendProcess(tmp_path, database_url=database))
        questioned(backend, token_in(database, *SCOPES), SECONDS // 4)
