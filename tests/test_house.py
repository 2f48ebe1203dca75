"""The house rules: who may import what, what loads when, and how the sources read."""

import ast
import re
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import kmeans_lab as kl

HOUSE = Path(kl.__file__).parent
CHECKOUT = HOUSE.parent

# From the ground up: a room imports from its own floor or a lower one, and never in a circle.
FLOORS = (
    {"errors"},
    {"kernels"},
    {"columns", "csvs", "datasets", "files", "points", "readers", "selection"},
    {"metrics", "statistics", "wording", "palette"},
    {"callables", "plan", "spec", "tables", "trace"},
    {"blocks", "store"},
    {"animation", "compute", "figures", "forecast", "landscape", "notebook", "progress", "runner"},
    {"study"},
    {"page", "report", "verdict"},
    {"newspec", "commands", "cli", "__init__"},
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

# Libraries that only some rooms know.
KNOWN_TO = {
    "argparse": {"cli"},
    "joblib": {"runner"},
    "matplotlib": {"figures", "animation", "report"},
    "numba": {"kernels"},
    "llvmlite": {"kernels"},
    "pyarrow": {"blocks", "datasets", "readers", "store", "tables", "trace", "compute"},
    "tqdm": {"progress"},
    "tomllib": {"spec"},
}
PRINTERS = {"commands", "progress"}


def sources():
    return sorted(HOUSE.rglob("*.py"))


def room(path):
    """The room a source file stands in: its own name, or that of its folder."""
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def module(path):
    return ".".join(["kmeans_lab", *path.relative_to(HOUSE).with_suffix("").parts])


def imports(path):
    """Absolute names that a source imports, anywhere in it but for the eyes of a type checker."""
    package = module(path).split(".")[:-1]
    for node in walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*above, *filter(None, [node.module])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def walk(node):
    """All nodes below, without the bodies of `if TYPE_CHECKING`."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield from walk(child)


def rooms_imported(path):
    for name in imports(path):
        first, *rest = name.split(".")
        if first == "kmeans_lab":
            yield rest[0] if rest and rest[0] in FLOOR else "__init__"


def test_every_room_has_a_floor():
    assert {room(path) for path in sources()} - {"assets"} <= FLOOR.keys()


@pytest.mark.parametrize("path", sources(), ids=module)
def test_imports_point_down(path):
    above = {r for r in rooms_imported(path) if FLOOR[r] > FLOOR.get(room(path), 0)}
    assert above <= {"__init__"} and (not above or room(path) == "commands" or False)


def test_no_room_imports_itself_in_a_circle():
    graph = {room(path): set() for path in sources()}
    for path in sources():
        graph[room(path)] |= set(rooms_imported(path)) - {room(path), "__init__"}
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("path", sources(), ids=module)
def test_libraries_stay_in_their_rooms(path):
    roots = {name.split(".")[0] for name in imports(path)}
    assert not {lib for lib in roots & KNOWN_TO.keys() if room(path) not in KNOWN_TO[lib]}


@pytest.mark.parametrize("path", sources(), ids=module)
def test_nothing_uses_pyplot_or_prints_in_passing(path):
    assert not any("pyplot" in name for name in imports(path))
    calls = [node.func for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, ast.Call)]
    printed = [call for call in calls if isinstance(call, ast.Name) and call.id == "print"]
    assert not printed or room(path) in PRINTERS
