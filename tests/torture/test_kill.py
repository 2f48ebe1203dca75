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

# A run that ends itself without a word when the disk has been asked for the N-th time.
KILLED = """
import os, signal, sys
from kmeans_lab.runner import runner

spec, results, number = sys.argv[1:]
runner.starts_per_block = lambda *_: 2
left = int(number)

def counted(call):
    def ask(*arguments):
        global left
        left -= 1
        if left < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*arguments)
    return ask

for name in ("fsync", "replace", "rename", "mkdir"):
    setattr(os, name, counted(getattr(os, name)))
runner.run(spec, results=results, jobs=1)
"""


BLOCKS = 40

# A run in a session of its own, in blocks of two starts.
LONG = """
import sys
from kmeans_lab.runner import runner

spec, results, backend = sys.argv[1:]
runner.starts_per_block = lambda *_: 2
runner.run(spec, results=results, jobs=2, backend=backend)
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
    command = [sys.executable, "-c", LONG, spec, results, backend]
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


@pytest.mark.torture
def test_killed_at_every_moment_at_which_the_disk_is_asked(tmp_path, rng, tally):
    write_points(tmp_path, rng)
    small = write_spec(tmp_path, runs=5, k=[3], init=["random"])
    expected = bits(runner.run(small, results=tmp_path / "whole"))
    for number in range(999):
        results = tmp_path / str(number)
        results.mkdir()
        command = [sys.executable, "-c", KILLED, small, results, str(number)]
        code = subprocess.run(command, check=False).returncode
        for table in (results / "small").glob("[rs]*s"):
            assert set(pd.read_parquet(table)["run"]) <= set(range(5))
        assert bits(runner.run(small, results=results)) == expected
        assert not Store(results / "small").verify()
        assert not [name for name in files_in(results) if ".tmp-" in name]
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert number > 40
    tally("kills survived, wherever the disk is asked", number)
