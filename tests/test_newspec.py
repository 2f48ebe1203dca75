"""A first spec for a data file: it runs, whatever the file is called, and its guesses are told."""

import math
import tomllib
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import kmeans_lab as kl
from kmeans_lab.spec.newspec import write
from kmeans_lab.spec.resolve import resolve
from kmeans_lab.spec.spec import read


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """The working directory."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def new(text, name="data.csv"):
    """What the spec of a CSV file comes to, and the guesses."""
    Path(name).write_text(text)
    path, told = write(name)
    return resolve(read(path)), told


FLOWERS = "id,length,width,species\n" + "".join(
    f"{i},{5 + i % 7 / 10},{2 + i % 3 / 10},{'ab'[i % 2]}\n" for i in range(20)
)


def test_flowers():
    resolved, told = new(FLOWERS, "flowers.csv")
    assert told == [
        "points: 20, the first in line 2",
        "columns: 'length', 'width'",
        "left out: 'id', it counts the rows",
        "truth: 'species', 2 groups",
        "scale: none, the columns' spreads differ 3-fold",
        "k: 2, as 'species' has 2 groups",
    ]
    assert resolved.spec.name == "flowers"
    assert resolved.spec.grid.k == (2,)
    dataset = resolved.datasets["flowers"]
    assert dataset.columns == ("length", "width")
    assert dataset.truth_names == ("a", "b")


def test_every_key_is_there_with_its_default_and_explained():
    """What is not guessed stays what a spec without the key would say."""
    new("1,2\n3,5\n6,4\n")
    text = Path("data.toml").read_text()
    content = tomllib.loads(text)
    bare = {"name": "data", "data": [{"source": "data.csv"}], "grid": content["grid"]}
    assert kl.Spec(**content).lloyd == kl.Spec(**bare).lloyd
    assert kl.Spec(**content).record == kl.Spec(**bare).record
    assert kl.Spec(**content).render == kl.Spec(**bare).render
    assert kl.Spec(**content).reference == kl.Spec(**bare).reference
    assert (content["runs"], content["seed"]) == (kl.Spec(**bare).runs, kl.Spec(**bare).seed)
    for kind in (kl.Spec, *map(type, (kl.Spec(**bare).data[0], kl.Spec(**bare).grid))):
        for setting in kind.__dataclass_fields__.values():
            if "check" in setting.metadata:
                assert f"{setting.name} = " in text or f"[{setting.name}]" in text
    lines = [line for line in text.splitlines() if " = " in line]
    assert all(" # " in line or line.startswith("# ") for line in lines)
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize(
    "stem",
    [
        "with space",
        "quo\"te'd",
        "back\\slash",
        "größe 数据",
        "# hash = 1",
        "new\nline",
        " .hidden",
        "-- dashes",
        "a.b.c",
        "x" * 210,
        "\\",
    ],
)
def test_awkward_file_names(stem):
    (resolved, _) = new(FLOWERS, f"{stem}.csv")
    assert (Path.cwd() / f"{stem}.toml").is_file()
    assert len(resolved.datasets) == 1
    assert resolved.spec.data[0].source == f"{stem}.csv"


@pytest.mark.parametrize(
    "name",
    [
        'a "b"',
        "it's",
        "back\\slash",
        "\\u0041",
        "größe",
        "数据 🌼",
        "x" * 200,
        "a\nb",
        "\x7f\x1b",
        "#",
    ],
)
def test_awkward_column_names(name):
    frame = pd.DataFrame(
        {name: [1.0, 2, 4, 3], f"{name} too": [1, 5, 1, 5], f"{name} label": list("abab")}
    )
    frame.to_parquet("data.parquet")
    path, _ = write("data.parquet")
    dataset = resolve(read(path)).datasets["data"]
    assert dataset.columns == (name, f"{name} too")
    assert dataset.truth_column == f"{name} label"


@pytest.mark.parametrize(("first", "warned"), [("0,1", True), ("1,2", True), ("1,3", False)])
def test_a_first_row_that_counts_the_columns_is_warned_of(first, warned):
    _, told = new(f"{first}\n5,9\n7,2\n")
    assert any(line.startswith("beware: line 1 counts the columns") for line in told) == warned


def test_many_columns_are_all_named():
    np.save("wide.npy", np.random.default_rng(0).normal(size=(5, 70)))
    path, told = write("wide.npy")
    assert told[1] == "columns: 'x0', 'x1', 'x2', 'x3', 'x4', 'x5', 'x6', 'x7' … 70 in all"
    assert resolve(read(path)).datasets["wide"].X.shape == (5, 70)


def test_the_source_is_seen_from_the_spec(folder):
    (folder / "data").mkdir()
    (folder / "specs").mkdir()
    (folder / "deep").mkdir()
    (folder / "deep" / "link").symlink_to("../specs")
    Path("data/x.csv").write_text(FLOWERS)
    for data, output in (
        ("data/x.csv", "specs/a.toml"),
        (str(folder / "data" / "x.csv"), "deep/link/b.toml"),
        ("deep/link/../data/x.csv", str(folder / "specs" / "c.toml")),
    ):
        path, _ = write(data, output)
        assert path == Path(output)
        assert read(path).data[0].source == "../data/x.csv"
        resolve(read(path))


def test_a_built_in_set_may_be_named():
    path, told = write("iris")
    assert path == Path("iris.toml")
    assert "truth: 'species', 3 groups" in told
    assert resolve(read(path)).spec.data[0].source == "iris"


@pytest.mark.parametrize(
    ("text", "truth", "k"),
    [
        ("a,b,kind\n1,3,x\n2,5,y\n4,1,x\n9,7,y\n", "kind", (2,)),  # the only column of text
        ("a,city,kind\n1,p,x\n2,q,y\n4,p,x\n9,p,y\n", "kind", (2,)),  # the last one
        ("a,species,kind\n1,p,x\n2,q,y\n4,p,x\n9,p,y\n", "species", (2,)),  # by its name
        ("a,b,Target\n1,3,0\n2,5,1\n4,1,0\n9,7,1\n", "Target", (2,)),
        ("a,b,true_label\n1,3,1\n2,5,noise\n4,1,1\n9,7,noise\n", "true_label", (2,)),
        ("a,b,target\n1,3,0.5\n2,5,1\n4,1,0.5\n9,7,1\n", None, (2, 3, 4)),  # no whole numbers
        ("a,b,class\n1,3,0\n2,5,0\n4,1,0\n9,7,0\n", None, (2, 3, 4)),  # one group
        ("a,b,name\n1,3,p\n2,5,q\n4,1,r\n9,7,s\n", None, (2, 3, 4)),  # each its own
        ("a,b,class\n1,3,x\n2,5,\n4,1,x\n9,7,y\n", None, (2, 3, 4)),  # one is missing
        ("a,b,class\n1,3,x\n1,3,y\n1,3,x\n1,3,y\n", "class", (1,)),  # one distinct point
        ("a,b\n1,3\n1,3\n1,3\n", None, (1,)),
    ],
)
def test_truth_and_k(text, truth, k):
    resolved, told = new(text)
    assert resolved.spec.data[0].truth == truth
    assert resolved.spec.grid.k == k
    assert any(line.startswith(f"truth: {truth!r}" if truth else "truth: none") for line in told)


@pytest.mark.parametrize(
    ("text", "scale"),
    [
        ("a,b\n0,0\n10,1\n", "none"),
        ("a,b\n0,0\n11,1\n", "standard"),
        ("a,b,c\n0,0,5\n10,1,5\n", "none"),  # a constant column asks for nothing
        ("a,b\n1e300,1\n-1.7e308,2\n1.7e308,4\n", "standard"),
        ("a\n0\n1e9\n", "none"),
    ],
)
def test_scale(text, scale):
    assert new(text)[0].spec.data[0].scale == scale


@pytest.mark.parametrize(
    ("text", "columns", "left_out"),
    [
        ("a,b\n1,3\n2,\n9,4\n", ("a",), ["'b', 1 of 3 cells no finite number"]),
        ("a,b\ninf,3\nx,5\n9,4\n", ("b",), ["'a', 2 of 3 cells no finite number"]),
        (",a\n1,3\n2,5\n3,4\n", ("a",), ["'x0', it counts the rows"]),
        ("a,b\n3,0\n5,1\n4,2\n", ("a", "b"), []),  # not the first column
        ("a\n0\n1\n2\n", ("a",), []),  # the only one
    ],
)
def test_columns_that_are_left_out(text, columns, left_out):
    resolved, told = new(text)
    assert resolved.datasets["data"].columns == columns
    assert [line for line in told if "left out" in line] == [f"left out: {x}" for x in left_out]


def refused(error, data, *parts, output=None):
    with pytest.raises(error) as caught:
        write(data, output)
    assert "\n" not in str(caught.value)
    for part in parts:
        assert part in str(caught.value)
    assert not list(Path().glob("*.toml"))


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("", "empty"),
        ("a,b\n", "empty table"),
        ("a,b\n1,2\n", "single row"),
        ("a\nx\ny\n", "no numeric column"),
        ("a,b\n1,nan\nx,2\n", "column 'a': 1 of 2 cells holds no finite number"),
        ("1;2\n3;4\n", "separated by ';'"),
        (f"a\n{math.pi}e200\n1\n", "square overflows"),
    ],
)
def test_data_that_cannot_be_used(text, part):
    Path("data.csv").write_text(text)
    refused(kl.DataError, "data.csv", part)


def test_data_that_is_not_there():
    refused(kl.DataError, "no.csv", "cannot read no.csv")
    refused(kl.DataError, "no.txt", "unknown data set 'no.txt'", ".csv, .parquet or .npy")


def test_nothing_is_overwritten():
    Path("data.csv").write_text(FLOWERS)
    Path("mine").write_text("precious")
    Path("dangling").symlink_to("nowhere")
    for output in ("mine", "dangling", "."):
        refused(kl.SpecError, "data.csv", output, "is there already", "--output", output=output)
    assert Path("mine").read_text() == "precious"


def test_a_spec_that_cannot_be_written():
    Path("data.csv").write_text(FLOWERS)
    refused(kl.SpecError, "data.csv", "cannot write", output="no/such/x.toml")
    Path("bad\udcff.csv").write_text(FLOWERS)
    refused(kl.SpecError, "bad\udcff.csv", "not UTF-8", output="x.toml")
