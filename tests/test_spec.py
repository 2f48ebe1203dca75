"""Specs from TOML and from Python: what is allowed, what it becomes, and how errors read."""

import dataclasses
import string
from pathlib import Path

import numpy as np
import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

import kmeans_lab as kl
from kmeans_lab.spec.resolve import dumps
from kmeans_lab.spec.spec import Data, Grid, Lloyd, Record, Render, Spec, read

IRIS = {"data": [{"source": "iris"}], "grid": {"k": [3], "init": ["random"]}}
MINIMAL = 'name = "a"\n[[data]]\nsource = "iris"\n[grid]\nk = [3]\ninit = ["random"]\n'


def made(**changes):
    return Spec(**{"name": "a", **IRIS, **changes})


def written(tmp_path, text):
    path = tmp_path / "a.toml"
    path.write_text(text)
    return path


def refused(make, *parts):
    with pytest.raises(kl.SpecError) as caught:
        make()
    line = str(caught.value)
    assert "\n" not in line
    assert [part for part in parts if part not in line] == []


def test_a_spec_with_every_key_and_its_defaults(tmp_path):
    path = written(
        tmp_path,
        """
        name = "iris-sepal"
        runs = 1000
        seed = 0
        [[data]]
        source  = "iris"
        name    = "iris"
        columns = ["sepal length (cm)", "sepal width (cm)"]
        truth   = "species"
        scale   = "none"
        best_known = { 3 = 37.05 }
        [grid]
        k    = [3]
        init = ["random", "k-means++"]
        [lloyd]
        max_iter = 300
        tol      = 0.0
        empty    = "relocate"
        [record]
        steps      = true
        labels     = "auto"
        silhouette = "auto"
        [reference]
        seconds    = 5.0
        [render]
        pick   = ["best", "median", "worst"]
        format = ["html", "gif"]
        """,
    )
    spec = read(path)
    assert (spec.path, spec.base) == (str(path), tmp_path)
    assert spec.data[0].columns == ("sepal length (cm)", "sepal width (cm)")
    assert spec.data[0].best_known == {3: 37.05}
    brief = MINIMAL.replace('"a"', '"iris-sepal"').replace('["random"]', '["random", "k-means++"]')
    defaults = read(written(tmp_path, brief))
    data = dataclasses.replace(spec.data[0], name=None, columns=None, truth=None, best_known=None)
    assert defaults == dataclasses.replace(spec, data=[data])
    assert (defaults.lloyd, defaults.record, defaults.render) == (Lloyd(), Record(), Render())


def test_a_spec_in_python_is_the_spec_of_a_file(tmp_path):
    spec = read(written(tmp_path, MINIMAL))
    assert spec == made() == kl.Spec(name="a", data=[Data("iris")], grid=Grid([3], ["random"]))
    assert made().base == Path()
    assert made(base="x").base == Path("x")


@pytest.mark.parametrize("k", [[2, 3], (2, 3), range(2, 4), np.array([2, 3]), [np.int32(2), 3]])
def test_python_gives_lists_of_any_kind(k):
    assert made(grid={"k": k, "init": ("random",)}).grid.k == (2, 3)


def test_numpy_numbers_are_numbers():
    data = {"source": "iris", "columns": np.arange(2), "best_known": {3: np.float32(0.5)}}
    spec = made(runs=np.int64(7), seed=np.uint8(3), data=[data], lloyd={"tol": np.float64(0.25)})
    assert (spec.runs, spec.seed, spec.data[0].columns) == (7, 3, (0, 1))
    assert (spec.data[0].best_known, spec.lloyd.tol) == ({3: 0.5}, 0.25)
    assert all(type(value) is int for value in (spec.runs, spec.seed, *spec.data[0].columns))


def test_a_spec_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        made().runs = 5


@pytest.mark.parametrize(
    ("source", "label"),
    [
        ("iris", "iris"),
        ("points.csv", "points"),
        ("there/Points.CSV", "Points"),
        ("../x.y.npy", "x.y"),
        ("/tmp/z.parquet", "z"),
    ],
)
def test_a_data_set_is_called_after_its_source(source, label):
    assert Data(source).label == label
    assert Data(source, name="b").label == "b"


@pytest.mark.parametrize(
    ("change", "parts"),
    [
        ({"runs": 0}, ["runs is 0", "whole numbers from 1 to 100000000"]),
        ({"runs": 10**8 + 1}, ["runs is 100000001", "to 100000000"]),
        ({"seed": -1}, ["seed is -1; allowed: whole numbers from 0"]),
        ({"seed": 2**70}, ["whole numbers from 0 to 9223372036854775807"]),
        ({"runs": 10.0}, ["runs is 10.0", "whole numbers"]),
        ({"runs": True}, ["runs is True"]),
        ({"runs": "every"}, ["runs is 'every'"]),
        ({"runs": np.eye(2)}, ["runs is array([[1., 0.], [0., 1.]])"]),
        ({"seed": -1}, ["seed is -1", "from 0"]),
        ({"seed": 2**63 - 5, "runs": 10}, ["seed is 9223372036854775803", "allowed: seeds up to"]),
        ({"name": ""}, ["name is ''", "not empty"]),
        ({"name": "../x"}, ["name is '../x'", "plain folder name"]),
        ({"name": "a/b"}, ["name is 'a/b'"]),
        ({"name": "a\\b"}, ["plain folder name"]),
        ({"name": ".a"}, ["plain folder name"]),
        ({"name": " a"}, ["plain folder name"]),
        ({"name": "a\nb"}, ["name is 'a\\nb'"]),
        ({"name": "ä" * 101}, ["plain folder name", "..."]),
        ({"name": 5}, ["name is 5"]),
        ({"data": []}, ["data is []"]),
        ({"data": {"source": "iris"}}, ["data is {'source': 'iris'}", "[[data]]"]),
        ({"data": [{}]}, ["[[data]] has no 'source'"]),
        ({"data": [{"sauce": "iris"}]}, ["'sauce' in [[data]]", "did you mean 'source'?"]),
        ({"data": [{"source": ""}]}, ["[[data]] source is ''"]),
        ({"data": ["iris"]}, ["a table [[data]]"]),
        ({"data": [{"source": "iris"}] * 2}, ["two data sets are named 'iris'", "each name once"]),
        (
            {"data": [{"source": "a.csv"}, {"source": "b/a.npy"}]},
            ["two data sets are named 'a'"],
        ),
        ({"data": [{"source": "iris", "name": "../x"}]}, ["[[data]] name is '../x'"]),
        ({"data": [{"source": "../..csv"}]}, ["[[data]] name is '.", "plain folder name"]),
        ({"data": [{"source": "iris", "columns": []}]}, ["[[data]] columns is []"]),
        ({"data": [{"source": "iris", "columns": "x"}]}, ["columns is 'x'", "a list, as [...]"]),
        ({"data": [{"source": "iris", "columns": [-1]}]}, ["columns is -1", "indices from 0"]),
        ({"data": [{"source": "iris", "columns": [1.0]}]}, ["columns is 1.0"]),
        ({"data": [{"source": "iris", "columns": [True]}]}, ["columns is True"]),
        ({"data": [{"source": "iris", "columns": [1, 1]}]}, ["columns has 1 twice"]),
        ({"data": [{"source": "iris", "truth": ""}]}, ["[[data]] truth is ''"]),
        ({"data": [{"source": "iris", "scale": "standart"}]}, ["did you mean 'standard'?"]),
        ({"data": [{"source": "iris", "best_known": 3}]}, ["best_known is 3", "a table by k"]),
        ({"data": [{"source": "iris", "best_known": {"x": 1}}]}, ["best_known key is 'x'"]),
        ({"data": [{"source": "iris", "best_known": {0: 1}}]}, ["best_known key is 0"]),
        ({"data": [{"source": "iris", "best_known": {3: -1}}]}, ["best_known of 3 is -1"]),
        ({"grid": {}}, ["[grid] has no 'k'"]),
        ({"grid": {"k": [3]}}, ["[grid] has no 'init'"]),
        ({"grid": {"k": [0], "init": ["random"]}}, ["[grid] k is 0", "from 1 to 65535"]),
        ({"grid": {"k": [], "init": ["random"]}}, ["[grid] k is []", "not empty"]),
        ({"grid": {"k": 3, "init": ["random"]}}, ["[grid] k is 3", "a list, as [...]"]),
        ({"grid": {"k": [3, 3], "init": ["random"]}}, ["[grid] k has 3 twice"]),
        ({"grid": {"k": [3], "init": "random"}}, ["[grid] init is 'random'", "a list"]),
        (
            {"grid": {"k": [3], "init": ["kmean++"]}},
            ["unknown init 'kmean++' in [grid] init", "did you mean 'k-means++'?"],
        ),
        (
            {"grid": {"k": [3], "init": ["zzz"]}},
            ["unknown init 'zzz'", "allowed: random,", "module:function"],
        ),
        ({"grid": {"k": [3], "init": ["a b:f"]}}, ["unknown init 'a b:f'"]),
        ({"grid": {"k": [3], "init": ["m:"]}}, ["unknown init 'm:'"]),
        ({"grid": {"k": [3], "init": ["..m:f"]}}, ["unknown init '..m:f'"]),
        ({"lloyd": {"max_iter": 0}}, ["[lloyd] max_iter is 0", "from 1"]),
        ({"lloyd": {"max_iters": 5}}, ["'max_iters' in [lloyd]", "did you mean 'max_iter'?"]),
        ({"lloyd": {"tol": -1e-4}}, ["[lloyd] tol is -0.0001", "from 0"]),
        ({"lloyd": {"tol": float("nan")}}, ["[lloyd] tol is nan"]),
        ({"lloyd": {"tol": float("inf")}}, ["[lloyd] tol is inf"]),
        ({"lloyd": {"tol": "0"}}, ["[lloyd] tol is '0'"]),
        ({"lloyd": {"tol": 10**400}}, ["[lloyd] tol is 1000"]),
        ({"lloyd": {"empty": "drop"}}, ["[lloyd] empty is 'drop'", "relocate, keep, fail"]),
        ({"lloyd": 5}, ["[lloyd]"]),
        ({"record": {"steps": 1}}, ["[record] steps is 1", "true, false"]),
        ({"record": {"labels": "every"}}, ["[record] labels is 'every'", "all, final, none"]),
        ({"record": {"silhouette": "exakt"}}, ["did you mean 'exact'?"]),
        ({"record": {"labels": {"b": "all"}}}, ["labels is given for b", "each of iris"]),
        ({"record": {"labels": {"iris": "x"}}}, ["labels of 'iris' is 'x'"]),
        ({"reference": {"seconds": "5"}}, ["[reference] seconds is '5'", "finite numbers from 0"]),
        ({"reference": {"second": 5}}, ["unknown key 'second' in [reference]", "'seconds'?"]),
        ({"render": {"pick": ["bets"]}}, ["[render] pick is 'bets'", "did you mean 'best'?"]),
        ({"render": {"pick": ["seed=-1"]}}, ["'seed=-1'", "seed=N, run=N, optimum=N"]),
        ({"render": {"pick": ["seed=" + "9" * 5000]}}, ["pick is 'seed=999", "..."]),
        ({"render": {"pick": ["best", "best"]}}, ["pick has 'best' twice"]),
        ({"render": {"format": ["webm"]}}, ["[render] format is 'webm'", "html, gif, mp4, png"]),
    ],
)
def test_what_is_not_allowed_is_named_with_what_is(change, parts):
    refused(lambda: made(**change), *parts)


def test_lists_of_renders_may_be_empty():
    spec = made(render={"pick": [], "format": []})
    assert (spec.render.pick, spec.render.format) == ((), ())


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (MINIMAL + "[lloyd\n", ["line 7"]),
        (MINIMAL + 'a = "x\n', ["line 7"]),
        (MINIMAL + "a = [1,\n2,\n", ["at line 8, the end of the file"]),
        (MINIMAL.replace("[3]", "[" * 5000), ["no valid TOML"]),
        (MINIMAL.replace("[3]", "9" * 5000), ["no valid TOML"]),
        (MINIMAL + "k = [4]\nk = [5]\n", ["line"]),
        ("", ["has no 'name'"]),
        ("run = 5\n" + MINIMAL, ["unknown key 'run' in the spec", "did you mean 'runs'?"]),
        ('path = "x"\n' + MINIMAL, ["unknown key 'path'"]),
        (MINIMAL + "[gird]\n", ["unknown key 'gird'", "did you mean 'grid'?"]),
        (MINIMAL.replace('"a"', "2020-01-01"), ["name is datetime.date(2020, 1, 1)"]),
    ],
)
def test_a_file_s_errors_name_the_file(tmp_path, text, parts):
    path = written(tmp_path, text)
    refused(lambda: read(path), f"{path}: ", *parts)


def test_a_file_that_cannot_be_read(tmp_path):
    refused(lambda: read(tmp_path / "b.toml"), f"cannot read {tmp_path / 'b.toml'}", "No such file")
    refused(lambda: read(tmp_path), f"cannot read {tmp_path}", "Is a directory")
    (tmp_path / "c.toml").write_bytes(b"name = 'a'\n# \xff\n")
    refused(lambda: read(tmp_path / "c.toml"), "line 2 is not UTF-8 text")
    refused(lambda: read(5), "spec is 5", "path of a TOML file, or a Spec")


names = st.text(string.ascii_letters + string.digits + "-_ äé()", min_size=1, max_size=20).filter(
    lambda name: name == name.strip()
)
specs = st.fixed_dictionaries(
    {
        "name": names,
        "runs": st.integers(1, 10**8),
        "seed": st.integers(0, 2**62),
        "grid": st.fixed_dictionaries(
            {
                "k": st.lists(st.integers(1, 65535), min_size=1, unique=True),
                "init": st.lists(
                    st.sampled_from(["random", "k-means++", "maximin", "m:f", "a.b:c"]),
                    min_size=1,
                    unique=True,
                ),
            }
        ),
        "data": st.lists(
            st.fixed_dictionaries(
                {"source": names, "name": names},
                optional={
                    "columns": st.lists(names | st.integers(0, 99), min_size=1, unique=True),
                    "truth": names,
                    "scale": st.sampled_from(["none", "standard", "minmax"]),
                    "best_known": st.dictionaries(st.integers(1, 99), st.floats(0, 1e300)),
                },
            ),
            min_size=1,
            max_size=3,
            unique_by=lambda data: data["name"],
        ),
        "lloyd": st.fixed_dictionaries(
            {},
            optional={
                "max_iter": st.integers(1, 10**6),
                "tol": st.floats(0, 1e300),
                "empty": st.sampled_from(["relocate", "keep", "fail"]),
            },
        ),
        "reference": st.fixed_dictionaries({}, optional={"seconds": st.floats(0, 1e300)}),
        "render": st.fixed_dictionaries(
            {}, optional={"pick": st.just(["seed=007", "worst"]), "format": st.just(["png"])}
        ),
    }
)


@given(specs)
def test_a_spec_survives_toml(tmp_path_factory, plain):
    spec = Spec(**plain)
    path = tmp_path_factory.mktemp("specs") / "spec.toml"
    path.write_text(dumps(spec))
    assert read(path) == spec
    assert dumps(read(path)) == dumps(spec)


@given(st.text(max_size=60) | st.binary(max_size=60))
def test_no_file_is_answered_with_anything_but_one_line(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("specs") / "a.toml"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(errors="replace"))
    refused(lambda: read(path), str(path))


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=5,
)


@given(
    st.sampled_from(["name", "runs", "seed", "data", "grid", "lloyd", "reference", "render"]),
    values,
)
def test_any_value_is_taken_or_refused_in_one_line(key, value):
    try:
        spec = made(**{key: value})
    except kl.SpecError as error:
        assert "\n" not in str(error)  # noqa: PT017
    else:
        assert tomli_w.dumps({"name": spec.name})
