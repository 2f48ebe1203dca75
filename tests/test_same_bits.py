"""Law 8: every recorded value but timings is the same bits, however a study came about."""

import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from kmeans_lab.kernels.initializers import INITIALIZERS
from kmeans_lab.runner import runner
from kmeans_lab.store.store import Store
from studies import SEEDS, Watcher, bits, block_of, files_in, write_points, write_spec

NO_DISTANCE = {"first", "random", "random-partition", "uniform-box"}

# A run that is killed in the middle of its N-th block: what is written of it, N and the moment.
KILLED = """
import os, signal, sys
from pathlib import Path
from kmeans_lab import files
from kmeans_lab.runner import runner

spec, results, backend, moment, number = sys.argv[1:]
runner.block_size = lambda *_: 5
table = "runs" if moment == "listed" else moment
whole, met = files.write, 0

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def write(path, data):
    global met
    met += path.parent.name == table and path.name[0] == "c"
    if met == int(number) and moment != "listed":
        path.with_name(f".tmp-1-1-{path.name}").write_bytes(data[: len(data) // 2])
        die()
    digest = whole(path, data)
    if met == int(number):
        die()
    return digest

files.write = write
runner.run(spec, results=results, jobs=1, backend=backend)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A spec, and the bits of its study run in one piece."""
    folder = tmp_path_factory.mktemp("spec")
    write_points(folder, np.random.default_rng(20_261_123))
    spec = write_spec(folder)
    return spec, bits(runner.run(spec, results=folder / "results", jobs=1))


def test_runs_of_the_same_spec_have_the_same_bits(made, tmp_path):
    spec, expected = made
    assert bits(runner.run(spec, results=tmp_path, jobs=1)) == expected


def test_the_digest_sees_a_last_bit(made, tmp_path):
    spec, expected = made
    text = (spec.parent / "points.csv").read_text()
    try:
        (spec.parent / "points.csv").write_text(text.replace("x,y", "x,y", 1) + "0.0,0.0,a\n")
        assert bits(runner.run(spec, results=tmp_path, jobs=1)) != expected
    finally:
        (spec.parent / "points.csv").write_text(text)


@pytest.mark.parametrize(("jobs", "backend"), [(2, "threading"), (2, "loky"), (1, "loky")])
@pytest.mark.parametrize("block", [5, 7])
def test_jobs_backends_and_blocks_leave_the_same_bits(
    made, tmp_path, monkeypatch, jobs, backend, block
):
    spec, expected = made
    assert block < SEEDS
    block_of(monkeypatch, block)
    watcher = Watcher()
    folder = runner.run(spec, results=tmp_path, jobs=jobs, backend=backend, progress=watcher)
    assert len(watcher.blocks) == 4 * -(-SEEDS // block)
    assert bits(folder) == expected
    assert not Store(folder).verify()


def test_every_initializer_leaves_the_same_bits(made, tmp_path, monkeypatch):
    write_points(tmp_path, np.random.default_rng(20_261_123))
    spec = write_spec(tmp_path, runs=6, init=INITIALIZERS, k=[4])
    expected = bits(runner.run(spec, results=tmp_path / "one", jobs=1))
    for block, jobs, backend in [(2, 2, "threading"), (1, 2, "loky")]:
        block_of(monkeypatch, block)
        folder = runner.run(spec, results=tmp_path / backend, jobs=jobs, backend=backend)
        assert bits(folder) == expected
    runs = Store(folder).runs().to_pandas()
    assert (runs["status"] == "converged").all()
    assert runs["init_distances"].notna().all()
    assert {*runs["init"][runs["init_distances"] == 0]} == NO_DISTANCE


def test_a_study_extended_from_fewer_runs_has_the_same_bits(made, tmp_path, monkeypatch):
    spec, expected = made
    block_of(monkeypatch, 5)
    for runs in (1, 7, 8, None):
        folder = runner.run(spec, results=tmp_path, jobs=2, runs=runs)
    assert bits(folder) == expected


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_a_stopped_study_goes_on_to_the_same_bits(made, tmp_path, monkeypatch, backend):
    spec, expected = made
    block_of(monkeypatch, 5)
    for blocks in (1, 3, 2):
        before = len(Store(tmp_path / "small").names())
        with pytest.raises(KeyboardInterrupt):
            runner.run(spec, results=tmp_path, jobs=2, backend=backend, progress=Watcher(blocks))
        assert before + blocks <= len(Store(tmp_path / "small").names()) < 20
        assert not Store(tmp_path / "small").verify()
    assert bits(runner.run(spec, results=tmp_path, jobs=2, backend=backend)) == expected


def test_a_killed_study_goes_on_to_the_same_bits(made, tmp_path):
    spec, expected = made
    study = tmp_path / "small"
    for moment, number in [("steps", 2), ("runs", 3), ("listed", 4)]:
        before = len(Store(study).names())
        command = [sys.executable, "-c", KILLED, spec, tmp_path, "threading", moment, str(number)]
        assert subprocess.run(command, check=False).returncode == -9
        blocks = Store(study).names()
        assert len(blocks) == before + number - (moment != "listed")  # some, but not all of 20
        runs, steps = (pd.read_parquet(study / table) for table in ("runs", "steps"))
        assert set(runs["run"]) <= set(steps["run"])
        assert not runs["run"].duplicated().any()
        assert any(name.rpartition("/")[2].startswith(".tmp-") for name in files_in(study)) == (
            moment != "listed"
        )
    assert bits(runner.run(spec, results=tmp_path, jobs=2)) == expected
    assert not Store(study).verify()
    assert not [name for name in files_in(study) if ".tmp-" in name]
    assert not Store(study).done().size - 4 * SEEDS


def test_what_else_is_in_a_study_changes_no_start(made, tmp_path):
    spec, _ = made
    more = write_spec(tmp_path, runs=9, k=(2, 3, 6), init=("maximin", "k-means++", "random"))
    (tmp_path / "points.csv").write_text((spec.parent / "points.csv").read_text())
    few, many = (
        Store(runner.run(path, results=tmp_path / str(i), runs=9))
        for i, path in enumerate((spec, more))
    )
    who = ["dataset", "k", "init", "seed"]
    rows = [store.runs().to_pandas().drop(columns=["run", "seconds"]) for store in (few, many)]
    shared = rows[1].merge(rows[0][who]).sort_values(who, ignore_index=True)
    assert len(shared) == 36
    pd.testing.assert_frame_equal(
        shared, rows[0].sort_values(who, ignore_index=True), check_exact=True
    )
