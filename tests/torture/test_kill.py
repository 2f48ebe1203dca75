"""Killed at any moment, a study goes on to the same bits."""

import os
import shutil
import signal
import subprocess
import sys
import time

import numpy as np
import pandas as pd
import pytest

import kmeans_lab as kl
from kmeans_lab.runner import runner
from kmeans_lab.store.store import Store
from processes import begin, finished, killed, wait_until
from studies import bits, files_in, write_points, write_spec

# As sitecustomize.py, it ends a run and all that it began, without a word, when one of its
# processes asks the disk for the N-th time: the first of them, or a worker.
ENDING = """
import os, signal, sys

left, below = int(os.environ["END_AT"]), os.environ["END_BELOW"]

def counted(call):
    def ask(what, *more):
        global left
        path = os.path.realpath(f"/dev/fd/{what}") if isinstance(what, int) else os.fspath(what)
        left -= path.startswith(below)
        if left < 0:
            os.killpg(0, signal.SIGKILL)
        return call(what, *more)
    return ask

worker = "--process-name" in sys.orig_argv
if worker == (os.environ["END_IN"] == "worker"):
    for name in ("fsync", "replace", "rename", "mkdir"):
        setattr(os, name, counted(getattr(os, name)))
"""


BLOCKS = 40

# A run in a session of its own, in blocks of two starts.
LONG = """
import sys
from kmeans_lab.runner import runner

spec, results, backend, jobs = sys.argv[1:]
runner.block_size = lambda *_: 2
runner.run(spec, results=results, jobs=int(jobs), backend=backend)
"""


@pytest.fixture(scope="module")
def long(tmp_path_factory):
    """A spec of 40 blocks, each some hundredths of a second, and the bits of its study."""
    folder = tmp_path_factory.mktemp("long")
    X = np.random.default_rng(5).normal(size=(4000, 2))
    np.save(folder / "points.npy", X + 3 * np.round(X))
    spec = folder / "spec.toml"
    spec.write_text(
        f'name = "small"\nruns = {2 * BLOCKS}\n[[data]]\nsource = "points.npy"\n'
        '[grid]\nk = [12]\ninit = ["random"]\n[record]\nsilhouette = "none"\n'
    )
    return spec, bits(runner.run(spec, results=folder))


def killed_at(spec, results, backend, blocks, pause):
    """Kill a run and all that it began when so many blocks are committed; False: it was over."""
    store = Store(results / "small")
    command = [sys.executable, "-c", LONG, spec, results, backend, "2"]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.DEVNULL)
    wait_until(lambda: len(store.names()) >= blocks or process.poll() is not None, glance=0.001)
    end = time.monotonic() + pause
    while time.monotonic() < end:
        pass
    over = process.poll() is not None
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return not over


def sweep(spec, whole, folder, rng, backend, kills):
    """Kills of runs of one study after another, at most five each; each study then goes on."""
    survived = 0
    for number in range(kills):
        results = folder / f"{backend}-{number}"
        store, committed = Store(results / "small"), {}
        for blocks in np.sort(rng.integers(1, BLOCKS - 4, 5)).tolist():
            if survived == kills or len(store.names()) > blocks:
                continue
            if not killed_at(spec, results, backend, blocks, rng.uniform(0, 0.02)):
                break
            survived += 1
            seen = pd.read_parquet(store.folder / "runs")
            assert not seen["run"].duplicated().any()
            assert 0 < len(seen) < 2 * BLOCKS
            assert set(seen["run"]) <= set(pd.read_parquet(store.folder / "steps")["run"])
            assert len(kl.open(store.folder).runs) == len(seen)
            there = {path: path.read_bytes() for path in store.folder.glob("*/c*.parquet")}
            assert {path: there.get(path) for path in committed} == committed
            committed = {p: there[p] for p in there if store.folder / "runs" / p.name in there}
        runner.run(spec, results=results)
        assert bits(store.folder) == whole
        assert store.done().tolist() == [*range(2 * BLOCKS)]
        assert {path: path.read_bytes() for path in committed} == committed
        assert not store.verify()
        shutil.rmtree(results)
        if survived == kills:
            return survived
    raise AssertionError(f"{survived} of {kills} kills came in time")


def test_killed_with_some_blocks_committed(long, tmp_path, rng, tally):
    tally("kills survived", sweep(*long, tmp_path, rng, "threading", 2))


@pytest.mark.torture
@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_killed_a_hundred_times(long, tmp_path, rng, backend, tally):
    tally(f"kills survived, {backend}", sweep(*long, tmp_path, rng, backend, 100))


@pytest.mark.torture
def test_killed_and_begun_again_at_once_each_start_is_there_once(spec, tmp_path, tally):
    """The orphans of a killed run may finish what they write; the next run waits for them."""
    options, store = ("--runs", "400", "--jobs", "2", "--backend", "loky"), Store(tmp_path / "long")
    for _ in range(4):
        before = len(store.names())
        process = begin(spec, tmp_path, *options)
        wait_until(lambda before=before: len(store.names()) > before)
        killed(process)
    assert Store(finished(spec, tmp_path, *options)).done().tolist() == [*range(400)]
    tally("kills survived, begun again at once", 4)


def ended_at(number, spec, results, backend, jobs, whom):
    """Let a run and all that it began end when `whom` asks the disk; False: nobody did so often."""
    results.mkdir()
    (results / "sitecustomize.py").write_text(ENDING)
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(results), *sys.path])}
    environment |= {"END_AT": str(number), "END_BELOW": str(results.resolve() / "small")}
    process = subprocess.Popen(
        [sys.executable, "-c", LONG, spec, results, backend, str(jobs)],
        env=environment | {"END_IN": whom}, start_new_session=True,
    )  # fmt: skip
    assert process.wait() in (0, -signal.SIGKILL)
    return process.returncode != 0


def goes_on(spec, results, whole):
    """What is there can be read, and the same run goes on to the same bits."""
    for table in (results / "small").glob("[rs]*s"):
        assert set(pd.read_parquet(table)["run"]) <= set(range(5))
    assert bits(runner.run(spec, results=results)) == whole
    assert not Store(results / "small").verify()
    assert not [name for name in files_in(results) if ".tmp-" in name]


@pytest.fixture
def small(tmp_path, rng):
    """Five starts in blocks of two, and the bits of their study."""
    write_points(tmp_path, rng)
    spec = write_spec(tmp_path, runs=5, k=[3], init=["random"])
    return spec, bits(runner.run(spec, results=tmp_path / "whole"))


def test_killed_with_its_workers_when_one_has_written_steps_and_not_yet_runs(small, tmp_path):
    spec, whole = small
    assert ended_at(3, spec, tmp_path / "results", "loky", 2, "worker")
    assert Store(tmp_path / "results" / "small").names("steps")
    goes_on(spec, tmp_path / "results", whole)


@pytest.mark.torture
@pytest.mark.parametrize(
    ("backend", "jobs", "whom", "least"),
    [
        ("threading", 1, "first", 40),
        ("threading", 2, "first", 40),
        ("loky", 2, "first", 25),
        ("loky", 2, "worker", 6),
    ],
)
def test_killed_wherever_the_disk_is_asked(small, tmp_path, backend, jobs, whom, least, tally):
    """The first process makes the study and lists its blocks, a worker of loky commits them."""
    spec, whole = small
    for number in range(999):
        ended = ended_at(number, spec, tmp_path / str(number), backend, jobs, whom)
        goes_on(spec, tmp_path / str(number), whole)
        if not ended:
            break
    assert number >= least
    tally(f"kills survived wherever the disk is asked, {backend}, {jobs} jobs, {whom}", number)
