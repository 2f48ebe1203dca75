"""Whatever ran it, in whatever pieces and order: every start has the same bits."""

import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import kmeans_lab as kl
from kmeans_lab.kernels.distance import BLOCK
from kmeans_lab.runner import runner
from kmeans_lab.store.store import Store
from studies import block_of, digests, write_points

POINTS = 2 * BLOCK + 90  # fewer than a pass of the kernels takes would prove nothing
BLOCKS = {"1": 1, "7": 7, "all": 10**9}  # starts in a block
CELLS, SEEDS = 8, 15
WAYS = ("straight", "killed", "extended", "reordered")

# A run that kills itself when three of its blocks were told.
KILLED = """
import os, signal, sys
from pathlib import Path

tests, folder, results, jobs, backend, size = sys.argv[1:]
sys.path[:0] = [tests, f"{tests}/torture"]
from kmeans_lab.runner import runner
from kmeans_lab.runner.progress import Silent
from test_bits import asked

class Killer(Silent):
    told = 0

    def advance(self, starts):
        self.told += 1
        if self.told == 3:
            os.kill(os.getpid(), signal.SIGKILL)

runner.block_size = lambda *_: int(size)
spec = asked(Path(folder))
runner.run(spec, results=results, jobs=int(jobs), backend=backend, progress=Killer())
"""


def asked(folder, order=1, steps=True):
    """Two data sets, of two and of six features; order -1: all of the grid the other way round."""
    data = [{"source": "points.csv", "truth": "group"}, {"source": "wide.npy"}]
    grid = {"k": [3, 8][::order], "init": ["random", "k-means++"][::order]}
    record = {"steps": steps, "labels": "all" if steps else "final", "silhouette": "exact"}
    return kl.Spec(name="s", base=folder, runs=SEEDS, data=data[::order], grid=grid, record=record)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The data of the studies."""
    folder, rng = tmp_path_factory.mktemp("data"), np.random.default_rng(20_261_123)
    write_points(folder, rng, n=POINTS)
    groups = rng.integers(0, 5, POINTS)
    np.save(folder / "wide.npy", rng.normal(size=(POINTS, 6)) + 1.5 * groups[:, None])
    return folder


@pytest.fixture(scope="module")
def expected(folder, tmp_path_factory):
    """A digest of each start, run in one piece by one thread."""
    results = tmp_path_factory.mktemp("expected")
    said = digests(runner.run(asked(folder), results=results, jobs=1))
    assert len(said) == CELLS * SEEDS
    assert len({*said.values()}) > CELLS * SEEDS / 2
    return said


def _killed(folder, results, chosen, size):
    tests = Path(__file__).parents[1]
    command = [sys.executable, "-c", KILLED, tests, folder, results, str(chosen["jobs"])]
    ended = subprocess.run([*command, chosen["backend"], str(size)], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert 0 < len(Store(results / "s").done()) < CELLS * SEEDS


def one_way(way, folder, results, monkeypatch, size, **chosen):
    """The study's folder, run in one of the ways."""
    block_of(monkeypatch, size)
    if way == "killed":
        _killed(folder, results, chosen, size)
    if way == "extended":
        for runs in (1, 8):
            runner.run(asked(folder), results=results, runs=runs, **chosen)
    return runner.run(asked(folder, -1 if way == "reordered" else 1), results=results, **chosen)


@pytest.mark.parametrize("way", WAYS)
def test_pieces_and_order(folder, expected, tmp_path, monkeypatch, tally, way):
    made = one_way(way, folder, tmp_path, monkeypatch, 7, jobs=2, backend="threading")
    assert len(Store(made).names()) >= CELLS * 3
    assert digests(made) == expected
    tally(f"starts with one digest, {way}", len(expected))


@pytest.mark.torture
@pytest.mark.parametrize("jobs", [1, 2, 4])
@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_jobs_backends_blocks_pieces_and_order(
    folder, expected, tmp_path, monkeypatch, tally, backend, jobs
):
    studies = 0
    for size in BLOCKS:
        for way in WAYS:
            results = tmp_path / size / way
            chosen = {"jobs": jobs, "backend": backend}
            made = one_way(way, folder, results, monkeypatch, BLOCKS[size], **chosen)
            assert digests(made) == expected, (size, way)
            assert not Store(made).verify()
            studies += 1
    assert studies == len(BLOCKS) * len(WAYS)
    tally(f"studies with one digest a start, {backend}, jobs = {jobs}", studies)


def test_outcomes_are_the_same_without_their_steps(folder, tmp_path, tally):
    """All but the silhouette, which is exact to 1e-10, whichever way it was come by."""
    results = {steps: tmp_path / str(steps) for steps in (True, False)}
    many, few = (kl.run(asked(folder, steps=s), results=r, jobs=2) for s, r in results.items())
    assert len(few.steps) == 0
    same = [name for name in many.runs.columns if name not in ("seconds", "silhouette")]
    assert repr(many.runs[same].to_dict("list")) == repr(few.runs[same].to_dict("list"))
    assert np.abs(many.runs["silhouette"] - few.runs["silhouette"]).max() < 1e-10
    for run in range(0, CELLS * SEEDS, 11):
        recorded, replayed = (study.trace(run=run) for study in (many, few))
        assert [repr(frame) for frame in recorded] == [repr(frame) for frame in replayed]
    tally("starts with one outcome, with and without their steps", len(few.runs))
