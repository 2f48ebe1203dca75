"""Data sets: chosen, checked, scaled, kept; and what is refused at the door."""

import hashlib
import math
import tempfile
from dataclasses import replace
from pathlib import Path
from unittest.mock import patch

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import kmeans_lab as kl
from kmeans_lab.data import datasets as built_in
from kmeans_lab.data.datasets import (
    DATASETS,
    Dataset,
    distinct,
    from_array,
    load,
    read_parquet,
    write_parquet,
)
from kmeans_lab.data.points import LARGEST, SMALLEST, scaled
from strategies import points

TRUTH = {"iris": "species", "wine": "class", "digits": "digit", "breast-cancer": "diagnosis"}
SHAPE = {"iris": (150, 4, 3), "wine": (178, 13, 3), "digits": (1797, 64, 10)}
SHAPE["breast-cancer"] = (569, 30, 2)


@pytest.fixture
def csv(tmp_path):
    """Loads a CSV file of the given text."""

    def csv(text, **options):
        (tmp_path / "flowers.csv").write_text(text)
        return load("flowers.csv", name="flowers", base=tmp_path, **options)

    return csv


def refused(call, *parts):
    """A call is refused in one line that holds all of `parts` and says what is allowed."""
    with pytest.raises(kl.DataError) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    for part in (*parts, "" if "did you mean" in text else "allowed: "):
        assert part in text


def is_frozen(array):
    return array.flags.c_contiguous and not array.flags.writeable


@pytest.mark.parametrize("name", DATASETS)
def test_built_in_sets(name):
    n, d, groups = SHAPE[name]
    dataset = load(name, name="mine", base=Path("nowhere"), truth=TRUTH[name])
    assert dataset.name == "mine"
    assert dataset.X.shape == (n, d)
    assert dataset.X.dtype == np.float64
    assert is_frozen(dataset.X)
    assert is_frozen(dataset.truth)
    assert len(dataset.columns) == d
    assert dataset.columns == dataset.features
    assert set(dataset.truth.tolist()) == set(range(groups)) == set(range(len(dataset.truth_names)))
    assert dataset.truth_column == TRUTH[name]
    assert TRUTH[name] not in dataset.columns
    assert DATASETS[name].description
    assert DATASETS[name].source


def test_iris_is_fishers(iris2):
    names = ("sepal length (cm)", "sepal width (cm)")
    dataset = load("iris", name="iris", base=Path(), columns=names, truth="species")
    assert dataset.columns == names
    assert dataset.X.tobytes() == iris2.tobytes()
    assert dataset.truth_names == ("setosa", "versicolor", "virginica")
    assert dataset.truth.tolist() == [0] * 50 + [1] * 50 + [2] * 50


@pytest.mark.parametrize("found", [True, False])
def test_iris_is_what_scikit_learn_loads_wherever_it_keeps_it(monkeypatch, found):
    if not found:
        monkeypatch.setattr(built_in, "find_spec", lambda name: None)
    made, theirs = (
        built_in.DATASETS["iris"].table(),
        built_in._sklearn("iris", "load_iris", "species"),
    )
    assert (made.where, made.n, made.row(3)) == (theirs.where, theirs.n, theirs.row(3))
    for ours, other in zip(made.columns, theirs.columns, strict=True):
        assert (ours.name, [*ours.cells()]) == (other.name, [*other.cells()])
        assert np.array_equal(ours.numbers, other.numbers) or ours.name == "species"


def test_iris_agrees_with_the_published_file(reference):
    theirs = load("iris.csv", name="iris", base=reference)
    assert theirs.X.tobytes() == load("iris", name="iris", base=Path()).X.tobytes()


TABLE = "a,b,word,c\n1,10,x,7\n2,20,y,8\n3,30,x,9\n"


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        ({}, "abc"),
        ({"truth": "word"}, "abc"),
        ({"truth": "b"}, "ac"),
        ({"truth": 3}, "ab"),
        ({"columns": ["c", "a"]}, "ca"),
        ({"columns": [3, "a"]}, "ca"),
    ],
)
def test_columns_are_chosen(csv, options, chosen):
    dataset = csv(TABLE, **options)
    values = {"a": [1, 2, 3], "b": [10, 20, 30], "c": [7, 8, 9]}
    assert dataset.columns == tuple(chosen)
    assert dataset.X.T.tolist() == [values[name] for name in chosen]


@pytest.mark.parametrize(
    ("options", "parts"),
    [
        ({"columns": ["aa"]}, ["unknown column 'aa'", "did you mean 'a'"]),
        ({"columns": [4]}, ["no column 4", "0 to 3"]),
        ({"columns": [-1]}, ["no column -1", "0 to 3"]),
        ({"columns": ["a", 0]}, ["column 0 is chosen twice"]),
        ({"columns": []}, ["no columns are chosen"]),
        ({"columns": ["a", "word"]}, ["'word'", "all 3 cells", "'x'", "line 2"]),
        ({"columns": ["a", "b"], "truth": 1}, ["truth 'b' is among the columns"]),
        ({"truth": "words"}, ["unknown column 'words'", "did you mean 'word'"]),
        ({"scale": "minmac"}, ["unknown scale 'minmac'", "did you mean 'minmax'"]),
    ],
)
def test_a_choice_that_cannot_be_is_refused(csv, tmp_path, options, parts):
    refused(lambda: csv(TABLE, **options), *parts)


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a,b\n1,2\n3,nan\n5,NaN\n", ["'b'", "2 of 3 cells hold", "'nan'", "line 3"]),
        ("a,b\n1,2\ninf,3\n5,6\n", ["'a'", "1 of 3 cells holds", "'inf'", "line 3"]),
        ("a,b\n1,2\n1,\n5,6\n", ["'b'", "1 of 3 cells holds", "''", "line 3"]),
        ("a,b\n1,2\n1,two\n-inf,6\n", ["'a'", "'-inf'", "line 4"]),
        ("a,b\n1,2\n1,two\n3,4\n", ["'b'", "1 of 3 cells", "'two'", "line 3"]),
        ("1,2\nnan,4\n", ["'x0'", "line 2"]),
        ("a,b\n1,2\n1e146,3\n", ["'a'", "1e+146", "line 3", "1e+145"]),
        ("a,b\n1e-200,1\n2e-200,1\n", ["'a'", "1e-200"]),
        ("a,b\n", ["empty table", "two rows"]),
        ("", ["empty", "two rows"]),
        ("a,b\n1,2\n", ["single row", "line 2", "two rows"]),
        ("1,2\n", ["single row", "line 1"]),
        ("a,b\nx,y\nz,w\n", ["no numeric column", "'a', 'b'"]),
        ("a\n" + "1\n" * 9 + "x" * 99, ["…", "line 11"]),
    ],
)
def test_bad_cells_are_refused_with_file_column_and_row(csv, tmp_path, text, parts):
    refused(lambda: csv(text), str(tmp_path / "flowers.csv"), *parts)


def test_no_numeric_column_beside_the_truth(csv):
    refused(lambda: csv("a,b\n1,x\n2,y\n", truth="a"), "no numeric column beside the truth 'a'")


def test_a_bad_column_that_is_not_chosen_is_no_matter(csv):
    assert csv("a,b\n1,x\n2,3\n", columns=["a"]).X.tolist() == [[1], [2]]


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("iriss", ["'iriss'", "did you mean 'iris'"]),
        ("points.txt", ["'points.txt'", "wine", ".csv, .parquet or .npy"]),
        ("", ["unknown data set ''"]),
        (".csv", ["unknown data set '.csv'"]),
    ],
)
def test_unknown_sources(tmp_path, source, parts):
    refused(lambda: load(source, name="x", base=tmp_path), *parts)


def test_missing_file(tmp_path):
    with pytest.raises(kl.DataError, match=r"cannot read .*sub/x\.csv: No such file"):
        load("sub/x.csv", name="x", base=tmp_path)


def test_a_path_is_relative_to_its_base_or_absolute(tmp_path):
    (tmp_path / "IRIS.CSV").write_text("1\n2\n")
    for base, source in ((tmp_path, "IRIS.CSV"), (Path("/nowhere"), str(tmp_path / "IRIS.CSV"))):
        assert load(source, name="x", base=base).X.tolist() == [[1], [2]]


def test_rows_of_binary_files_are_counted_from_one(tmp_path):
    X = np.arange(6.0).reshape(3, 2)
    X[1, 1] = np.inf
    np.save(tmp_path / "x.npy", X)
    pd.DataFrame(X, columns=["a", "b"]).to_parquet(tmp_path / "x.parquet")
    for file, column in (("x.npy", "'x1'"), ("x.parquet", "'b'")):
        refused(lambda f=file: load(f, name="x", base=tmp_path), file, column, "row 2 (from 1)")


@pytest.mark.parametrize(
    ("cells", "codes", "groups"),
    [
        (["b", "a", "b"], [1, 0, 1], ("a", "b")),
        (["10", "9", "9.0"], [1, 0, 0], ("9", "10")),  # numbers in their own order
        (["1", "noise", "1"], [0, 1, 0], ("1", "noise")),
        (["0.5", "-1", "0.5"], [1, 0, 1], ("-1", "0.5")),
        (["NA", "a", "a"], [0, 1, 1], ("NA", "a")),
        (["9007199254740993", "9007199254740992", "1"], [2, 1, 0], None),
    ],
)
def test_truth_becomes_codes(csv, cells, codes, groups):
    text = "".join(f"{i},{cell}\n" for i, cell in enumerate(cells))
    dataset = csv("a,label\n" + text, truth="label")
    assert dataset.truth.tolist() == codes
    assert dataset.truth_names == groups or groups is None
    assert dataset.truth.dtype == np.int64
    assert is_frozen(dataset.truth)


@pytest.mark.parametrize("cell", ["", "  ", "nan", "NaN"])
@pytest.mark.parametrize("other", ["x", "1"])
def test_missing_truth_is_refused(csv, cell, other):
    text = f"a,label\n1,{other}\n2,{cell}\n3,{other}\n"
    refused(lambda: csv(text, truth="label"), "'label'", "1 of 3 cells holds no label", "line 3")


def test_missing_truth_in_parquet(tmp_path):
    frame = pd.DataFrame({"a": [1, 2, 3], "s": ["x", None, "y"], "f": [True, False, True]})
    frame.to_parquet(tmp_path / "x.parquet")
    options = {"name": "x", "base": tmp_path}
    refused(lambda: load("x.parquet", truth="s", **options), "'s'", "None", "row 2")
    assert load("x.parquet", truth="f", **options).truth_names == ("False", "True")


def test_truth_named_like_a_scaled_column_is_refused(csv):
    text = '"a","a, standardized"\n1,x\n2,y\n'
    refused(lambda: csv(text, truth=1, scale="standard"), "is a column's name")


def test_scales_are_told_in_the_names(csv):
    for scale, suffix in {"none": "", "standard": ", standardized"}.items():
        assert csv(TABLE, scale=scale).columns == tuple(f"{c}{suffix}" for c in "abc")
        assert csv(TABLE, scale=scale).features == ("a", "b", "c")
    dataset = csv(TABLE, scale="minmax", columns=["a"])
    assert dataset.columns == ("a, scaled to 0…1",)
    assert dataset.X.tolist() == [[0], [0.5], [1]]


def test_standard_by_hand(csv):
    X = csv("a,b,c\n1,7,1e308\n3,7,-1e308\n", scale="standard").X
    assert X.tolist() == [[-1, 0, 1], [1, 0, -1]]


columns = hnp.arrays(
    np.float64,
    st.tuples(st.integers(2, 30), st.integers(1, 3)),
    elements=st.floats(allow_nan=False, allow_infinity=False) | st.integers(-3, 3).map(float),
)


@given(X=columns, shift=st.integers(-40, 40))
@pytest.mark.parametrize("scale", ["standard", "minmax"])
def test_scaling_ignores_order_and_units_of_two(X, shift, scale):
    Z, _ = scaled(X, scale)
    assert np.isfinite(Z).all()
    assert np.array_equal(scaled(X[::-1], scale)[0][::-1], Z)
    assume(np.all((np.abs(X) < 1e290) & ((np.abs(X) > 1e-290) | (X == 0))))
    assert np.array_equal(scaled(X * 2.0**shift, scale)[0], Z)


@given(X=columns)
def test_minmax_hits_its_ends_and_keeps_order(X):
    Z, _ = scaled(X, "minmax")
    for x, z in zip(X.T, Z.T, strict=True):
        assert z.min() == 0
        assert z.max() == (x.min() < x.max())
        assert (np.diff(z[np.argsort(x)]) >= 0).all()


@given(X=points(min_n=2))
def test_standard_has_mean_zero_and_variance_one(X):
    Z, _ = scaled(X, "standard")
    for x, z in zip(X.T, Z.T, strict=True):
        assert math.fsum(z) / len(z) == pytest.approx(0, abs=1e-14)
        variance = math.fsum(z * z) / len(z)
        assert variance == pytest.approx(float(x.min() < x.max()), abs=1e-13)


def test_standard_at_the_last_bit():
    X = np.array([[1.0], [np.nextafter(1, 2)]])
    assert scaled(X, "standard")[0].tolist() == [[-1], [1]]


@given(X=points(max_n=12))
def test_every_test_scale_passes_the_door(X):
    assert from_array(X).tobytes() == X.tobytes()


def test_the_limits_are_safe():
    """Sums of squared distances stay finite and keep their digits up to the limits."""
    far, near = np.array([[LARGEST], [-LARGEST]]), np.array([[0.0], [SMALLEST]])
    for X in (far, near):
        assert from_array(X).tolist() == X.tolist()
    worst = 2**40 * (far[0] - far[1]) ** 2  # n d of a terabyte's data
    assert np.isfinite(worst)
    lost = np.finfo(float).tiny > (SMALLEST * 1e-8) ** 2
    assert not lost
    for X in (far * 1.01, near / 1.01):
        refused(lambda X=X: from_array(X), "column 0")


@pytest.mark.parametrize(
    "make",
    [
        lambda X: X,
        lambda X: X.tolist(),
        lambda X: X.astype(np.int8),
        lambda X: X.astype(np.float32),
        lambda X: X.astype(np.longdouble),
        lambda X: X.astype(">f8"),
        np.asfortranarray,
        lambda X: np.repeat(X, 2, axis=0)[::2],
        lambda X: X[:, ::-1].copy()[:, ::-1],
        np.ma.array,
        lambda X: np.ma.array(X, mask=np.zeros_like(X, bool)),
        pd.DataFrame,
        lambda X: pd.DataFrame(X, columns=["b", "b"], index=[5] * len(X)),
        lambda X: pd.DataFrame(X).astype("Int64"),
        lambda X: pd.DataFrame({"a": X[:, 0].astype("f4"), "b": pd.array(X[:, 1], "Float64")}),
    ],
)
def test_every_layout_gives_one_array(make):
    X = np.array([[1.0, -2], [3, 4], [0, 7]])
    given = make(X)
    if isinstance(given, np.ndarray):
        given.setflags(write=False)
    Y = from_array(given)
    assert type(Y) is np.ndarray
    assert Y.dtype == np.dtype("=f8")
    assert is_frozen(Y)
    assert not np.shares_memory(Y, X)
    assert Y.tolist() == X.tolist()


def test_one_point_and_booleans_are_points():
    assert from_array([[True, False]]).tolist() == [[1, 0]]


class Sparse:
    def toarray(self):
        raise AssertionError


@pytest.mark.parametrize(
    ("X", "parts"),
    [
        ([1.0, 2, 3], ["(3,)", "reshape(-1, 1)"]),
        (pd.Series([1, 2]), ["(2,)", "reshape(-1, 1)"]),
        (5, ["()"]),
        (np.zeros((2, 2, 2)), ["(2, 2, 2)"]),
        (np.empty((0, 2)), ["(0, 2)", "one row"]),
        (np.empty((2, 0)), ["(2, 0)", "one feature"]),
        (pd.DataFrame(), ["(0, 0)"]),
        ([[1, 2], [3]], ["no array"]),
        ([["a"]], ["<U1"]),
        ([[1, None]], ["object"]),
        (np.ones((2, 2), complex), ["complex128"]),
        (np.zeros((2, 1), "M8[D]"), ["datetime64"]),
        (Sparse(), ["sparse", "toarray"]),
        ([[1, 2], [math.nan, math.inf]], ["2 values", "nan at row 1, column 0"]),
        ([[1, -math.inf]], ["1 value", "-inf at row 0, column 1"]),
        (np.ma.array([[1, 2], [3, 4]], mask=[[0, 0], [1, 1]]), ["2 values masked", "(1, 0)"]),
        (pd.DataFrame({"a": [1, 2], "b": ["x", "y"]}), ["column 'b'"]),
        (pd.DataFrame({"a": [1, 2], "b": [1, math.nan]}), ["row 1, column 'b'"]),
        (pd.DataFrame({"a": pd.array([None, 2], "Int64")}), ["nan at row 0, column 'a'"]),
        (pd.DataFrame({"a": pd.Categorical([1, 2])}), ["column 'a'", "category"]),
        ([[1e200, 0]], ["column 0", "1e+200"]),
    ],
)
def test_what_is_no_array_of_points_is_refused(X, parts):
    refused(lambda: from_array(X), *parts)


lattices = hnp.arrays(
    np.float64,
    st.tuples(st.integers(1, 30), st.integers(1, 3)),
    elements=st.sampled_from([-1.0, -0.0, 0.0, 1.0]),
)


@given(X=lattices, limit=st.none() | st.integers(1, 40))
def test_distinct_counts_rows(X, limit):
    number = len(np.unique(X + 0.0, axis=0))
    assert distinct(X, limit) == (number if limit is None else min(number, limit))


def test_distinct_looks_at_all_rows_and_stops_at_its_limit():
    X = np.zeros((20_000, 2))
    X[-1] = 1
    assert distinct(X, 3) == 2
    assert distinct(np.arange(20_000.0)[:, None], 7) == 7


names = st.text(st.characters(codec="utf-8"), max_size=6)


@st.composite
def datasets(draw):
    X = draw(points(max_n=10, min_n=2))
    labels = draw(st.none() | st.lists(names, min_size=1, max_size=4, unique=True))
    columns = draw(st.lists(names, min_size=X.shape[1] + 1, max_size=X.shape[1] + 1, unique=True))
    features = tuple(columns[:-1])
    if labels is None:
        return Dataset("d", X, features, features)
    codes = draw(hnp.arrays(np.int64, len(X), elements=st.integers(0, len(labels) - 1)))
    return Dataset("d", X, features, features[::-1], codes, tuple(labels), columns[-1])


@given(dataset=datasets(), group=st.sampled_from([1, 3, 1 << 20]))
def test_a_study_keeps_its_data_to_the_bit(dataset, group):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "d.parquet")
        with patch.object(built_in, "GROUP", group):
            digest = write_parquet(dataset, path)
        assert digest == hashlib.sha256(path.read_bytes()).hexdigest()
        kept, frame = read_parquet(path), pd.read_parquet(path)
    assert kept.X.tobytes() == dataset.X.tobytes()
    assert is_frozen(kept.X)
    for field in ("name", "columns", "features", "truth_names", "truth_column", "fingerprint"):
        assert getattr(kept, field) == getattr(dataset, field)
    assert np.array_equal(frame.iloc[:, : len(dataset.columns)].to_numpy(), dataset.X)
    if dataset.truth is None:
        assert kept.truth is None
        assert tuple(frame.columns) == dataset.columns
    else:
        assert kept.truth.tolist() == dataset.truth.tolist()
        assert is_frozen(kept.truth)
        assert tuple(frame.columns) == (*dataset.columns, dataset.truth_column)
        assert list(frame.iloc[:, -1]) == [dataset.truth_names[c] for c in dataset.truth]


@pytest.fixture
def kept(tmp_path):
    """A small data set and the file it is kept in."""
    dataset = load("iris", name="iris", base=tmp_path, truth="species")
    write_parquet(dataset, tmp_path / "iris.parquet")
    return dataset, tmp_path / "iris.parquet"


def test_no_flipped_bit_passes(kept, rng):
    dataset, path = kept
    data = path.read_bytes()
    for at in rng.choice(len(data), size=300, replace=False):
        damaged = bytearray(data)
        damaged[at] ^= 1 << rng.integers(8)
        path.write_bytes(damaged)
        try:
            said = read_parquet(path).fingerprint
        except kl.RunError as error:
            said = str(error)
        assert "\n" not in said
        assert said == dataset.fingerprint or said.startswith(str(path))


@pytest.mark.parametrize("damage", ["cut", "missing", "foreign", "emptied", "other"])
def test_a_damaged_file_is_named_with_advice(kept, damage):
    dataset, path = kept
    if damage == "cut":
        path.write_bytes(path.read_bytes()[:-50])
    elif damage == "missing":
        path.unlink()
    elif damage == "foreign":
        pd.DataFrame({"a": [1.0]}).to_parquet(path)
    elif damage == "emptied":
        path.write_bytes(b"")
    else:
        vars(dataset)["fingerprint"] = "0" * 64
        write_parquet(dataset, path)
    with pytest.raises(kl.RunError, match=r"iris\.parquet is damaged \(.+\); .* --repair"):
        read_parquet(path)


def test_a_file_that_cannot_be_written_is_named(kept, tmp_path):
    with pytest.raises(kl.RunError, match=r"cannot write .*no/x\.parquet: No such file"):
        write_parquet(kept[0], tmp_path / "no" / "x.parquet")


def test_fingerprint_tells_contents_apart_and_not_names():
    X = np.array([[0.0, 1], [2, 3]])
    truth = np.array([0, 1])
    one = Dataset("a", X, ("p", "q"), ("p", "q"), truth, ("x", "y"), "label")
    assert replace(one, name="b", truth_column="other").fingerprint == one.fingerprint
    others = [
        replace(one, X=X + np.array([[0, 0], [0, 1e-15]])),
        replace(one, X=X.reshape(4, 1)),
        replace(one, columns=("p", "r")),
        replace(one, truth=truth[::-1]),
        replace(one, truth_names=("x", "z")),
        replace(one, truth=None),
    ]
    assert len({other.fingerprint for other in [one, *others]}) == 7


def test_a_data_set_is_frozen():
    dataset = load("iris", name="iris", base=Path())
    with pytest.raises(AttributeError):
        dataset.name = "other"
    with pytest.raises(ValueError, match="read-only"):
        dataset.X[0, 0] = 1
