"""Many runs write into one study, and a reader reads it."""

import subprocess
import sys

import pandas as pd
import pytest

import kmeans_lab as kl
from kmeans_lab import files
from kmeans_lab.errors import RunError
from kmeans_lab.runner import runner
from kmeans_lab.store.store import Store
from processes import begin, wait_until
from studies import write_points, write_spec

HOLDER = """
import signal, sys
from kmeans_lab.store.store import Store

with Store(sys.argv[1]).lock():
    print("held", flush=True)
    signal.pause()
"""


def test_the_lock_of_a_killed_writer_is_free_within_a_second(tmp_path, rng, tally):
    write_points(tmp_path, rng, n=20)
    spec = write_spec(tmp_path, runs=2, k=[2])
    store = Store(runner.run(spec, results=tmp_path))
    command = [sys.executable, "-c", HOLDER, store.folder]
    holder = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(RunError, match=rf"is in use by another run \(process {holder.pid}\); wait"):
        runner.run(spec, results=tmp_path)
    assert len(pd.read_parquet(store.folder / "runs")) == len(kl.open(store.folder).runs) == 4
    holder.kill()
    wait_until(lambda: not files.is_locked(store.folder), patience=1, glance=0.001)
    runner.run(spec, results=tmp_path, runs=3)
    holder.communicate()
    assert Store(store.folder).done().tolist() == [*range(6)]
    tally("locks of a killed writer, free within a second", 1)


@pytest.mark.torture
def test_eight_runs_at_once_leave_each_start_once(tmp_path, rng, tally):
    write_points(tmp_path, rng)
    small = write_spec(tmp_path, runs=3000)
    processes = [begin(small, tmp_path, "--backend", b) for b in ["threading", "loky"] * 4]
    victim, *others = processes
    while any(process.poll() is None for process in processes):
        if (runs := tmp_path / "small" / "runs").exists():
            seen = pd.read_parquet(runs, columns=["run"])["run"]
            assert not seen.duplicated().any()
            if len(seen):
                victim.kill()
    for process in others:
        _, errors = process.communicate()
        assert process.returncode == 0 or "is in use by another run" in errors
        assert "Traceback" not in errors
    victim.communicate()
    folder = runner.run(small, results=tmp_path)
    assert Store(folder).done().tolist() == [*range(12_000)]
    assert not Store(folder).verify()
    tally("runs at once in one folder, one of them killed", len(processes))
