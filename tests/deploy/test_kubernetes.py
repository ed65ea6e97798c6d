"""The manifest, as far as can be seen without a cluster: its parts fit each other and the backend."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from sampler.backend.command import backend
from tests.backend.conftest import Serve

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "deploy/kubernetes.yaml").read_text()
SERVICE, DEPLOYMENT, BUDGET = yaml.safe_load_all(TEXT)
POD = DEPLOYMENT["spec"]["template"]["spec"]
(CONTAINER,) = POD["containers"]


def options() -> list[str]:
    program, group, *options = CONTAINER["command"]
    assert (program, group) == ("sampler", "backend")
    return [str(option) for option in options]


def test_the_parts_find_each_other() -> None:
    labels = DEPLOYMENT["spec"]["template"]["metadata"]["labels"]

    assert [part["kind"] for part in (SERVICE, DEPLOYMENT, BUDGET)] == [
        "Service",
        "Deployment",
        "PodDisruptionBudget",
    ]
    assert SERVICE["spec"]["selector"] == labels
    assert DEPLOYMENT["spec"]["selector"]["matchLabels"] == labels
    assert BUDGET["spec"]["selector"]["matchLabels"] == labels


def test_the_backend_knows_its_options_and_listens_where_the_service_and_probes_look() -> None:
    chosen = backend.make_context("backend", options()).params

    assert chosen["host"] == "0.0.0.0"
    assert [port["containerPort"] for port in CONTAINER["ports"] if port["name"] == "http"] == [
        chosen["port"]
    ]
    probes = [CONTAINER[name]["httpGet"] for name in ("readinessProbe", "livenessProbe", "startupProbe")]
    assert {SERVICE["spec"]["ports"][0]["targetPort"], *(probe["port"] for probe in probes)} == {"http"}


def test_key_and_database_come_from_a_secret_that_the_heading_makes() -> None:
    (mount,), (volume,) = CONTAINER["volumeMounts"], POD["volumes"]
    key_file = backend.make_context("backend", options()).params["key_file"]
    (variable,) = CONTAINER["env"]
    heading = TEXT.partition("apiVersion")[0]

    assert variable["name"] == "DATABASE_URL"
    assert f"--from-literal={variable['valueFrom']['secretKeyRef']['key']}=" in heading
    assert str(key_file) == f"{mount['mountPath']}/{volume['secret']['items'][0]['path']}"
    assert f"create secret generic {volume['secret']['secretName']} --from-file=" in heading
    # As root's file for this group, which is what the backend lets pass.
    assert volume["secret"]["defaultMode"] == 0o440


def test_it_runs_as_the_user_of_the_image() -> None:
    user = re.findall(r"^USER (\d+):(\d+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)

    assert user == [(str(POD["securityContext"]["runAsUser"]), str(POD["securityContext"]["runAsGroup"]))]
    assert CONTAINER["securityContext"]["readOnlyRootFilesystem"] is True


@pytest.mark.parametrize("probe", ["readinessProbe", "livenessProbe", "startupProbe"])
def test_the_probes_are_answered_without_a_token_where_others_want_one(serve: Serve, probe: str) -> None:
    client = serve(open=False)
    path: Any = CONTAINER[probe]["httpGet"]["path"]

    assert client.get(path).status_code == 204
    assert client.get("/api/temperature").status_code == 401
