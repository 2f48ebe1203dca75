"""Files as tables: what is a header, what is a number, and which line is to blame."""

import csv
import io
import pickle
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kmeans_lab.data import csvs, readers
from kmeans_lab.data.datasets import load
from kmeans_lab.data.readers import READERS, read_csv, read_npy, read_parquet
from kmeans_lab.errors import DataError

finite = st.floats(allow_nan=False, allow_infinity=False)


@pytest.fixture
def read(tmp_path):
    """Reads a CSV file of the given text or bytes."""

    def read(text):
        path = tmp_path / "points.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_csv(path)

    return read


def names(table):
    return [column.name for column in table.columns]


def rows(table):
    return [list(row) for row in zip(*(column.numbers for column in table.columns), strict=True)]


def refused(call, *parts):
    """The one line that a call is refused with; it holds all of `parts`."""
    with pytest.raises(DataError) as caught:
        call()
    text = str(caught.value)
    assert "\n" not in text
    for part in parts:
        assert part in text
    return text


@pytest.mark.parametrize(
    ("text", "header", "n"),
    [
        ("1,2\n3,4\n", ["x0", "x1"], 2),
        ("a,b\n3,4\n", ["a", "b"], 1),
        ("1,b\n3,4\n", ["1", "b"], 1),  # one word is enough
        (",b\n3,4\n", ["x0", "b"], 1),
        ("nan,inf\n-Infinity,1e5\n", ["x0", "x1"], 2),
        ("1_000,2\n3,4\n", ["1_000", "2"], 1),
        ("0x10,2\n3,4\n", ["0x10", "2"], 1),
        ('"a, b"," c "\n3,4\n', ["a, b", "c"], 1),
        ('a, "b, c"\n1, "2"\n', ["a", "b, c"], 1),
        ('"two\nlines",b\n3,4\n', ["two\nlines", "b"], 1),
        ("a,b\n", ["a", "b"], 0),
        ("été,größe\n1,2\n", ["été", "größe"], 1),
        ("1\n2\n3", ["x0"], 3),
    ],
)
def test_header_is_a_first_row_with_a_cell_that_is_no_number(read, text, header, n):
    table = read(text)
    assert (names(table), table.n) == (header, n)


@pytest.mark.parametrize(
    "text",
    [
        b"a,b\n1,2\n3,4\n",
        b"a,b\n1,2\n3,4",
        b"\xef\xbb\xbfa,b\n1,2\n3,4\n",
        b"a,b\r\n1,2\r\n3,4\r\n",
        b"a,b\r1,2\r3,4\r",
        b"a,b\n1,2\n3,4\n\n  \n\r\n",
        b'"a","b"\n"1"," 2 "\n 3,4.0\n',
        b"a,b\n+1,2.\n3e0,.4e1\n",
    ],
)
def test_one_table_however_it_is_written(read, text):
    table = read(text)
    assert (names(table), rows(table)) == (["a", "b"], [[1, 2], [3, 4]])


def test_columns_of_numbers_of_text_and_of_both(read):
    table = read("n,t,b,e,m\n1,x,1,,nan\n2, y z ,word,,\n3,,3,,inf\n")
    numbers, text, both, empty, odd = table.columns
    assert numbers.numbers.tolist() == [1, 2, 3]
    assert text.numbers is None
    assert list(text.cells()) == ["x", "y z", ""]
    np.testing.assert_array_equal(both.numbers, [1, np.nan, 3])
    assert list(both.cells()) == ["1", "word", "3"]
    np.testing.assert_array_equal(empty.numbers, [np.nan] * 3)
    np.testing.assert_array_equal(odd.numbers, [np.nan, np.nan, np.inf])


@pytest.mark.parametrize("cell", ["1_000", "0x10", "1,0", "1e", "١٢٣x", "1 2", "--1", "1f"])
def test_what_looks_like_a_number_and_is_none(read, cell):
    assert np.isnan(read(f'a,b\n"{cell}",2\n3,4\n').columns[0].numbers).tolist() == [True, False]


@pytest.mark.parametrize("size", [1, 2, 3, 100])
def test_batches_are_not_seen(read, monkeypatch, size):
    monkeypatch.setattr(csvs, "BATCH", size)
    table = read("late,t,early\nx,a,1\ny,b,2\n3,c,3\n4,d,z\n")
    late, text, early = table.columns
    np.testing.assert_array_equal(late.numbers, [np.nan, np.nan, 3, 4])
    assert list(late.cells()) == ["x", "y", "3", "4"]
    assert text.numbers is None
    assert list(text.cells()) == ["a", "b", "c", "d"]
    np.testing.assert_array_equal(early.numbers, [1, 2, 3, np.nan])
    assert [table.row(i) for i in range(table.n)] == ["line 2", "line 3", "line 4", "line 5"]


def test_a_row_is_called_by_the_line_it_ends_in(read):
    table = read('a,b\n1,"x\ny"\n2,z\n')
    assert (table.row(0), table.row(1)) == ("line 3", "line 4")


@given(
    values=st.lists(st.tuples(finite, finite, finite), min_size=1, max_size=20),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    end=st.sampled_from(["\n", "\r\n"]),
)
def test_every_float_is_read_to_the_bit(values, quoting, end):
    text = io.StringIO(newline="")
    csv.writer(text, quoting=quoting, lineterminator=end).writerows(values)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.csv")
        path.write_text(text.getvalue(), newline="")
        table = read_csv(path)
    found = np.column_stack([column.numbers for column in table.columns])
    assert found.tobytes() == np.array(values).tobytes()


@given(cells=st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=2, max_size=8))
def test_every_text_is_read_as_it_was_written(cells):
    text = io.StringIO(newline="")
    csv.writer(text).writerows([["n", "word"], *([i, f"w {cell}"] for i, cell in enumerate(cells))])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "x.csv")
        path.write_bytes(text.getvalue().encode())
        table = read_csv(path)
    assert list(table.column("word").cells()) == [f"w {cell}".strip() for cell in cells]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        (b"", ["is empty", "two rows"]),
        (b"\n\r\n  \n", ["is empty"]),
        (b"a,b\n1,2\n3\n", ["line 3 has 1 cell, line 1 has 2 cells", "equal length"]),
        (b"1,2\n3,4,5\n", ["line 2 has 3 cells, line 1 has 2 cells"]),
        (b"a,b\n1,2\n\n3,4\n", ["line 3 has 0 cells"]),
        (b"a\n1\n\n3\n", ["line 3 has 0 cells, line 1 has 1 cell"]),
        (b"1;2\n3;4\n", ["separated by ';'", "commas"]),
        (b"1,5;2,5\n1,5;2,5\n", ["separated by ';'"]),
        (b"a;b\n1,5;2,5\n", ["separated by ';'"]),
        (b"a;s\n1;x\n", ["separated by ';'"]),
        (b"a\tb\n1\t2\n", ["separated by '\\t'"]),
        (b"1 2\n3 4\n", ["separated by ' '"]),
        (b"a,b\n1,2\n3,\xff\n", ["line 3 is not UTF-8"]),
        ("a,b\n1,2\n".encode("utf-16"), ["line 1 is not UTF-8"]),
        (b'a,b\n1,"2\n3,4\n', ["no comma-separated row", "line 3"]),
        (b'a,b\n1,"2"3\n', ["no comma-separated row", "line 2"]),
        (b"a,b,a\n1,2,3\n", ["columns 0 and 2 (from 0) are both named 'a'"]),
    ],
)
def test_what_is_no_table_is_refused_with_its_line(read, tmp_path, text, parts):
    refused(lambda: read(text), str(tmp_path / "points.csv"), *parts)


def test_words_with_spaces_are_no_separators(read):
    assert names(read("size and form\n1\n2\n")) == ["size and form"]
    assert names(read("form,n\nred; 2,1\nblue; 3,2\n")) == ["form", "n"]


@pytest.mark.parametrize("suffix", READERS)
def test_a_file_that_cannot_be_read_is_named(tmp_path, suffix):
    (tmp_path / f"folder{suffix}").mkdir()
    for name in ("missing", "folder", "no\0thing"):
        refused(lambda name=name: READERS[suffix](tmp_path / f"{name}{suffix}"), "cannot read")


@pytest.mark.parametrize("suffix", READERS)
def test_an_empty_file_is_named(tmp_path, suffix):
    path = tmp_path / f"empty{suffix}"
    path.touch()
    refused(lambda: READERS[suffix](path), str(path), "allowed: ")


def test_columns_by_name_and_by_index(read):
    table = read("sepal,petal\n1,2\n3,4\n")
    assert table.column("petal") is table.column(1)
    refused(lambda: table.column("petals"), "'petals'", "did you mean 'petal'?")
    for index in (-1, 2):
        refused(lambda index=index: table.column(index), f"no column {index}", "0 to 1, or a name")


@pytest.fixture
def npy(tmp_path):
    """Reads a .npy file of an array."""

    def npy(array):
        np.save(tmp_path / "points.npy", array, allow_pickle=True)
        return read_npy(tmp_path / "points.npy")

    return npy


@pytest.mark.parametrize("kind", ["<f8", ">f8", "f4", "f2", "g", ">i2", "u8", "?"])
def test_arrays_of_real_numbers(npy, kind):
    X = np.array([[0, 1], [1, 0], [1, 1]]).astype(kind)
    for array in (X, np.asfortranarray(X), X[::-1][::-1]):
        table = npy(array)
        assert (names(table), rows(table)) == (["x0", "x1"], [[0, 1], [1, 0], [1, 1]])
        assert all(column.numbers.dtype == np.float64 for column in table.columns)
    assert table.row(0) == "row 1 (from 1)"


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_one_feature_may_be_a_vector(npy, shape):
    assert rows(npy(np.arange(4).reshape(shape))) == [[0], [1], [2], [3]]


@pytest.mark.parametrize("shape", [(0,), (0, 2), (3, 0)])
def test_empty_arrays_are_empty_tables(npy, shape):
    table = npy(np.empty(shape))
    assert table.n * len(table.columns) == 0


def test_a_long_double_beyond_float64_is_infinite(npy):
    assert rows(npy(np.array([[np.finfo(np.longdouble).max], [1]], np.longdouble)))[1] == [1]


@pytest.mark.parametrize(
    ("array", "part"),
    [
        (np.zeros((2, 2, 2)), "has shape (2, 2, 2)"),
        (np.float64(3), "has shape ()"),
        (np.zeros((2, 2), complex), "complex128"),
        (np.array([["a"]]), "<U1"),
        (np.zeros(2, [("a", "f8")]), "('a', '<f8')"),
        (np.array(["2020-01-01"], "M8[D]"), "datetime64"),
    ],
)
def test_other_arrays_are_refused(npy, tmp_path, array, part):
    refused(lambda: npy(array), str(tmp_path / "points.npy"), part, "allowed: ")


class Trap:
    def __reduce__(self):
        return (Path.touch, (Path("trap"),))


def test_nothing_is_unpickled(npy, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    refused(lambda: npy(np.array([[Trap()]], object)), "points.npy")
    Path("bare.npy").write_bytes(pickle.dumps(Trap()))
    refused(lambda: read_npy(Path("bare.npy")), "bare.npy")
    assert not Path("trap").exists()


@given(cut=st.integers(0, 300), at=st.integers(0, 300), byte=st.integers(0, 255))
@pytest.mark.parametrize("suffix", [".npy", ".parquet"])
def test_a_damaged_file_is_read_or_refused_in_one_line(suffix, cut, at, byte):
    buffer = io.BytesIO()
    if suffix == ".npy":
        np.save(buffer, np.arange(6.0).reshape(3, 2))
    else:
        pd.DataFrame({"a": [1.0, 2], "b": ["x", "y"]}).to_parquet(buffer)
    data = bytearray(buffer.getvalue())
    data[-1 - at % len(data)] = byte
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"x{suffix}")
        path.write_bytes(data[: len(data) - cut if at % 2 else None])
        try:
            line = READERS[suffix](path).where
        except DataError as error:
            line = str(error)
    assert line.startswith(str(path))
    assert "\n" not in line


@pytest.fixture(params=[False, True], ids=["read", "mapped"])
def mapped(request, monkeypatch):
    """A file is read whole, or mapped and taken over two rows at a time."""
    if request.param:
        monkeypatch.setattr(readers, "MAPPED", 1)
        monkeypatch.setattr(readers, "ROWS", 2)
    return request.param


@pytest.mark.usefixtures("mapped")
def test_parquet_columns(tmp_path):
    frame = pd.DataFrame(
        {
            "float": [1.5, np.nan, np.inf],
            "small": np.array([1, 2, 3], np.float32),
            "int": [1, -2, 3],
            "null": pd.array([1, None, 3], dtype="Int64"),
            "word": ["x", None, "z"],
            "flag": [True, False, True],
            "group": pd.Categorical(["u", "v", "u"]),
            "day": pd.to_datetime(["2020-01-01"] * 3),
        },
        index=[7, 3, 5],
    )
    frame.to_parquet(tmp_path / "x.parquet")
    table = read_parquet(tmp_path / "x.parquet")
    assert names(table) == list(frame.columns)  # without the index
    assert table.n == 3
    for name in ("float", "small", "int"):
        np.testing.assert_array_equal(table.column(name).numbers, frame[name])
    np.testing.assert_array_equal(table.column("null").numbers, [1, np.nan, 3])
    assert table.column("null").cells() == [1, None, 3]
    assert table.column("group").cells() == ["u", "v", "u"]
    for name in ("word", "flag", "group", "day"):
        assert table.column(name).numbers is None


@pytest.mark.usefixtures("mapped")
def test_parquet_truth_and_points(tmp_path):
    frame = pd.DataFrame({"a": [1, 2, 3], "s": ["x", "z", "y"], "b": [4.5, 5, 6]})
    frame.to_parquet(tmp_path / "x.parquet")
    dataset = load("x.parquet", name="x", base=tmp_path, truth="s")
    np.testing.assert_array_equal(dataset.X, frame[["a", "b"]])
    assert dataset.truth_names == ("x", "y", "z")
    np.testing.assert_array_equal(dataset.truth, [0, 2, 1])
    (only,) = load("x.parquet", name="x", base=tmp_path, columns=["b"]).X.T
    np.testing.assert_array_equal(only, frame["b"])


@pytest.mark.usefixtures("mapped")
def test_a_footer_that_tells_of_more_rows_than_there_are_is_refused(tmp_path):
    path = tmp_path / "x.parquet"
    pd.DataFrame({"a": np.arange(100.0)}).to_parquet(path)
    data = path.read_bytes()
    footer = len(data) - 8 - int.from_bytes(data[-8:-4], "little")
    at = data.index(b"\xc8\x01", footer)  # 100 as a varint, the first one: the file's rows
    path.write_bytes(data[:at] + b"\xd8" + data[at + 1 :])  # 108
    refused(
        lambda: read_parquet(path), str(path), "tells of 108 rows, and of 100 in its row groups"
    )


@pytest.mark.usefixtures("mapped")
def test_a_file_that_is_gone_when_its_cells_are_asked_for_is_told(tmp_path, mapped):
    path = tmp_path / "x.parquet"
    pd.DataFrame({"a": [1, 2, 3]}).to_parquet(path)
    column = read_parquet(path).columns[0]
    path.unlink()
    if mapped:
        refused(column.cells, str(path), "changed while it was read")
    else:
        assert column.cells() == [1, 2, 3]


@pytest.mark.parametrize("dtype", ["<f8", ">f8", "<f4", "<i2", "?"])
@pytest.mark.parametrize("order", ["C", "F"])
def test_a_mapped_array_is_as_one_that_is_read(tmp_path, rng, mapped, dtype, order):
    X = np.asarray(rng.integers(0, 2, size=(9, 3)), dtype, order)
    np.save(tmp_path / "x.npy", X)
    table = read_npy(tmp_path / "x.npy")
    np.testing.assert_array_equal(table.points, X)
    assert table.points.dtype == np.float64
    # Of a mapped file of such numbers nothing is copied.
    assert np.shares_memory(table.points, table.column(0).numbers)
    owner = table.points
    while isinstance(owner.base, np.ndarray):
        owner = owner.base
    copied = (dtype, order) != ("<f8", "C")
    assert isinstance(owner, np.memmap) == (mapped and not copied)


@pytest.mark.parametrize("cut", [0, 5, 60, 128, 200])
def test_a_mapped_array_cut_short_is_refused(tmp_path, monkeypatch, cut):
    path = tmp_path / "x.npy"
    np.save(path, np.zeros((40, 2)))
    path.write_bytes(path.read_bytes()[:cut])
    monkeypatch.setattr(readers, "MAPPED", 0)
    refused(lambda: read_npy(path), str(path), "allowed: a .npy file of real numbers")


@pytest.mark.usefixtures("mapped")
def test_no_parquet_file_is_refused(tmp_path):
    path = tmp_path / "x.parquet"
    path.write_text("a,b\n1,2\n")
    refused(lambda: read_parquet(path), str(path), "allowed: a Parquet file")
