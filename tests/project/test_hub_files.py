import copy
import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import jsonschema
import pytest
import yaml

from colbert_explain.dashboard.access import SHORTEST_TOKEN, TOKEN_VARIABLE
from colbert_explain.dashboard.proxy_entry import NAME, proxy_entry
from colbert_explain.operator_settings import OperatorSettings

ROOT = Path(__file__).parents[2]
HUB = ROOT / "docs" / "hub"
SETTINGS = [ROOT / "colbert_explain" / f"{name}_settings.py" for name in ("library", "operator")]
# In a process of its own: JupyterHub changes logging and warns of things that are not ours.
LOAD_AS_JUPYTERHUB = """
import json, sys, warnings
warnings.simplefilter("ignore")
from jupyterhub.spawner import SimpleLocalProcessSpawner
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader
given = PyFileConfigLoader(sys.argv[1]).load_config()
known = SimpleLocalProcessSpawner.class_traits(config=True)
config = Config({"Spawner": {"environment": {"MINE": "1"}}})
config.merge(given)
spawner = SimpleLocalProcessSpawner(config=config)
print(json.dumps({
    "unknown": [f"{s}.{n}" for s in given for n in given[s] if s != "Spawner" or n not in known],
    "url": spawner.default_url, "bytes": spawner.mem_limit, "environment": spawner.environment,
}))
"""


@pytest.fixture(scope="module")
def kubernetes():
    return yaml.safe_load((HUB / "kubernetes.yaml").read_text())


@pytest.fixture(scope="module")
def littlest():
    path = str(HUB / "tljh_colbert_explain.py")
    done = subprocess.run(
        [sys.executable, "-c", LOAD_AS_JUPYTERHUB, path], capture_output=True, text=True, check=True
    )
    return json.loads(done.stdout)


def chart():
    path = ROOT / "tests" / "data" / "z2jh" / "values.schema.json"
    return jsonschema.Draft7Validator(json.loads(path.read_text()))


def test_the_chart_takes_the_values(kubernetes):
    assert list(chart().iter_errors(kubernetes)) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("singleuser", "default_url"), "/x/"),
        (("singleuser", "memory", "limits"), "3G"),
        (("singleuser", "cpu", "limit"), "2"),
        (("singleuser", "storage", "type"), "nothing"),
        (("cull", "timeout"), "1h"),
    ],
)
def test_a_wrong_value_would_be_noticed(kubernetes, path, value):
    wrong = copy.deepcopy(kubernetes)
    place = wrong
    for name in path[:-1]:
        place = place[name]
    place[path[-1]] = value
    assert len(list(chart().iter_errors(wrong))) == 1


def test_jupyterhub_itself_takes_the_file_for_the_littlest(littlest):
    assert littlest["unknown"] == []
    assert littlest["bytes"] == 3 * 1024**3
    assert littlest["environment"]["MINE"] == "1"  # what others set stays


def test_both_hubs_open_the_dashboards_and_set_what_the_server_reads(littlest, kubernetes):
    user = kubernetes["singleuser"]
    assert littlest["url"] == user["defaultUrl"] == f"/{NAME}/"
    ours = {k: v for k, v in littlest["environment"].items() if k != "MINE"}
    assert ours == user["extraEnv"]
    settings = OperatorSettings.from_environment(ours)
    assert (settings.idle_minutes, settings.cache_size) == (15, 200_000_000)
    named = {
        name for path in SETTINGS for name in re.findall(r"COLBERT_EXPLAIN_\w+", path.read_text())
    }
    assert set(ours) <= named


def test_jupyter_server_proxy_takes_the_entry_point():
    from jupyter_server_proxy.config import ServerProcess

    entry = ServerProcess(name=NAME, **proxy_entry())
    assert entry.launcher_entry.title == "ColBERT dashboards"
    assert Path(entry.launcher_entry.icon_path).is_file()
    assert entry.absolute_url
    assert "--base-url={base_url}colbert-explain/" in entry.command


def test_only_the_proxy_of_one_user_knows_the_token():
    first, second = proxy_entry(), proxy_entry()
    token = first["environment"][TOKEN_VARIABLE]
    assert len(token) >= SHORTEST_TOKEN
    assert first["request_headers_override"] == {"Authorization": f"token {token}"}
    assert token != second["environment"][TOKEN_VARIABLE]
    assert not any(token in part for part in first["command"])  # others may list processes


def test_the_entry_point_is_declared_under_its_name():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    declared = project["entry-points"]["jupyter_serverproxy_servers"]
    assert declared == {NAME: f"{proxy_entry.__module__}:{proxy_entry.__name__}"}


def test_the_dockerfile_copies_what_is_there_and_installs_the_extra():
    lines = (HUB / "Dockerfile").read_text().splitlines()
    copied = [part for line in lines if line.startswith("COPY") for part in line.split()[1:-1]]
    assert all((ROOT / name).exists() for name in copied)
    assert {"pyproject.toml", "README.md", "LICENSE", "colbert_explain", "notebooks"} == set(copied)
    assert any('"/src[hub]"' in line for line in lines)
