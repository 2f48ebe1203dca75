"""Specs with their data at hand: what `auto` becomes, what does not fit, how two specs differ."""

import tomllib

import numpy as np
import pytest

import kmeans_lab as kl
from kmeans_lab.spec import resolve as resolving
from kmeans_lab.spec.resolve import difference, digest, dumps, resolve
from kmeans_lab.spec.spec import Spec, read


@pytest.fixture
def spec(tmp_path, rng):
    """Makes specs whose data stand in files of a folder."""

    def spec(sizes=(30,), k=(3,), init=("random",), **settings):
        data = []
        for number, n in enumerate(sizes):
            name = f"d{number}"
            np.save(tmp_path / f"{name}.npy", rng.normal(size=(n, 2)))
            data.append({"source": f"{name}.npy"})
        grid = {"k": k, "init": init}
        return Spec(**{"name": "a", "data": data, "grid": grid, "base": tmp_path, **settings})

    return spec


def test_nothing_is_left_open(spec):
    found, datasets = resolve(spec())
    assert found.data[0].name == "d0"
    assert found.data[0].columns == ("x0", "x1")
    assert (found.record.labels, found.record.silhouette) == ("all", "exact")
    assert datasets["d0"].X.shape == (30, 2)
    assert resolve(found).spec == found


def test_iris_gets_its_columns_and_keeps_its_truth_apart():
    data = [{"source": "iris", "truth": "species", "scale": "standard"}]
    found, datasets = resolve(Spec(name="a", data=data, grid={"k": [3], "init": ["random"]}))
    lengths = [f"{part} {side} (cm)" for part in ("sepal", "petal") for side in ("length", "width")]
    assert found.data[0].columns == tuple(lengths)
    assert found.data[0].truth == "species"
    assert datasets["iris"].columns[0] == "sepal length (cm), standardized"
    assert resolve(found).datasets["iris"].fingerprint == datasets["iris"].fingerprint


def test_a_truth_by_index_is_written_out_by_name():
    data = [{"source": "iris", "columns": [1, 0], "truth": 4}]
    found, _ = resolve(Spec(name="a", data=data, grid={"k": [3], "init": ["random"]}))
    assert found.data[0].columns == ("sepal width (cm)", "sepal length (cm)")
    assert found.data[0].truth == "species"


@pytest.mark.parametrize(
    ("n", "labels", "silhouette"),
    [
        (2000, "all", "exact"),
        (2001, "final", "exact"),
        (20_000, "final", "exact"),
        (20_001, "final", "sampled"),
        (100_000, "final", "sampled"),
        (100_001, "none", "sampled"),
    ],
)
def test_what_auto_becomes_depends_on_the_number_of_points(spec, n, labels, silhouette):
    record = resolve(spec(sizes=[n])).spec.record
    assert (record.labels, record.silhouette) == (labels, silhouette)


def test_what_differs_between_data_sets_is_a_table(spec):
    record = resolve(spec(sizes=[10, 2001], record={"silhouette": "none"})).spec.record
    assert record.labels == {"d0": "all", "d1": "final"}
    assert record.silhouette == "none"


@pytest.mark.parametrize("settings", [{}, {"sizes": [10, 2001]}])
def test_the_written_spec_says_the_same(spec, tmp_path, settings):
    found, _ = resolve(spec(**settings))
    (tmp_path / "spec.toml").write_text(dumps(found))
    assert read(tmp_path / "spec.toml") == found
    plain = tomllib.loads(dumps(found))
    keys = ("name", "runs", "seed", "data", "grid", "lloyd", "record", "reference", "render")
    assert tuple(plain) == keys
    assert plain["reference"] == {"seconds": 5.0}
    assert plain["lloyd"] == {"max_iter": 300, "tol": 0.0, "empty": "relocate"}
    assert plain["record"]["steps"] is True
    assert plain["render"] == {"pick": ["best", "median", "worst"], "format": ["html", "gif"]}
    assert "auto" not in str(plain)


def test_relative_paths_begin_at_the_spec_or_in_the_working_directory(spec, tmp_path, monkeypatch):
    made = spec()
    (tmp_path / "a.toml").write_text(dumps(made))
    monkeypatch.chdir(tmp_path.parent)
    file = tmp_path.relative_to(tmp_path.parent) / "a.toml"
    assert resolve(read(file)).datasets["d0"].X.shape == (30, 2)
    free = {"name": "a", "data": [{"source": "d0.npy"}], "grid": {"k": [3], "init": ["random"]}}
    with pytest.raises(kl.DataError, match=r"cannot read d0.npy: No such file"):
        resolve(Spec(**free))
    monkeypatch.chdir(tmp_path)
    assert resolve(Spec(**free)).datasets["d0"].X.shape == (30, 2)


def refused(make, *parts, error=kl.SpecError):
    with pytest.raises(error) as caught:
        make()
    line = str(caught.value)
    assert "\n" not in line
    assert [part for part in parts if part not in line] == []


def test_more_clusters_than_points_or_than_distinct_points(spec, tmp_path):
    refused(lambda: resolve(spec(k=[2, 31])), "[grid] k is 31", "'d0' has 30 points", "up to 30")
    made = spec()
    np.save(tmp_path / "d0.npy", np.repeat([[0.0, -0.0], [0.0, 0.0], [1.0, 0.0]], 4, axis=0))
    refused(lambda: resolve(made), "[grid] k is 3", "2 distinct points", "up to 2")
    np.save(tmp_path / "d0.npy", np.eye(3)[:, :2])
    assert resolve(made).spec.grid.k == (3,)


def test_errors_of_the_data_name_both_files(spec, tmp_path):
    made = spec()
    np.save(tmp_path / "d0.npy", [[0.0, np.nan], [1.0, 2.0]])
    (tmp_path / "a.toml").write_text(dumps(made))
    file = tmp_path / "a.toml"
    where = f"{file}: {tmp_path / 'd0.npy'}: column 'x1'"
    refused(lambda: resolve(read(file)), where, "1 of 2 cells", "row 1", error=kl.DataError)
    np.save(tmp_path / "d0.npy", np.eye(3)[:2])
    refused(lambda: resolve(read(file)), f"{file}: [grid] k is 3")


def test_seeds_of_a_user_s_initializer_are_those_of_randomstate(spec, tmp_path):
    (tmp_path / "own.py").write_text(
        "def first(X, n_clusters, random_state): return X[:n_clusters]"
    )
    last = 2**32 - 1
    assert resolve(spec(init=["own:first"], seed=last, runs=1)).spec.seed == last
    beyond = spec(init=["random", "own:first"], seed=last, runs=2)
    refused(lambda: resolve(beyond), f"seeds go up to {last + 1}", "'own:first'", f"up to {last}")


def test_runs_reference_and_render_are_free_and_all_else_is_not(spec):
    one = resolve(spec()).spec
    changes = {"render": {"pick": ["best"], "format": ["png"]}, "reference": {"seconds": 0}}
    free = resolve(spec(runs=7, **changes)).spec
    assert difference(one, free) == ""
    assert digest(one) == digest(free)
    assert dumps(one) != dumps(free)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"seed": 5}, "seed was 0, is 5"),
        ({"k": [3, 4]}, "grid k was [3], is [3, 4]"),
        ({"init": ["maximin"]}, "grid init was ['random'], is ['maximin']"),
        ({"lloyd": {"max_iter": 15}}, "lloyd max_iter was 300, is 15"),
        ({"lloyd": {"tol": 1e-4}}, "lloyd tol was 0.0, is 0.0001"),
        ({"record": {"steps": False}}, "record steps was True, is False"),
        ({"record": {"labels": "none"}}, "record labels was 'all', is 'none'"),
        ({"sizes": [30, 40]}, "data name was ['d0'], is ['d0', 'd1']"),
        ({"data": [{"source": "d0.npy", "name": "b"}]}, "data name was ['d0'], is ['b']"),
        ({"data": [{"source": "d0.npy", "columns": [0]}]}, "data d0 columns was ['x0', 'x1'], is"),
        (
            {"data": [{"source": "d0.npy", "scale": "minmax"}]},
            "data d0 scale was 'none', is 'minmax'",
        ),
        (
            {"data": [{"source": "d0.npy", "best_known": {3: 1.0}}]},
            "data d0 best_known was 'not set', is {'3': 1.0}",
        ),
    ],
)
def test_the_first_difference_is_told_with_both_values(spec, change, told):
    one, other = resolve(spec()).spec, resolve(spec(**change)).spec
    assert difference(one, other).startswith(told)
    assert difference(other, one) != ""
    assert digest(one) != digest(other)


def test_long_values_are_cut(spec):
    one, other = resolve(spec()).spec, resolve(spec(k=range(2, 30))).spec
    line = difference(one, other)
    assert line.endswith("...")
    assert len(line) < 130


def test_nothing_is_loaded_twice(spec, monkeypatch):
    loaded = []
    original = resolving.load
    monkeypatch.setattr(resolving, "load", lambda *a, **b: loaded.append(a) or original(*a, **b))
    resolve(spec(sizes=[5, 6]))
    assert len(loaded) == 2
