"""The study's folder: its columns, what readers see at every moment, and damage that is told."""

import json
import os
import re
from dataclasses import replace

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

import kmeans_lab as kl
from kmeans_lab import files
from kmeans_lab.errors import RunError, SpecError
from kmeans_lab.runner import runner
from kmeans_lab.spec.resolve import resolve
from kmeans_lab.spec.spec import Spec, read
from kmeans_lab.store import blocks
from kmeans_lab.store.blocks import packed
from kmeans_lab.store.store import UNLISTED, Store
from kmeans_lab.trace.partitions import partition_ids
from studies import block_of, files_in, write_points, write_spec

RUNS = {
    "run": "int64",
    "dataset": "string",
    "k": "int32",
    "init": "string",
    "seed": "int64",
    "status": "string",
    "n_iter": "int32",
    "initial_inertia": "double",
    "inertia": "double",
    "silhouette": "double",
    "ari": "double",
    "relocations": "int32",
    "partition": "string",
    "centers": "list<element: double>",
    "labels": "binary",
    "note": "string",
    "seconds": "float",
    "silhouette_se": "double",
    "init_distances": "int64",
}
STEPS = {
    "run": "int64",
    "iteration": "int32",
    "centers": "list<element: double>",
    "inertia": "double",
    "moved": "int32",
    "silhouette": "double",
    "silhouette_se": "double",
    "labels": "binary",
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A finished study of four cells, 8 starts each, in blocks of 3."""
    folder = tmp_path_factory.mktemp("finished")
    write_points(folder, np.random.default_rng(20_261_123))
    with pytest.MonkeyPatch.context() as patch:
        block_of(patch, 3)
        return Store(runner.run(write_spec(folder, runs=8), results=folder, jobs=1))


@pytest.fixture
def copy(finished, tmp_path):
    """The same study, to be damaged."""
    for name, data in files_in(finished.folder).items():
        path = tmp_path / "copy" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return Store(tmp_path / "copy")


def types(path):
    return {field.name: str(field.type) for field in pq.read_schema(path)}


@pytest.mark.parametrize(("table", "columns"), [("runs", RUNS), ("steps", STEPS)])
def test_every_file_has_the_promised_columns_and_types(finished, table, columns):
    for path in (finished.folder / table).iterdir():
        found = types(path)
        assert {name: found[name] for name in columns} == columns


def test_rows_say_what_is_promised(finished):
    runs, steps = (pd.read_parquet(finished.folder / table) for table in ("runs", "steps"))
    X = finished.dataset("points").X
    assert sorted(runs["run"]) == [*range(32)]
    by_run = steps.groupby("run")
    for row in runs.itertuples():
        cell = (row.k, row.init)
        assert (
            cell == [(3, "random"), (3, "k-means++"), (6, "random"), (6, "k-means++")][row.run % 4]
        )
        assert (row.dataset, row.seed) == ("points", row.run // 4)
        mine = by_run.get_group(row.run).sort_values("iteration")
        assert mine["iteration"].tolist() == [*range(1, row.n_iter + 1)]
        assert mine["moved"].iloc[0] == len(X)
        assert mine["inertia"].iloc[0] == row.initial_inertia
        labels = np.frombuffer(row.labels, np.uint8)
        centers = np.reshape(row.centers, (row.k, -1))
        assert np.array_equal(((X[:, None] - centers) ** 2).sum(axis=2).argmin(axis=1), labels)
        assert re.fullmatch("[0-9a-f]{32}", row.partition)
        assert -1 <= row.ari <= 1
        assert row.init_distances == (0 if row.init == "random" else (row.k - 1) * len(X))
        assert pd.isna(row.note)
    first = steps[(steps["run"] == 0) & (steps["iteration"] == 1)].iloc[0]
    seeded = X[np.random.default_rng(0).choice(len(X), size=3, replace=False)]
    assert np.array_equal(np.reshape(first["centers"], (3, 2)), seeded)


def test_starts_too_many_for_offsets_of_32_bits_are_in_order_too(finished, monkeypatch):
    usual = finished.runs()
    monkeypatch.setattr(blocks, "REACH", usual.nbytes // 2)
    wide = finished.runs()
    assert wide["labels"].type == pa.large_binary()
    assert wide.cast(usual.schema).equals(usual)
    assert usual["run"].to_pylist() == [*range(32)]


@pytest.mark.parametrize(("k", "dtype"), [(255, "u1"), (256, "u1"), (257, "<u2")])
def test_labels_are_read_by_frombuffer_one_byte_to_k_256_else_two(tmp_path, k, dtype):
    n = 300
    np.save(tmp_path / "line.npy", np.arange(float(n))[:, None])
    spec = Spec(
        name="wide",
        runs=2,
        data=[{"source": str(tmp_path / "line.npy")}],
        grid={"k": [k], "init": ["random"]},
    )
    store = Store(runner.run(spec, results=tmp_path))
    runs, steps = (table.to_pandas() for table in (store.runs(), store.steps()))
    X = store.dataset("line").X[:, 0]
    for row in [*runs.itertuples(), *steps.itertuples()]:
        labels = np.frombuffer(row.labels, dtype)
        assert labels.shape == (n,)
        assert set(labels) == set(range(k))
    last = np.frombuffer(runs["labels"][0], dtype)
    assert np.array_equal(np.abs(X[:, None] - runs["centers"][0]).argmin(axis=1), last)


def test_a_truth_that_is_missing_and_labels_not_recorded_are_null(tmp_path):
    spec = Spec(
        name="bare",
        runs=2,
        data=[{"source": "iris"}],
        grid={"k": [2], "init": ["random"]},
        record={"labels": "none", "silhouette": "none"},
    )
    store = Store(runner.run(spec, results=tmp_path))
    runs, steps = store.runs(), store.steps()
    assert runs["ari"].null_count == runs["labels"].null_count == len(runs) == 2
    assert steps["labels"].null_count == steps["silhouette"].null_count == len(steps) > 0


def test_outcomes_alone_are_recorded_where_steps_are_not_wanted(tmp_path, rng):
    write_points(tmp_path, rng)
    spec = write_spec(tmp_path, runs=4, more="[record]\nsteps = false\n")
    store = Store(runner.run(spec, results=tmp_path))
    assert len(store.runs()) == 16
    assert pd.read_parquet(store.folder / "steps").empty
    assert not store.verify()
    assert not store.settle(steps=False)


@given(
    st.lists(st.lists(st.integers(0, 3), min_size=6, max_size=6), min_size=2, max_size=8),
    st.permutations(range(4)),
)
def test_partition_ids_are_equal_iff_the_partitions_are(rows, names):
    renamed = [[names[label] for label in row] for row in rows]
    keys = partition_ids(np.array([canonical(row) for row in rows + renamed], np.uint16))
    pairs = [tuple(tuple(a == b for b in row) for a in row) for row in rows + renamed]
    for i, j in np.ndindex(len(keys), len(keys)):
        assert (keys[i] == keys[j]) == (pairs[i] == pairs[j])


def canonical(row):
    order = [*dict.fromkeys(row)]
    return [order.index(label) for label in row]


def test_partitions_of_starts_are_equal_iff_their_labels_agree_up_to_renaming(finished):
    runs = finished.runs().to_pandas()
    for _, cell in runs.groupby("k"):
        ids = [tuple(canonical([*labels])) for labels in cell["labels"]]
        table = pd.DataFrame(
            {"canonical": ids, "partition": [*cell["partition"]]}
        ).drop_duplicates()
        assert table["canonical"].is_unique
        assert table["partition"].is_unique


def test_steps_become_visible_before_their_starts_and_both_are_durable(
    finished, tmp_path, monkeypatch
):
    seen, whole = [], files.write

    def write(path, data):
        digest = whole(path, data)
        seen.append(path.parent.name)
        return digest

    store = Store(tmp_path)
    store.prepare()
    monkeypatch.setattr(files, "write", write)
    name = finished.names()[0]
    store.commit(
        "c0000-000000000-000000002", finished._read("steps", name), finished._read("runs", name)
    )
    assert seen == ["steps", "runs"]


@pytest.mark.parametrize("recur", [True, False])
def test_columns_have_a_dictionary_where_their_values_recur(finished, tmp_path, rng, recur):
    name = finished.names()[0]
    rows = finished._read("steps", name)
    rows = rows.take(pa.array(np.resize(np.arange(len(rows)), 3000)))
    if not recur:
        n = len(rows.column("labels")[0].as_py())
        centers = [rng.random(6).tolist() for _ in range(3000)]
        rows = rows.set_column(
            2, rows.schema.field(2), pa.array(centers, rows.schema.field(2).type)
        )
        rows = rows.set_column(7, "labels", pa.array([rng.bytes(n) for _ in range(3000)]))
    (tmp_path / "block.parquet").write_bytes(packed(rows))
    with pq.ParquetFile(tmp_path / "block.parquet") as file:
        group = file.metadata.row_group(0)
        chosen = {c.path_in_schema: c.has_dictionary_page for c in map(group.column, range(8))}
        assert file.read().equals(rows)
    assert chosen["labels"] == chosen["centers.list.element"] == recur
    assert chosen["moved"]
    assert not chosen["run"]
    assert types(tmp_path / "block.parquet") == STEPS


def test_a_block_is_committed_once_whatever_its_name(finished, tmp_path):
    store = Store(tmp_path)
    store.prepare()
    name = finished.names()[0]
    steps, runs = finished._read("steps", name), finished._read("runs", name)
    names = [store.commit(name, steps, runs).name for _ in range(3)]
    assert names == [name, f"{name}-2", f"{name}-3"]
    assert store.names() == names


@pytest.mark.parametrize("table", ["runs", "steps"])
def test_readers_find_a_table_at_every_moment_of_the_making(tmp_path, rng, monkeypatch, table):
    """Whatever the disk is asked next, the folder is not there yet or pandas reads it."""
    write_points(tmp_path, rng)
    seen, folder = [], tmp_path / "results" / "small" / table
    original = files.os.fsync

    def look(descriptor):
        if folder.exists():
            seen.append(len(pd.read_parquet(folder)["run"]))
        original(descriptor)

    monkeypatch.setattr(files.os, "fsync", look)
    block_of(monkeypatch, 3)
    runner.run(write_spec(tmp_path, runs=6), results=tmp_path / "results", jobs=1)
    assert seen[0] == 0
    assert sorted(seen) == seen
    assert len(set(seen)) > 8


def test_leftovers_of_a_killed_run_are_passed_over_then_put_away(copy):
    for table in ("runs", "steps"):
        (copy.folder / table / ".tmp-1-2-c0000-000000000-000000009.parquet").write_bytes(
            b"PAR1 half"
        )
    (copy.folder / ".tmp-runs").mkdir()
    (copy.folder / ".tmp-runs" / "schema.parquet").write_bytes(b"half")
    orphan = copy.path("steps", "c0000-000000090-000000099")
    orphan.write_bytes(copy.path("steps", copy.names()[0]).read_bytes())
    assert len(pd.read_parquet(copy.folder / "runs")) == 32
    assert not copy.settle(steps=True)
    assert not orphan.exists()
    assert not [name for name in files_in(copy.folder) if ".tmp-" in name]
    assert not copy.verify()


def test_blocks_that_no_checksum_vouches_for_are_read_before_they_are_adopted(copy):
    whole, damaged, twin = copy.names()[:3]
    data = bytearray(copy.path("steps", damaged).read_bytes())
    data[len(data) // 3] ^= 1
    copy.path("steps", damaged).write_bytes(data)
    for table in ("runs", "steps"):
        bytes_ = copy.path(table, whole).read_bytes()
        copy.path(table, f"{twin}-2").write_bytes(bytes_)
        copy.checksums.remove(f"{table}/{name}.parquet" for name in (whole, damaged))
    lost = copy.settle(steps=True)
    assert [*lost] == [damaged, f"{twin}-2"]
    assert "damaged" in lost[damaged]
    assert "another block" in lost[f"{twin}-2"]
    assert whole in copy.names()
    assert not copy.verify()
    assert copy.done().size == len(set(copy.done())) == 32 - 3


def test_a_start_without_all_its_steps_is_not_adopted(copy):
    name = copy.names()[0]
    copy._write("steps", name, copy._read("steps", name)[1:])
    copy.checksums.remove(f"{table}/{name}.parquet" for table in ("runs", "steps"))
    assert "does not hold the steps" in copy.settle(steps=True)[name]
    assert name not in copy.names()


def test_a_damaged_block_is_told_with_its_path_and_what_helps(copy):
    """A flipped byte is refused, be it one of a value or one that says nothing."""
    name = copy.names()[0]
    path, whole = copy.path("runs", name), copy._read("runs", name)
    data = path.read_bytes()
    column = pq.read_metadata(path).row_group(0).column(14)  # labels
    begin = column.dictionary_page_offset or column.data_page_offset
    told = []
    for at in range(begin, begin + column.total_compressed_size):
        path.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :])
        with pytest.raises(RunError) as raised:
            copy._read("runs", name)
        told.append(str(raised.value))
    assert len(told) > 100
    path.write_bytes(data)
    assert copy._read("runs", name).equals(whole)
    for text in told:
        assert text.startswith(f"{path} is damaged (")
        assert f"kmeans-lab verify {copy.folder} --repair" in text
        assert "\n" not in text


def test_the_starts_of_other_blocks_still_load(copy):
    """A study leaves a damaged block out, with a warning; a command ends with it."""
    whole, names = copy.runs(), copy.names()
    lost = set(copy.ids(names[1]).tolist())
    path = copy.path("runs", names[1])
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.warns(UserWarning, match=rf"{names[1]}\.parquet is damaged"):
        rows = kl.open(copy.folder).runs
    assert rows["run"].tolist() == [run for run in whole["run"].to_pylist() if run not in lost]
    with pytest.warns(UserWarning, match="is damaged"):
        assert "29 starts" in repr(kl.open(copy.folder))


def without(copy, name, column):
    """Let a block of starts lack a column."""
    path = copy.path("runs", name)
    pq.write_table(pq.ParquetFile(path).read().drop_columns(column), path)
    copy.record(path)


def test_blocks_of_an_earlier_version_have_null_where_they_lack_a_column(copy):
    whole, (name, other) = copy.runs(), copy.names()[:2]
    without(copy, name, "init_distances")
    rows, ids = copy.runs(), set(copy.ids(name).tolist())
    assert rows.schema.equals(whole.schema)
    pairs = zip(rows["run"].to_pylist(), rows["init_distances"].to_pylist(), strict=True)
    assert {run for run, distances in pairs if distances is None} == ids
    assert rows.drop_columns("init_distances").equals(whole.drop_columns("init_distances"))
    columns = ["init_distances", "seed"]
    assert copy.runs(columns).column_names == columns
    assert copy.runs(columns, ids)["init_distances"].null_count == len(ids)
    assert len(pd.read_parquet(copy.folder / "runs")) == 32
    without(copy, other, "ari")
    with pytest.raises(RunError, match="does not have the columns that belong there"):
        copy.runs()


def test_steps_are_found_beside_a_block_that_has_none(copy):
    """A block of starts that all failed has an empty table of steps."""
    name = copy.names()[0]
    runs = copy._read("runs", name).slice(0, 0)
    copy.commit("c0003-000000100-000000101", copy._read("steps", name).slice(0, 0), runs)
    assert set(copy.steps([5, 31])["run"].to_pylist()) == {5, 31}


@pytest.mark.parametrize("how", ["flip", "cut", "delete"])
def test_verify_names_whatever_file_is_damaged(copy, how):
    whole = files_in(copy.folder)
    for name, data in whole.items():
        path = copy.folder / name
        at = len(data) // 2
        if how == "flip":
            path.write_bytes(data[:at] + bytes([data[at] ^ 4]) + data[at + 1 :])
        elif how == "cut":
            path.write_bytes(data[:at])
        else:
            path.unlink()
        found = {damage.path for damage in copy.verify()}
        assert name in found or (name == "checksums.txt" and found)
        path.write_bytes(data)
        assert not copy.verify()


def test_verify_names_what_is_not_listed_and_keeps_its_hands_off(copy):
    (copy.folder / "runs" / "stray.parquet").write_bytes(b"")
    before = files_in(copy.folder)
    assert copy.verify() == [("runs/stray.parquet", UNLISTED)]
    assert files_in(copy.folder) == before
    with pytest.raises(SpecError, match="is no study"):
        Store(copy.folder / "runs").verify()


def test_a_study_can_be_moved_and_read_without_its_source(copy, finished):
    assert copy.dataset("points").fingerprint == finished.dataset("points").fingerprint
    assert copy.runs().equals(finished.runs())


def test_a_study_of_a_newer_version_is_refused(copy):
    about = json.loads((copy.folder / "study.json").read_text())
    (copy.folder / "study.json").write_text(json.dumps(about | {"schema_version": 99}))
    with pytest.raises(SpecError, match=r"schema_version 99.*reads up to 1: upgrade it"):
        copy.spec()


def test_a_run_under_way_is_not_taken_for_damage(copy):
    name = copy.names()[0]
    copy.checksums.remove([f"runs/{name}.parquet"])
    with copy.lock():
        assert not copy.verify()
    assert copy.verify() == [(f"runs/{name}.parquet", UNLISTED)]


def test_a_study_is_laid_out_with_its_provenance(tmp_path, rng):
    write_points(tmp_path, rng)
    resolved = resolve(read(write_spec(tmp_path)))
    store = Store(tmp_path / "study")
    store.folder.mkdir()
    store.create(resolved)
    assert store.exists()
    assert store.spec() == resolved.spec
    about = store.about()
    assert about["schema_version"] == 1
    assert about["datasets"]["points"]["shape"] == [129, 2]
    assert {"numpy", "numba", "pyarrow"} <= about["packages"].keys()
    assert not store.verify()


@pytest.mark.parametrize("number", range(12))
def test_wherever_the_disk_refuses_new_settings_each_file_is_a_listed_one(
    copy, monkeypatch, number
):
    left, fsync = iter(range(number)), os.fsync

    def refuse(descriptor):
        if next(left, None) is None:
            raise OSError(28, "No space left on device")
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", refuse)
    with pytest.raises(RunError, match="No space left"):
        copy.save_spec(replace(copy.spec(), runs=9))
    monkeypatch.undo()
    assert not copy.verify()
    copy.save_spec(replace(copy.spec(), runs=9))
    assert [len(copy.checksums.of(name)) for name in ("study.json", "spec.toml")] == [1, 1]
