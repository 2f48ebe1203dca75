"""Many runs write into one study, and a reader reads it."""

import os
import shutil
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

import kmeans_lab as kl
from kmeans_lab import files
from kmeans_lab.errors import RunError
from kmeans_lab.runner import runner
from kmeans_lab.store.store import Store
from processes import command, wait_until
from studies import bits, write_points, write_spec

HOLDER = """
import signal, sys
from kmeans_lab.store.store import Store

with Store(sys.argv[1]).lock():
    print("held", flush=True)
    signal.pause()
"""

LOCKS = Path("/proc/locks")
linux = pytest.mark.skipif(not LOCKS.exists(), reason="no /proc/locks to tell who holds a lock")
BLOCKS = """
from kmeans_lab.runner import runner
runner.block_size = lambda *_: 40
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


def holder(folder):
    """The process that holds a study's lock now, as Linux tells; None where nobody does."""
    with suppress(FileNotFoundError):
        inode = (folder / ".lock").stat().st_ino
        for line in LOCKS.read_text().splitlines():
            _, kind, _, _, pid, file, *_ = line.split()
            if kind == "FLOCK" and file.endswith(f":{inode}"):
                return int(pid)
    return None


def kill_holder(folder, processes):
    """Kill the run that holds a study's lock amid its work; False where there is none.

    It is stopped first: so it holds the lock when it is killed, and another is refused.
    """
    store, pid = Store(folder), holder(folder)
    victim = next((process for process in processes if process.pid == pid), None)
    if victim is None or len(store.names()) < 2:
        return False
    victim.send_signal(signal.SIGSTOP)
    _, status = os.waitpid(pid, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        victim.returncode = os.waitstatus_to_exitcode(status)
        return False
    amid = holder(folder) == pid
    if amid:
        with pytest.raises(RunError, match="is in use by another run"), store.lock():
            pass
        assert holder(folder) == pid
        victim.kill()
        wait_until(lambda: holder(folder) != pid, patience=1, glance=0.001)
    victim.send_signal(signal.SIGCONT)
    return amid


def read(folder):
    """Read a study as it is now, with pandas and with the lab; whether it is there."""
    if not Store(folder).exists():
        return False
    runs = pd.read_parquet(folder / "runs")
    steps = pd.read_parquet(folder / "steps")
    assert not runs["run"].duplicated().any()
    assert not steps.duplicated(["run", "iteration"]).any()
    assert set(runs["run"]) <= set(steps["run"])
    study = kl.open(folder)
    assert len(study.runs) >= len(runs)
    assert set(study.runs["run"]) <= set(study.steps["run"])
    return True


def ended(process):
    """Whether a run has done what it was asked; else it met another, or was killed."""
    _, errors = process.communicate()
    assert "Traceback" not in errors
    met = "is in use by another run" in errors
    assert process.returncode in (0, -signal.SIGKILL) or (process.returncode == 1 and met), errors
    return process.returncode == 0


def contest(asks, backends, folder, rng, tally):
    """Runs of (study, number of starts) at once, each begun again until it has what it asked for.

    In every study one is killed that holds the lock; all the while a reader reads all of them.
    """
    points, specs = write_points(folder, rng), {}
    for name in dict(asks):
        (folder / name).mkdir()
        shutil.copy(points, folder / name)
        specs[name] = write_spec(folder / name, name=name)
    results, reads, alive = folder / "results", 0, set(specs)

    def begin(place):
        name, runs = asks[place]
        options = "--no-report", "--backend", backends[place % len(backends)]
        words = "run", specs[name], "--results", results, "--runs", str(runs), *options
        return command(*words, before=BLOCKS, stdout=subprocess.DEVNULL)

    running = {place: begin(place) for place in range(len(asks))}
    while running:
        alive -= {name for name in alive if kill_holder(results / name, running.values())}
        reads += sum(read(results / name) for name in specs)
        for place in [place for place in running if running[place].poll() is not None]:
            again = not ended(running.pop(place))
            running |= {place: begin(place)} if again else {}
    assert not alive
    for name, spec in specs.items():
        store, most = Store(results / name), max(runs for asked, runs in asks if asked == name)
        assert store.done().tolist() == [*range(4 * most)]
        assert not store.verify()
        assert bits(store.folder) == bits(runner.run(spec, results=folder / "whole", runs=most))
    tally("runs at once, overlapping in their studies", len(asks))
    tally("of them killed holding the lock", len(specs))
    tally("reads meanwhile", reads)


@linux
def test_two_runs_in_one_study_and_a_reader(tmp_path, rng, tally):
    contest([("a", 120), ("a", 80)], ["threading"], tmp_path, rng, tally)


@linux
@pytest.mark.torture
def test_eight_runs_in_three_studies_and_a_reader(tmp_path, rng, tally):
    asks = [(name, 300 * more) for more in (3, 2, 1) for name in "abc"]
    contest(asks[:8], ["threading", "loky"], tmp_path, rng, tally)
