"""Killed at any moment, a study goes on to the same bits."""

import signal
import subprocess
import sys
import time
from functools import partial

import pandas as pd
import pytest

from kmeans_lab.runner import runner
from kmeans_lab.store.store import Store
from processes import alive, begin, children, finished, killed, shared_memory, wait_until
from studies import bits, files_in, write_points, write_spec

pytestmark = pytest.mark.torture

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


def _more_or_ended(store, blocks, process):
    return len(store.names()) > blocks or process.poll() is not None


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_killed_three_times(spec, runs, expected, tmp_path, backend, tally):
    store, memory = Store(tmp_path / "s1"), shared_memory()
    for _ in range(3):
        before = len(store.names())
        process = begin(spec, tmp_path, "--jobs", "2", "--backend", backend)
        wait_until(partial(_more_or_ended, store, before, process))
        workers = children(process.pid)
        killed(process)
        assert 0 < len(store.done()) < runs
        seen = pd.read_parquet(store.folder / "runs")
        steps = pd.read_parquet(store.folder / "steps", columns=["run"])
        assert set(seen["run"]) <= set(steps["run"])
        wait_until(lambda workers=workers: not alive(workers), patience=5)
    assert bits(finished(spec, tmp_path, "--jobs", "2", "--backend", backend)) == expected
    wait_until(lambda: shared_memory() <= memory)
    tally(f"kills survived, {backend}", 3)


def test_killed_and_begun_again_at_once_each_start_is_there_once(spec, tmp_path, tally):
    """The orphans of a killed run may finish what they write; the next run waits for them."""
    for _ in range(4):
        process = begin(spec, tmp_path, "--runs", "40", "--jobs", "2", "--backend", "loky")
        wait_until(lambda: (tmp_path / "s1" / "runs").exists())
        time.sleep(3)
        killed(process)
    store = Store(finished(spec, tmp_path, "--runs", "40", "--jobs", "2"))
    assert store.done().tolist() == [*range(40)]
    tally("kills survived, begun again at once", 4)


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
