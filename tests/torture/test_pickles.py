"""Reading a pickle runs what it says: none is read from a results folder, or from data."""

import pickle
import re
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import kmeans_lab as kl
from kmeans_lab.cli import main
from studies import block_of, files_in, write_points, write_spec

MORE = '[render]\npick = ["best"]\nformat = ["png"]\n'


class Trap:
    """What leaves a mark when its pickle is read."""

    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


@pytest.fixture
def trap(tmp_path):
    """A trap that works, and that nobody has fallen into yet."""
    mark = tmp_path / "mark"
    pickle.loads(pickle.dumps(Trap(mark)))
    mark.unlink()
    return Trap(mark)


def as_pickle(path, trap):
    path.write_bytes(pickle.dumps(trap))


def as_array(path, trap):
    with path.open("wb") as file:
        np.save(file, np.array([trap], dtype=object), allow_pickle=True)


def as_type(path, trap):
    """The type of a column as older pyarrow read it, from a pickle in the file."""
    table = pq.ParquetFile(path).read()
    said = {"ARROW:extension:name": "arrow.py_extension_type"}
    said["ARROW:extension:metadata"] = pickle.dumps(trap)
    fields = [field.with_metadata(said) for field in table.schema]
    meta = {"pandas": pickle.dumps(trap), **(table.schema.metadata or {})}
    pq.write_table(table.cast(pa.schema(fields, metadata=meta)), path)


@pytest.fixture
def whole(tmp_path, rng, monkeypatch):
    """The folder of a finished study of two blocks."""
    write_points(tmp_path, rng, n=30)
    block_of(monkeypatch, 3)
    spec = write_spec(tmp_path, runs=4, k=[2], init=["random"], more=MORE)
    return kl.run(spec, results=tmp_path / "whole").folder


def plant(whole, study, trap):
    """Copies of a study at one place, a trap in another file or of another form each time."""
    for name in [*files_in(whole), "cache.pkl", "steps/array.npy"]:
        for planting in [as_pickle, as_array, *[as_type] * name.endswith(".parquet")]:
            shutil.copytree(whole, study)
            planting(study / name, trap)
            (study / "checksums.txt").unlink(missing_ok=True)
            yield name, planting
            shutil.rmtree(study)


def planted(whole, study, trap, *commands):
    """How many traps were planted in a study that commands read; fails where one fell into one."""
    spec, count = str(whole.parents[1] / "spec.toml"), 0
    for where in plant(whole, study, trap):
        for first, *more in commands:
            assert main([first, str(study), *more]) in (0, 1)
        main(["run", spec, "--results", str(study.parent), "--no-report"])
        assert not trap.mark.exists(), where
        count += 1
    return count


def test_no_pickle_is_read_from_a_results_folder(whole, tmp_path, trap, tally):
    count = planted(whole, tmp_path / "small", trap, ["status"], ["verify", "--repair"])
    tally("pickles planted in a study, none read", count)


@pytest.mark.torture
def test_no_pickle_is_read_into_a_report(whole, tmp_path, trap, tally):
    count = planted(whole, tmp_path / "small", trap, ["report"], ["render"])
    tally("pickles planted in a study that is reported and rendered, none read", count)


@pytest.mark.parametrize("suffix", ["npy", "csv", "parquet"])
@pytest.mark.parametrize("planting", [as_pickle, as_array])
def test_no_pickle_is_read_from_data(tmp_path, trap, planting, suffix):
    planting(tmp_path / f"points.{suffix}", trap)
    asked = {"name": "a", "runs": 1, "grid": {"k": [1], "init": ["random"]}}
    spec = kl.Spec(base=tmp_path, data=[{"source": f"points.{suffix}"}], **asked)
    with pytest.raises(kl.DataError):
        kl.run(spec, results=tmp_path)
    assert not trap.mark.exists()


def test_only_the_cache_of_kernels_holds_pickles():
    """It is the user's own, and no other user may have written it: tests/test_cache.py."""
    reads = re.compile(r"pickle\.loads?\(|allow_pickle=True|joblib\.load\(|read_pickle\(")
    found = {
        path.name
        for path in Path(kl.__file__).parent.rglob("*.py")
        if reads.search(path.read_text())
    }
    assert found <= {"_cache.py", "_jit.py"}
