"""The house rules: who may import what, what loads when, and how the sources read."""

import ast
import importlib
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path

import pytest

import kmeans_lab as kl
import naive
import naive_inits
from kmeans_lab.data.datasets import DATASETS
from kmeans_lab.kernels.initializers import INITIALIZERS
from kmeans_lab.metrics import METRICS

HOUSE = Path(kl.__file__).parent

# From the ground up: a room imports from its own floor or a lower one, and never in a circle.
FLOORS = (
    {"errors", "choices", "arrow"},
    {"kernels"},
    {"files", "wording", "statistics", "data"},
    {"metrics", "landscape", "fates"},
    {"pictures"},  # they take plain data,
    {"film"},  # or a Trace: specs, stores and studies are above them
    {"spec", "trace"},
    {"store"},
    {"runner", "reference", "notebook"},
    {"portraits"},
    {"study"},
    {"report", "advice"},
    {"comparison"},
    {"repair"},
    {"commands", "arguments", "cli", "__init__"},
)
FLOOR = {room: floor for floor, rooms in enumerate(FLOORS) for room in rooms}

# Libraries that only some rooms know.
KNOWN_TO = {
    "argparse": {"arguments", "cli"},
    "distributed": {"runner"},
    "imageio_ffmpeg": {"film"},
    "jinja2": {"film", "report"},
    "joblib": {"runner"},
    "llvmlite": {"kernels"},
    "matplotlib": {"pictures", "film"},
    "numba": {"kernels"},
    "pandas": {"landscape", "study", "comparison"},
    "PIL": {"film", "pictures"},
    "pyarrow": {"arrow", "data", "trace", "store", "runner"},
    "scipy": {"landscape", "statistics"},
    "sklearn": {"data"},
    "tomli_w": {"spec"},
    "tomllib": {"spec"},
    "tqdm": {"runner"},
}
HEAVY = ("numba", "matplotlib", "sklearn", "pandas", "pyarrow", "joblib", "scipy")
PRINTERS = {"commands", "runner.progress"}

# What only kernels call and what their twins do in one line, or not at all.
INNER = {
    "squared": "compared through assign",
    "rounded": "compared through exact_sum, whose twin is math.fsum",
    "exact_sum": "its twin is math.fsum",
    "begin": "compared with NumPy's generator",
    "partition_means": "compared through random_partition",
    "approach": "compared through the initializers",
    "draw": "compared through the initializers",
    "squared_distance_sampling": "compared through kmeans_plusplus",
    "farthest_points": "compared through maximin",
    "markov_chains": "compared through afk_mc2",
    "swapped_points": "compared through ls_plusplus",
    "fill_distances": "compared through silhouette",
    "label_points": "compared through label_grid",
    "assign_boxes": "its twin is assign, see test_boxes",
    "assign_certified": "its twin is assign, see test_certified",
    "to_own": "compared through lloyd",
    "seen_before": "compared through lloyd",
    "run_starts": "compared through lloyd",
    **dict.fromkeys(
        (
            "add_words",
            "assign_piece",
            "carry_distances",
            "carry_point",
            "distances_from",
            "follow_centers",
            "key_of_words",
            "measure_piece",
            "move_centers",
        ),
        "compared with the ordinary way, see test_many",
    ),
}


def sources():
    return sorted(path for path in HOUSE.rglob("*.py") if "assets" not in path.parts)


def room(path):
    """The room a source file stands in: its own name, or that of its folder."""
    return path.relative_to(HOUSE).parts[0].removesuffix(".py")


def module(path):
    name = ".".join(["kmeans_lab", *path.relative_to(HOUSE).with_suffix("").parts])
    return name.removesuffix(".__init__")


def walk(node):
    """All nodes below, without the bodies of `if TYPE_CHECKING`."""
    yield node
    for child in ast.iter_child_nodes(node):
        if not (isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"):
            yield from walk(child)


def imports(path):
    """Absolute names that a source imports, anywhere in it but for the eyes of a type checker."""
    above = ["kmeans_lab", *path.relative_to(HOUSE).parts[:-1]]
    for node in walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = above[: len(above) - node.level + 1] if node.level else []
            yield from (".".join([*base, *filter(None, [node.module]), a.name]) for a in node.names)


def rooms_imported(path):
    """Rooms that a source imports from; its version is all that rooms may ask of the package."""
    for name in imports(path):
        first, *rest = name.split(".")
        if first == "kmeans_lab" and rest != ["__version__"]:
            yield rest[0] if rest and rest[0] in FLOOR else "__init__"


def public(scope):
    """Functions and classes of a scope that do not begin with an underscore, and theirs."""
    for node in scope.body:
        named = isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_")
        if named and "overload" not in [ast.unparse(mark) for mark in node.decorator_list]:
            yield node
            yield from public(node) if isinstance(node, ast.ClassDef) else ()


def functions(path):
    return [n for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.FunctionDef)]


def test_every_room_has_one_floor():
    assert {room(path) for path in sources()} == FLOOR.keys()
    assert sum(map(len, FLOORS)) == len(FLOOR)


@pytest.mark.parametrize("path", sources(), ids=module)
def test_imports_point_down(path):
    assert not {r for r in rooms_imported(path) if FLOOR[r] > FLOOR[room(path)]}


@pytest.mark.parametrize("name", [room, module])
def test_nothing_imports_itself_in_a_circle(name):
    """Neither rooms nor the files in them."""
    known = {module(path): path for path in sources()}
    graph = {name(path): set() for path in sources()}
    for path in sources():
        found = [each for full in imports(path) for each in (full, full.rpartition(".")[0])]
        targets = {name(known[each]) for each in found if each in known and each != "kmeans_lab"}
        graph[name(path)] |= targets - {name(path)}
    TopologicalSorter(graph).prepare()


@pytest.mark.parametrize("path", sources(), ids=module)
def test_libraries_stay_in_their_rooms(path):
    found = {name.split(".")[0] for name in imports(path)} & KNOWN_TO.keys()
    assert not {library for library in found if room(path) not in KNOWN_TO[library]}


@pytest.mark.parametrize("path", sources(), ids=module)
def test_nothing_uses_pyplot(path):
    assert not [name for name in imports(path) if "pyplot" in name]


@pytest.mark.parametrize("path", sources(), ids=module)
def test_only_commands_and_progress_print(path):
    calls = [n.func for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.Call)]
    printed = [ast.unparse(call) for call in calls if ast.unparse(call) == "print"]
    name = module(path).removeprefix("kmeans_lab.")
    flushed = ["print"] if name == "cli" else []  # print(end="", flush=True)
    assert name in PRINTERS or printed == flushed


@pytest.mark.parametrize("path", sources(), ids=module)
def test_what_is_public_says_what_it_is(path):
    tree = ast.parse(path.read_text())
    assert ast.get_docstring(tree)
    assert not [node.name for node in public(tree) if not ast.get_docstring(node)]


def told_by(script):
    """What a new Python prints."""
    command = [sys.executable, "-c", script]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("command", ["import kmeans_lab", "import kmeans_lab.cli", "--help"])
def test_a_first_look_loads_nothing_heavy(command):
    call = f"from kmeans_lab.cli import main; main(['{command}'])" if "-" in command else command
    script = f"import sys; {call}; print('loaded', *(sys.modules.keys() & {set(HEAVY)!r}))"
    assert told_by(script).splitlines()[-1] == "loaded"


def test_a_first_block_waits_for_nothing_that_it_does_not_need(tmp_path):
    spec = "kl.Spec(name='a', data=[{'source': 'iris', 'truth': 'species'}], runs=9, "
    spec += "grid={'k': [3], 'init': ['random']})"
    call = f"import kmeans_lab as kl, kmeans_lab.runner.runner as r; r.run({spec}, results='.')"
    script = f"import os, sys; os.chdir({str(tmp_path)!r}); {call}; print('loaded', "
    script += "*(sys.modules.keys() & {'pandas', 'sklearn', 'matplotlib'}))"
    assert told_by(script) == "loaded\n"


def test_a_run_without_a_report_loads_no_pictures():
    rooms = "kmeans_lab.runner.runner, kmeans_lab.study.study"
    script = f"import sys, {rooms}; print('matplotlib' in sys.modules)"
    assert told_by(script) == "False\n"


def test_the_public_surface_is_what_all_says():
    assert sorted(kl.__all__) == kl.__all__
    assert set(kl.__all__) <= set(dir(kl))
    for name in kl.__all__:
        value = getattr(kl, name)
        assert name == "__version__" or value.__doc__
    with pytest.raises(AttributeError, match="no attribute 'runs'"):
        kl.runs  # noqa: B018
    namespace = {}
    exec("from kmeans_lab import *", namespace)
    assert set(kl.__all__) <= namespace.keys()


@pytest.mark.parametrize("path", sources(), ids=module)
def test_what_a_room_calls_its_own_is_there(path):
    loaded = importlib.import_module(module(path))
    assert all(hasattr(loaded, name) for name in getattr(loaded, "__all__", ()))


def kernels():
    """Functions that Numba compiles with a signature of their own."""
    for path in sorted(HOUSE.glob("kernels/*.py")):
        for function in functions(path):
            if any(ast.unparse(mark).startswith("kernel(") for mark in function.decorator_list):
                yield function.name


@pytest.mark.parametrize("name", sorted(kernels()))
def test_every_kernel_has_a_naive_twin_or_is_compared_through_another(name):
    assert callable(getattr(naive, name, None)) != (name in INNER)


def identifier(name):
    spelled = (
        name.replace("k-means", "kmeans-").replace("++", "-plusplus").replace("||", "-parallel")
    )
    return "_".join(filter(None, spelled.split("-")))


@pytest.mark.parametrize("name", INITIALIZERS)
def test_initializers_are_named_after_what_they_are(name):
    entry = INITIALIZERS[name]
    assert entry.function.__name__ == identifier(name)
    assert callable(getattr(naive_inits, identifier(name)))
    assert entry.source
    assert entry.cost.startswith("O(")
    assert "Draws: " in entry.function.__doc__
    assert "Source: " in entry.function.__doc__


@pytest.mark.parametrize("name", DATASETS)
def test_data_sets_are_named_after_what_they_are(name):
    entry = DATASETS[name]
    assert entry.table().where == f"data set {name}"
    assert str(entry.table().n) in entry.description
    assert entry.source


@pytest.mark.parametrize("name", METRICS)
def test_metrics_are_named_after_what_they_are(name):
    entry = METRICS[name]
    assert entry.function.__name__ == {"ari": "adjusted_rand"}.get(name, name)
    assert entry.source
