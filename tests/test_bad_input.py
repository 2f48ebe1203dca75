"""Bad input gets one line: what was given, what is allowed and where; nothing is written."""

import os
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import kmeans_lab as kl
from kmeans_lab.cli import main
from kmeans_lab.store.store import Store
from studies import files_in

SPEC = """name = "s"
runs = 4
[[data]]
source = "points.csv"
[grid]
k = [2]
init = ["random"]
"""
POINTS = "x,y,group\n" + "".join(f"{i},{i * i % 7},{'ab'[i % 2]}\n" for i in range(8))


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """A working directory with a spec and its data."""
    monkeypatch.chdir(tmp_path)
    Path("a.toml").write_text(SPEC)
    Path("points.csv").write_text(POINTS)
    return tmp_path


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A finished study of the spec."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "points.csv").write_text(POINTS)
    (folder / "a.toml").write_text(SPEC)
    return kl.run(folder / "a.toml", results=folder).folder


@pytest.fixture
def refused(capsys):
    """Runs a command, and holds what is promised of every one that is refused."""

    def refused(argv, *parts, allowed=True):
        before = files_in("."), sorted(map(str, Path().rglob("*")))
        assert main(argv) == 2
        told = capsys.readouterr()
        assert told.out == ""
        (line,) = told.err.splitlines()
        assert line.startswith("kmeans-lab: ")
        assert "Traceback" not in line
        assert [part for part in parts if part not in line] == []
        assert not allowed or "; allowed" in line or "did you mean" in line
        assert (files_in("."), sorted(map(str, Path().rglob("*")))) == before
        return line

    return refused


def changed(old, new):
    assert SPEC.count(old) == 1
    Path("a.toml").write_text(SPEC.replace(old, new))


SPECS = {
    "unknown key": ("runs = 4", "run = 4", ["unknown key 'run'", "did you mean 'runs'?"]),
    "unknown table": ("[grid]", "[gird]", ["unknown key 'gird'", "did you mean 'grid'?"]),
    "unknown key of a table": ("k = [2]", "ks = [2]", ["'ks' in [grid]", "did you mean 'k'?"]),
    "missing key": ("k = [2]\n", "", ["[grid] has no 'k'"]),
    "wrong type": ("runs = 4", 'runs = "4"', ["runs is '4'", "whole numbers from 1"]),
    "no list": ("k = [2]", "k = 2", ["[grid] k is 2", "a list"]),
    "runs below 1": ("runs = 4", "runs = 0", ["runs is 0", "from 1"]),
    "k below 1": ("k = [2]", "k = [2, 0]", ["[grid] k is 0", "from 1"]),
    "k beyond the points": ("k = [2]", "k = [9]", ["k is 9", "'points' has 8 points", "up to 8"]),
    "unknown init": ('["random"]', '["kmean++"]', ["'kmean++' in [grid]", "'k-means++'?"]),
    "no such module": ('["random"]', '["mine:f"]', ["'mine:f'", "module 'mine' cannot be loaded"]),
    "unknown data set": ('"points.csv"', '"irs"', ["unknown data set 'irs'", "'iris'?"]),
    "other file type": ('"points.csv"', '"points.xls"', ["'points.xls'", ".csv, .parquet or .npy"]),
    "unknown scale": ("[grid]", 'scale = "max"\n[grid]', ["[[data]] scale is 'max'"]),
    "unknown column": ("[grid]", 'columns = ["z"]\n[grid]', ["'z' in", "points.csv"]),
    "no such column": ("[grid]", "columns = [7]\n[grid]", ["no column 7 in", "0 to 2"]),
    "text column": (
        "[grid]",
        'columns = ["x", "group"]\n[grid]',
        ["points.csv: column 'group': all 8 cells", "the first is 'a', line 2"],
    ),
    "unknown truth": ("[grid]", 'truth = "grop"\n[grid]', ["'grop'", "did you mean 'group'?"]),
    "truth as a column": ("[grid]", 'truth = "x"\ncolumns = ["x"]\n[grid]', ["truth 'x'"]),
    "one name twice": (
        "[grid]",
        '[[data]]\nsource = "there/points.csv"\n[grid]',
        ["two data sets are named 'points'"],
    ),
    "unknown format": ("[grid]", '[render]\nformat = ["webm"]\n[grid]', ["is 'webm'", "mp4"]),
    "seconds below 0": (
        "[grid]",
        "[reference]\nseconds = -1\n[grid]",
        ["[reference] seconds is -1", "finite numbers from 0"],
    ),
    "unknown pick": ("[grid]", '[render]\npick = ["bets"]\n[grid]', ["'bets'", "'best'?"]),
    "unknown rule": ("[grid]", '[lloyd]\nempty = "drop"\n[grid]', ["[lloyd] empty is 'drop'"]),
    "tol below 0": ("[grid]", "[lloyd]\ntol = -1.0\n[grid]", ["[lloyd] tol is -1.0", "from 0"]),
    "max_iter below 1": ("[grid]", "[lloyd]\nmax_iter = 0\n[grid]", ["[lloyd] max_iter is 0"]),
    "name above": ('"s"', '"../x"', ["name is '../x'", "plain folder name"]),
    "name below": ('"s"', '"a/b"', ["name is 'a/b'", "plain folder name"]),
    "no name": ('"s"', '""', ["name is ''", "not empty"]),
    "no data": ('[[data]]\nsource = "points.csv"\n', "data = []\n", ["data is []"]),
}


@pytest.mark.parametrize("command", ["run", "plan"])
@pytest.mark.parametrize("case", SPECS)
def test_what_a_spec_may_not_say(refused, case, command):
    old, new, parts = SPECS[case]
    changed(old, new)
    only_missing = case in ("missing key", "no such module")
    refused([command, "a.toml"], "a.toml: ", *parts, allowed=not only_missing)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (SPEC.replace("= 4", "= = 4"), ["line 2"]),
        (SPEC + "[lloyd\n", ["line 8"]),
        (SPEC.replace("[2]", "[2"), ["line 7"]),
        (SPEC + 'x = "', ["line 8"]),
        (SPEC + "x = [\n\n1,\n", ["line 10"]),
    ],
)
def test_a_toml_syntax_error_is_named_with_its_line(refused, text, parts):
    Path("a.toml").write_text(text)
    refused(["run", "a.toml"], "a.toml: no valid TOML", *parts)


def test_a_spec_that_cannot_be_read(refused, monkeypatch, capsys):
    refused(["run", "b.toml"], "cannot read b.toml: No such file", allowed=False)
    refused(["plan", "."], "cannot read .: Is a directory", allowed=False)
    Path("a.toml").write_bytes(SPEC.encode("utf-16"))
    refused(["run", "a.toml"], "a.toml: line 1 is not UTF-8")
    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", forbidden)
        assert main(["run", "a.toml"]) == 2
    assert capsys.readouterr().err == "kmeans-lab: cannot read a.toml: Permission denied\n"


def forbidden(path):
    raise PermissionError(13, "Permission denied", str(path))


CELLS = {
    "nan": (
        "3,2,b",
        "3,nan,b",
        ["'y': 1 of 8 cells holds no finite number", "'nan', line 5"],
    ),
    "inf": ("3,2,b\n", "3,inf,b\n", ["'y': 1 of 8", "'inf', line 5"]),
    "-inf": ("3,2,b\n4,2,a", "3,-inf,b\n4,inf,a", ["'y': 2 of 8 cells", "'-inf', line 5"]),
    "nothing": ("3,2,b", "3,,b", ["'y': 1 of 8", "'', line 5"]),
    "text": ("3,2,b", "3,two,b", ["'y': 1 of 8", "'two', line 5"]),
    "a decimal comma": ("3,2,b", '3,"2,5",b', ["'y': 1 of 8", "'2,5', line 5"]),
    "a short row": ("3,2,b", "3,2", ["line 5 has 2 cells, line 1 has 3 cells"]),
    "an open quote": ("3,2,b", '3,"2,b', ["line 9", "no comma-separated row"]),
    "a name twice": ("x,y,group", "x,x,group", ["columns 0 and 1 (from 0) are both named 'x'"]),
}


@pytest.mark.parametrize("case", CELLS)
@pytest.mark.parametrize("chosen", ["", 'columns = ["x", "y"]\n'])
def test_cells_that_are_no_finite_numbers(refused, case, chosen):
    old, new, parts = CELLS[case]
    assert POINTS.count(old) == 1
    Path("points.csv").write_text(POINTS.replace(old, new))
    changed("[grid]", f"{chosen}[grid]")
    refused(["run", "a.toml"], "a.toml: points.csv: ", *parts)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["points.csv is empty"]),
        ("x,y\n", ["points.csv is an empty table", "two rows or more"]),
        ("x,y\n1,2\n", ["points.csv has a single row, line 2"]),
        ("1,2\n", ["points.csv has a single row, line 1"]),
        ("a,b\nu,v\nw,z\n", ["points.csv has no numeric column (columns: 'a', 'b')"]),
        ("x;y\n1;2\n3;4\n", ["points.csv: cells are separated by ';'", "commas"]),
        ("x\n1\n1\n1\n", ["k is 2, but 'points' has 1 distinct points", "up to 1"]),
        ("x,y\n0,1\n-0,1\n0,1\n", ["'points' has 1 distinct points"]),
        ("x\n1e200\n2\n3\n", ["column 'x' holds 1e+200 at line 2, whose square overflows"]),
        ("x\n1e-200\n2e-200\n", ["column 'x'", "whose square is lost"]),
    ],
)
def test_tables_that_cannot_be_clustered(refused, text, parts):
    Path("points.csv").write_text(text)
    refused(["run", "a.toml"], "a.toml: ", *parts)


def test_no_numeric_column_is_left_beside_the_truth(refused):
    Path("points.csv").write_text("x,g\n1,a\n2,b\n")
    changed("[grid]", 'truth = "x"\n[grid]')
    refused(["run", "a.toml"], "no numeric column beside the truth 'x'", "'x', 'g'")


def test_a_truth_that_lacks_a_label(refused):
    Path("points.csv").write_text(POINTS.replace("3,2,b", "3,2,"))
    changed("[grid]", 'truth = "group"\n[grid]')
    refused(["run", "a.toml"], "points.csv: column 'group': 1 of 8", "no label", "line 5")


def test_files_that_are_not_there_or_not_what_they_seem(refused):
    for name in ("points.npy", "points.parquet", "other.csv"):
        changed('"points.csv"', f'"{name}"')
        refused(["run", "a.toml"], f"a.toml: cannot read {name}: No such file", allowed=False)
    Path("other.csv").mkdir()
    refused(["run", "a.toml"], "cannot read other.csv: Is a directory", allowed=False)
    for name in ("points.npy", "points.parquet"):
        Path(name).write_bytes(b"x,y\n1,2\n")
        changed('"points.csv"', f'"{name}"')
        refused(["run", "a.toml"], f"a.toml: {name}: ")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_arrays_and_parquet_are_held_to_the_same(refused, value):
    X = np.arange(12.0).reshape(6, 2)
    X[4, 1] = X[5, 1] = value
    np.save("points.npy", X)
    pd.DataFrame(X, columns=["x", "y"]).to_parquet("points.parquet")
    for name, column in {"points.npy": "x1", "points.parquet": "y"}.items():
        changed('"points.csv"', f'"{name}"')
        where = f"{name}: column '{column}': 2 of 6 cells"
        refused(["run", "a.toml"], where, "the first is", "row 5 (from 1)")


@pytest.mark.parametrize(
    ("argv", "parts"),
    [
        (["rum", "a.toml"], ["unknown command 'rum'", "did you mean 'run'?"]),
        (["zzz"], ["unknown command 'zzz'", "allowed: run, new, plan"]),
        ([""], ["unknown command ''", "allowed: run"]),
        (["--verson"], ["unknown option '--verson'", "did you mean '--version'?"]),
        (["portrait", "x", "--center", "0"], ["--center: '0'", "at least 1"]),
        (["advise", "points.csv"], ["required: --k", "advise --help"]),
        (["compare"], ["required: STUDY"]),
        (["run", "a.toml", "--job", "2"], ["run does not take '--job'", "'--jobs'?"]),
        (["run", "a.toml", "--runs=5", "b.toml"], ["run does not take 'b.toml'"]),
        (["run", "a.toml", "--jobs", "0"], ["--jobs: '0'", "whole number of at least 1"]),
        (["run", "a.toml", "--jobs", "two"], ["--jobs: 'two'"]),
        (["run", "a.toml", "--runs", "0"], ["--runs: '0'"]),
        (["run", "a.toml", "--runs", "-5"], ["--runs"]),
        (["run", "a.toml", "--runs", "1.5"], ["--runs: '1.5'"]),
        (["run", "a.toml", "--runs", "9" * 5000], ["--runs"]),
        (["run", "a.toml", "--runs"], ["--runs: expected one argument"]),
        (["run", "a.toml", "--runs", "999999999999"], ["runs is 999999999999"]),
        (["run", "a.toml", "--backend", "ray"], ["unknown backend 'ray'", "threading, loky, dask"]),
        (["run", "a.toml", "--backend", "dask"], ["no scheduler", "--scheduler tcp://HOST:PORT"]),
        (["run", "a.toml", "--scheduler", "x:1", "--backend", "loky"], ["with a scheduler: dask"]),
        (["run", "a.toml", "--scheduler", "x:1", "--jobs", "2"], ["jobs, and a scheduler"]),
        (["run", "a.toml", "--backend", "locky"], ["did you mean 'loky'?"]),
        (["run"], ["run", "required: SPEC"]),
        (["plan", "a.toml", "--jobs", "0"], ["--jobs: '0'"]),
        (["status", "results"], ["results is no study"]),
        (["status", "a.toml"], ["a.toml is no study"]),
        (["report", "missing"], ["missing is no study", "a folder that `run` has made"]),
        (["render", "."], [". is no study"]),
        (["verify", "missing"], ["missing is no study"]),
        (["report"], ["required: STUDY"]),
        (["reference", "missing"], ["missing is no study"]),
        (["reference", "s", "--seconds", "-1"], ["--seconds: '-1'", "finite number from 0"]),
        (["reference", "s", "--seconds", "soon"], ["--seconds: 'soon'"]),
        (["inits", "x"], ["inits does not take 'x'"]),
        (["new"], ["required: DATA"]),
        (["new", "missing.csv"], ["cannot read missing.csv: No such file"]),
        (["new", "points.xls"], ["'points.xls'", ".csv, .parquet or .npy"]),
        (["new", "points.csv", "--output", "a.toml"], ["a.toml is there already", "--output"]),
    ],
)
def test_what_a_command_may_not_be_given(refused, argv, parts):
    refused(argv, *parts, allowed=False)


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        (["seed=99999"], ["no start 'seed=99999' in points/2/random", "stored: seed=0 to seed=3"]),
        (["run=4"], ["no start 'run=4'", "run=0 to run=3"]),
        (["optimum=99"], ["no start 'optimum=99'"]),
        (["beste"], ["pick is 'beste'", "did you mean 'best'?"]),
        (["seed=-1"], ["pick is 'seed=-1'", "best, median, worst, seed=N"]),
        (["--cell", "points/3/random"], ["unknown cell 'points/3/random'", "'points/2/random'"]),
        (["--cell", "x"], ["unknown cell 'x'", "allowed: points/2/random"]),
        (["--format", "foo"], ["unknown format 'foo'", "html, gif, mp4, png"]),
        (["--format", "gif,"], ["unknown format ''"]),
        (["--format", "gifs"], ["did you mean 'gif'?"]),
    ],
)
def test_what_a_render_may_not_be_given(refused, study, options, parts):
    shutil.copytree(study, "s")
    refused(["render", "s", *options], *parts, allowed=False)


def test_a_results_folder_that_cannot_be_written(refused, monkeypatch):
    Path("file").write_text("")
    refused(["run", "a.toml", "--results", "file"], "results folder file/s", allowed=False)
    Path("results/s").mkdir(parents=True)
    with monkeypatch.context() as patch:  # root may write everywhere, so it is only said
        patch.setattr(os, "access", lambda path, mode: Path(path) != Path("results/s"))
        refused(["run", "a.toml"], "results/s is not writable; --results", allowed=False)


@pytest.mark.parametrize(
    "argv", [["run", "a.toml", "--results", "."], ["plan", "a.toml", "--results", "."]]
)
def test_another_study_of_the_same_name(refused, study, argv):
    shutil.copytree(study, "s")
    for old, new, told in [
        ("k = [2]", "k = [2, 3]", "grid k was [2], is [2, 3]"),
        ("[grid]", "[lloyd]\nmax_iter = 15\n[grid]", "lloyd max_iter was 300, is 15"),
        ("runs = 4", "seed = 1", "seed was 0, is 1"),
    ]:
        changed(old, new)
        refused(argv, "a.toml", "another study than s", told, "--fresh", allowed=False)
    Path("a.toml").write_text(SPEC)
    Path("points.csv").write_text(POINTS.replace("3,2,b", "3,2.5,b"))
    refused(argv, "the data of 'points' are not those it began with", allowed=False)


@pytest.mark.parametrize(
    "argv",
    [
        ["run", "a.toml", "--results", "."],
        ["plan", "a.toml", "--results", "."],
        ["status", "s"],
        ["report", "s"],
        ["reference", "s"],
        ["render", "s"],
        ["verify", "s"],
        ["verify", "s", "--repair"],
    ],
)
def test_a_study_of_a_newer_version(refused, study, argv):
    shutil.copytree(study, "s")
    about = Path("s/study.json")
    about.write_text(about.read_text().replace('"schema_version": 1', '"schema_version": 999'))
    Store("s").record(about)
    refused(argv, "s has schema_version 999", "reads up to 1", allowed=False)


def test_an_init_that_cannot_serve_fails_alone(capsys):
    changed('init = ["random"]', 'init = ["random", "pca-part", "var-part"]')
    text = Path("a.toml").read_text().replace("[grid]", 'columns = ["x"]\n[grid]')
    Path("a.toml").write_text(text + "[render]\npick = []\n")
    assert main(["run", "a.toml"]) == 1
    assert "Traceback" not in capsys.readouterr().err
    runs = pd.read_parquet("results/s/runs").set_index("init").sort_index()
    failed = runs.loc["pca-part"]
    note = "pca-part needs two features or more, here 1; var-part serves one"
    assert (failed["status"], failed["note"]) == ("error", note)
    assert pd.isna(failed["init_distances"])
    others = runs.drop("pca-part")
    assert (others["status"] == "converged").all()
    assert others["init_distances"].to_dict() == {"random": 0, "var-part": 16}


def test_python_says_the_same(capsys):
    for old, new in [("runs = 4", "runs = 0"), ("k = [2]", "k = [9]"), ("points.csv", "p.csv")]:
        changed(old, new)
        assert main(["run", "a.toml"]) == 2
        (line,) = capsys.readouterr().err.splitlines()
        with pytest.raises((kl.SpecError, kl.DataError)) as caught:
            kl.run("a.toml")
        assert line == f"kmeans-lab: {caught.value}"
    assert not Path("results").exists()
