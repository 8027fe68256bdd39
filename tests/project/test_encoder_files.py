"""The files that run an encoder service for others are valid, and set what the service reads."""

import copy
import dataclasses
import json
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest
import typer
import yaml

from colbert_explain.cli import application
from colbert_explain.encoder_service.access import TOKEN_VARIABLE, decide_access
from colbert_explain.encoder_service.child import EncoderChild
from colbert_explain.encoder_service.handlers import application as addresses_of
from colbert_explain.operator_settings import PREFIX, OperatorSettings
from tests import patience

ROOT = Path(__file__).parents[2]
HUB = ROOT / "docs" / "hub"
UNIT = HUB / "colbert-explain-encoder.service"
PAGE = (ROOT / "docs" / "encoders_elsewhere.md").read_text(encoding="utf-8")
KNOWN = {f"{PREFIX}{field.name.upper()}" for field in dataclasses.fields(OperatorSettings)}


@pytest.fixture(scope="module")
def kubernetes():
    text = (HUB / "encoder_kubernetes.yaml").read_text(encoding="utf-8")
    return {entry["kind"]: entry for entry in yaml.safe_load_all(text)}


@pytest.fixture(scope="module")
def container(kubernetes):
    [container] = kubernetes["Deployment"]["spec"]["template"]["spec"]["containers"]
    return container


@pytest.fixture(scope="module")
def unit():
    found = {}
    section = ""
    for line in UNIT.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.setdefault((section, name), []).append(value)
    return found


def errors_in(entry):
    path = ROOT / "tests" / "data" / "kubernetes" / "schemas.json"
    schema = json.loads(path.read_text(encoding="utf-8"))[entry["kind"]]
    return [error.message for error in jsonschema.Draft7Validator(schema).iter_errors(entry)]


def options_of(command):
    """Return the options of a command line as the program itself reads them."""
    group = typer.main.get_command(application)
    name, *arguments = command
    return group.get_command(None, name).make_context(name, arguments).params


def test_kubernetes_takes_the_three_files(kubernetes):
    assert set(kubernetes) == {"Deployment", "Service", "HorizontalPodAutoscaler"}
    for entry in kubernetes.values():
        assert errors_in(entry) == []


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("Deployment", ("spec", "template", "spec", "containers", 0, "port"), 8000),
        ("Deployment", ("spec", "template", "spec", "containers", 0, "command"), "encoder"),
        (
            "Deployment",
            ("spec", "template", "spec", "containers", 0, "startupProbe", "periodSeconds"),
            "2",
        ),
        ("Service", ("spec", "ports", 0, "port"), "http"),
        ("HorizontalPodAutoscaler", ("spec", "maxReplicas"), "4"),
        ("HorizontalPodAutoscaler", ("spec", "targetCPUUtilizationPercentage"), 70),
    ],
)
def test_a_wrong_value_would_be_noticed(kubernetes, kind, path, value):
    wrong = copy.deepcopy(kubernetes[kind])
    place = wrong
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    assert len(errors_in(wrong)) == 1


def test_the_parts_in_kubernetes_find_each_other(kubernetes, container):
    deployment, service = kubernetes["Deployment"], kubernetes["Service"]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert deployment["spec"]["selector"]["matchLabels"] == labels
    assert service["spec"]["selector"] == labels
    target = kubernetes["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]
    assert (target["apiVersion"], target["kind"], target["name"]) == (
        deployment["apiVersion"],
        "Deployment",
        deployment["metadata"]["name"],
    )
    assert "cpu" in container["resources"]["requests"]  # a share of it is what the scaler looks at
    [port] = container["ports"]
    [of_service] = service["spec"]["ports"]
    assert of_service["targetPort"] == port["name"]
    assert f"http://{service['metadata']['name']}:{of_service['port']}" in PAGE


def test_the_container_runs_the_service_where_it_is_asked(container):
    program, *command = container["command"]
    assert program == "colbert-explain"
    options = options_of(command)
    assert options["port"] == container["ports"][0]["containerPort"]
    addresses = [
        rule.matcher.regex.pattern for rule in addresses_of(None, None).wildcard_router.rules
    ]
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        asked = container[probe]["httpGet"]
        assert any(re.fullmatch(pattern, asked["path"]) for pattern in addresses), probe
        assert asked["port"] == container["ports"][0]["name"]


def test_the_container_sets_what_the_service_reads(container):
    given = {entry["name"]: entry.get("value", "") for entry in container["env"]}
    assert set(given) <= {*KNOWN, TOKEN_VARIABLE}
    OperatorSettings.from_environment(given)
    [secret] = [
        entry["valueFrom"]["secretKeyRef"] for entry in container["env"] if "valueFrom" in entry
    ]
    made = re.search(r"kubectl create secret generic (\S+) \\\n\s+--from-literal=(\w+)=", PAGE)
    assert made.groups() == (secret["name"], secret["key"])


def test_the_unit_starts_the_service(unit):
    [command] = unit["Service", "ExecStart"]
    program, name, *arguments = shlex.split(command)
    assert program.endswith("/colbert-explain")
    options = options_of([name, *arguments])
    access = decide_access(options["host"], options["port"], None, environment={})
    assert access.token is not None  # other machines can reach it
    given = dict(value.split("=", 1) for value in unit["Service", "Environment"])
    assert set(given) <= {*KNOWN, "HF_HOME", "HOME"}
    [cache] = unit["Service", "CacheDirectory"]
    assert all(value.startswith(f"/var/cache/{cache}") for value in given.values())
    [file] = unit["Service", "EnvironmentFile"]
    assert file in PAGE
    assert TOKEN_VARIABLE in PAGE


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed")
def test_systemd_takes_the_unit(tmp_path):
    # The program is not installed where the unit expects it.
    text, n = re.subn(r"(?m)^ExecStart=\S+", "ExecStart=/bin/true", UNIT.read_text("utf-8"))
    assert n == 1
    copied = tmp_path / UNIT.name
    copied.write_text(text, encoding="utf-8")
    command = ["systemd-analyze", "verify", str(copied)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_code_of_the_page_runs(monkeypatch):
    monkeypatch.delenv(TOKEN_VARIABLE, raising=False)
    names = {}
    with EncoderChild() as child:
        child.wait_until_ready(patience.seconds())
        for code in re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL):
            exec(code.replace("http://127.0.0.1:8000", child.address), names)
    assert names["encoder"].address == child.address
    assert names["jina"].sends_texts_to == "api.jina.ai"
    assert names["vllm"].sends_texts_to == "gpu-box:8000"


def test_who_asks_a_service_does_not_import_torch():
    with EncoderChild() as child:
        child.wait_until_ready(patience.seconds())
        code = (
            "import sys; import colbert_explain as ce; "
            f"ce.explain('cats eat', 'dogs eat', ce.load_encoder({child.address!r})); "
            "sys.exit('torch' in sys.modules)"
        )
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("name", ["dashboard", "encoder"])
def test_a_unit_s_user_has_a_home_and_one_cache_for_both(name):
    lines = (HUB / f"colbert-explain-{name}.service").read_text(encoding="utf-8").splitlines()
    folder = "/var/cache/colbert-explain"
    assert f"Environment=HOME={folder}" in lines  # else it is "/", which cannot be written to
    assert f"Environment=COLBERT_EXPLAIN_CACHE_FOLDER={folder}" in lines
    assert "CacheDirectory=colbert-explain" in lines
    assert {"DynamicUser=yes", "User=colbert-explain"} <= set(lines)
