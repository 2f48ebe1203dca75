"""A whole file of what no run writes is refused where it is read, in one line."""

import json
import warnings

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import kmeans_lab as kl
from kmeans_lab.cli import main
from kmeans_lab.errors import DamageError, RunError
from kmeans_lab.reference import references
from studies import block_of, write_points, write_spec


@pytest.fixture
def study(tmp_path, rng, monkeypatch):
    """A study of two blocks that no checksum vouches for."""
    write_points(tmp_path, rng, n=20)
    block_of(monkeypatch, 3)
    study = kl.run(write_spec(tmp_path, runs=6, k=[2], init=["random"]), results=tmp_path)
    (study.folder / "checksums.txt").unlink()
    return study


def changed(path, **columns):
    """Let the first row of a table have other values, its columns their types."""
    table = pq.ParquetFile(path).read()
    for name, value in columns.items():
        place, kind = table.schema.get_field_index(name), table.schema.field(name)
        values = [value, *table[name].to_pylist()[1:]]
        table = table.set_column(place, kind, pa.array(values, kind.type))
    pq.write_table(table, path)


CENTERS = [[0.0] * 4, [0.0] * 2, [0.0] * 5, [0.0, 0.0, 0.0, None], []]


@pytest.mark.parametrize(
    ("table", "columns", "reason"),
    [
        ("runs", {"k": None}, "k is null in a row"),
        ("runs", {"seed": -1}, "seed is below 0 in a row"),
        ("runs", {"status": "lost"}, "a status is unknown"),
        ("runs", {"status": "error"}, "a start has no inertia, or has one without an outcome"),
        ("runs", {"partition": None}, "a start has no partition, or has one without an outcome"),
        ("runs", {"labels": b"\0"}, "its labels differ in length"),
        ("runs", {"centers": CENTERS[1]}, "its centers differ in length"),
        ("runs", {"centers": CENTERS[3]}, "a center is null"),
        ("runs", {"k": 3}, "its centers are not of its k"),
        ("steps", {"iteration": 0}, "iteration is below 1 in a row"),
        ("steps", {"inertia": None}, "inertia is null in a row"),
        ("steps", {"centers": CENTERS[4]}, "its centers differ in length"),
    ],
)
def test_a_block_of_senseless_rows_is_left_out_and_the_other_read(study, table, columns, reason):
    first, second = study.store.names()
    changed(study.store.path(table, first), **columns)
    with pytest.warns(DamageError) as told:
        found = getattr(kl.open(study.folder), table)["run"]
    assert {*found} == {*study.store.ids(second)}
    assert {str(warning.message) for warning in told} == {
        f"{study.store.path(table, first)} is damaged ({reason}); "
        f"`kmeans-lab verify {study.folder} --repair` mends it"
    }


@pytest.mark.parametrize(
    ("table", "columns", "reason"),
    [
        ("runs", {"dataset": "../../x"}, "dataset"),
        ("runs", {"init": "k-means++"}, "init"),
        ("runs", {"run": 2**62, "init": "</script>"}, "init"),
    ],
)
def test_starts_of_no_cell_are_told(study, table, columns, reason):
    changed(study.store.path(table, study.store.names()[0]), **columns)
    with pytest.raises(RunError, match=f"{table} is damaged .{reason} that are of no start of its"):
        kl.open(study.folder).runs  # noqa: B018


def test_a_start_that_stands_there_twice_is_told(study):
    changed(study.store.path("runs", study.store.names()[0]), run=5)
    with pytest.raises(RunError, match=r"runs is damaged .a start stands there twice"):
        kl.open(study.folder).runs  # noqa: B018


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("labels", b"\xff", r"a label is 255, of 2 clusters: the study's steps are damaged"),
        ("labels", b"\0", r"steps is damaged \(labels that are of no start of its cell\)"),
        ("centers", [0.0] * 6, r"steps is damaged \(centers that are of no start of its cell\)"),
    ],
)
def test_steps_of_other_data_are_told(study, column, value, told):
    """In every row, so that the file is not at odds with itself."""
    path = study.store.path("steps", study.store.names()[0])
    table = pq.ParquetFile(path).read()
    place, kind = table.schema.get_field_index(column), table.schema.field(column)
    whole = value * len(table[column][0].as_py()) if value == b"\xff" else value
    pq.write_table(table.set_column(place, kind, pa.array([whole] * len(table), kind.type)), path)
    with pytest.raises(RunError, match=told):
        kl.open(study.folder).trace(run=0)


def test_rows_without_statistics_are_found(study):
    """As another program may write them."""
    whole = study.trace(run=0).inertia.tolist()
    path = study.store.path("steps", study.store.names()[0])
    pq.write_table(pq.ParquetFile(path).read(), path, write_statistics=False)
    assert kl.open(study.folder).trace(run=0).inertia.tolist() == whole


@pytest.mark.parametrize(
    "about",
    [
        b"[" * 100_000,
        b'{"schema_version": 1e400}',
        b'{"schema_version": 1}',
        {"spec_folder": ["x"]},
        {"spec": None},
        {"packages": {}},
        {"datasets": {"points": {"fingerprint": "x", "shape": [2]}}},
        {"datasets": {"points": {"fingerprint": "x", "shape": [10**30, -1]}}},
        {"reference": {"points/2": "many"}},
        {"datasets": {}},
    ],
)
def test_a_study_json_that_no_run_writes_is_told(study, about, capsys):
    path = study.folder / "study.json"
    if isinstance(about, dict):
        about = json.dumps(json.loads(path.read_bytes()) | about).encode()
    path.write_bytes(about)
    assert main(["report", str(study.folder)]) == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"kmeans-lab: {path} is damaged (")


def test_a_reference_of_other_data_is_told(study):
    references.complete(study.store, print)
    path = study.folder / "reference.parquet"
    changed(path, dataset="other")
    (study.folder / "checksums.txt").unlink()
    with pytest.raises(RunError, match="it is of other data or k than the study"):
        kl.open(study.folder).optima  # noqa: B018


@pytest.mark.parametrize("name", ["runs/../../kept.parquet", "../kept.parquet", "/kept", "a\0b"])
def test_a_checksum_of_what_is_elsewhere_is_no_line(tmp_path, rng, capsys, name):
    """A repair would remove the file; before, it did."""
    write_points(tmp_path, rng, n=20)
    study = kl.run(write_spec(tmp_path, runs=2, k=[2], init=["random"]), results=tmp_path)
    kept = study.folder.parent / "kept.parquet"
    kept.write_text("mine")
    with (study.folder / "checksums.txt").open("a") as file:
        file.write(f"{'0' * 64}  {name}\n")
    assert main(["verify", str(study.folder)]) == 1
    assert ": line 8 is damaged" in capsys.readouterr().out
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert main(["verify", str(study.folder), "--repair"]) == 0
    assert kept.read_text() == "mine"
    assert not study.store.verify()
