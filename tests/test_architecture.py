"""The house keeps its rules: one-way imports, Ray in one file, stages that declare what they use, small modules."""

import ast
import re
from pathlib import Path

import grimp
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("speak", "benchmarks", "pipelines")
MODULE_LINES, FUNCTION_LINES = 300, 50


@pytest.fixture(scope="module")
def graph() -> grimp.ImportGraph:
    return grimp.build_graph(*PACKAGES, include_external_packages=True, cache_dir=None)


@pytest.fixture(scope="module")
def dag() -> dict:
    return yaml.safe_load((ROOT / "dvc.yaml").read_text())["stages"]


def sources() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


def file_of(module: str) -> str:
    path = ROOT / Path(*module.split("."))
    path = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    return str(path.relative_to(ROOT))


def tracked_sections(stage: dict) -> list[str]:
    """Sections of the profile in a stage's params."""
    entries = [next(iter(param.items())) for param in stage.get("params", [])]
    return [section for file, sections in entries if file.startswith("profiles/") for section in sections]


def module_of(stage: dict) -> str:
    command = stage["cmd"].split()
    assert command[:2] == ["python", "-m"], f"stages run as modules: {stage['cmd']}"
    return command[2]


def test_imports_run_one_way(graph):
    for importer, forbidden in [("speak", ("benchmarks", "pipelines")), ("benchmarks", ("pipelines",))]:
        for package in forbidden:
            chains = graph.find_shortest_chains(importer=importer, imported=package)
            assert not chains, f"{importer} must not import {package}: {sorted(chains)[0]}"


def test_ray_lives_in_one_file_and_dvc_is_never_imported(graph):
    assert graph.find_modules_that_directly_import("ray") <= {"pipelines.cluster"}
    assert "dvc" not in graph.modules


def test_deps_cover_every_module_a_stage_imports(graph, dag):
    for name, stage in dag.items():
        module = module_of(stage)
        deps = tuple(stage["deps"])
        used = {module} | {m for m in graph.find_upstream_modules(module) if m.split(".")[0] in PACKAGES}
        files = {file_of(m) for m in used}
        uncovered = {file for file in files if not any(file == dep or file.startswith(f"{dep}/") for dep in deps)}
        # A package's own __init__ runs too; empty ones change nothing.
        uncovered = {file for file in uncovered if (ROOT / file).read_text().strip()}
        assert not uncovered, f"dvc.yaml: {name} imports but does not list {sorted(uncovered)}"


def test_deps_exist(dag):
    for name, stage in dag.items():
        for dep in stage["deps"]:
            assert dep.startswith("work/") or (ROOT / dep).exists(), f"dvc.yaml: {name}: no such dep {dep}"


def test_no_training_is_repeated_because_videos_are_drawn_otherwise(dag):
    drawing = {"speak/inference", "speak/inference/drawing.py", "speak/inference/talker.py"}
    assert not [name for name, stage in dag.items() if name.startswith("train_") and drawing & set(stage["deps"])]


def test_every_stage_tracks_the_sections_it_reads(dag):
    for name, stage in dag.items():
        tracked = tracked_sections(stage)
        tree = ast.parse((ROOT / file_of(module_of(stage))).read_text())
        assigned = [
            node.value
            for node in tree.body
            if isinstance(node, ast.Assign) and [t.id for t in node.targets if isinstance(t, ast.Name)] == ["SECTIONS"]
        ]
        (sections,) = assigned
        read = [key.value for key in sections.keys]
        assert sorted(tracked) == sorted([*read, "stamp"] if "stamp" in tracked else read), name


def test_profiles_have_the_same_sections():
    profiles = {path.stem: yaml.safe_load(path.read_text()) for path in (ROOT / "profiles").glob("*.yaml")}
    assert {"smoke", "demo", "small", "paper"} <= profiles.keys()
    sections = {name: sorted(content) for name, content in profiles.items()}
    assert all(value == sections["demo"] for value in sections.values()), sections


def test_every_section_is_read_by_a_stage():
    read = set()
    for path in (ROOT / "pipelines").glob("*.py"):
        assigned = [node for node in ast.parse(path.read_text()).body if isinstance(node, ast.Assign)]
        for node in assigned:
            if ast.unparse(node.targets[0]) == "SECTIONS" and isinstance(node.value, ast.Dict):
                read |= {key.value for key in node.value.keys}
    profile = yaml.safe_load((ROOT / "profiles" / "demo.yaml").read_text())
    assert set(profile) - {"stamp", "cluster", "network"} == read


@pytest.mark.parametrize("path", sources(), ids=lambda path: str(path.relative_to(ROOT)))
def test_modules_and_functions_stay_small(path):
    text = path.read_text()
    assert len(text.splitlines()) <= MODULE_LINES, f"{path.name}: split it by idea"
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef):
            assert node.end_lineno - node.lineno < FUNCTION_LINES, f"{path.name}:{node.name}: split it"


def test_no_drawers():
    names = {path.stem for path in sources()}
    assert not names & {"utils", "util", "helpers", "common", "misc"}


def test_nothing_unpickles_strangers_files():
    for path in sources():
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                assert not re.search(r"pickle\.loads?$|Unpickler$|joblib\.load$|read_pickle$", name), path
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "torch.load":
                keywords = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
                assert keywords.get("weights_only") == "True", f"{path}: torch.load without weights_only=True"
            if isinstance(node, ast.keyword) and node.arg == "shell":
                assert ast.unparse(node.value) == "False", f"{path}: shell strings"
