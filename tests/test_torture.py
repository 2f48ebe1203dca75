"""Minutes of killing: a long study on published data, at any moment, gives the same bits."""

import os
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from kmeans_lab.errors import RunError
from kmeans_lab.runner import runner
from kmeans_lab.store.store import Store
from studies import bits, block_of, files_in, write_points, write_spec

pytestmark = pytest.mark.torture

RUNS = 96
PATIENCE = 600.0  # seconds in which whatever is waited for has come to pass

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


# The command, deaf to no signal even where the tests were begun in a shell's background.
COMMAND = """
import signal, sys
from kmeans_lab.cli import main

signal.signal(signal.SIGINT, signal.default_int_handler)
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture(scope="module")
def spec(tmp_path_factory, reference):
    """s1, 5000 points in 15 clusters: every step with its labels and its exact silhouette."""
    path = tmp_path_factory.mktemp("spec") / "s1.toml"
    path.write_text(
        f'name = "s1"\nruns = {RUNS}\n[[data]]\nsource = "{reference / "s1.csv"}"\n'
        '[grid]\nk = [15]\ninit = ["random"]\n'
        '[record]\nlabels = "all"\nsilhouette = "exact"\n'
    )
    return path


@pytest.fixture(scope="module")
def expected(spec, tmp_path_factory):
    """The bits of the study, run in one piece by two threads."""
    return bits(finished(spec, tmp_path_factory.mktemp("expected"), "--jobs", "2"))


def begin(spec, results, *options):
    """The command, at work in a session of its own, so that it hears signals as from a terminal."""
    command = [sys.executable, "-c", COMMAND, "run", spec, "--results", results]
    return subprocess.Popen(
        [*command, "--no-report", *options],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def finished(spec, results, *options):
    """The study's folder when the command has ended well."""
    began = time.monotonic()
    process = begin(spec, results, *options)
    _, errors = process.communicate()
    print(f"{' '.join(options) or 'no option'}: {time.monotonic() - began:.1f} s")
    assert process.returncode == 0, errors
    folder = Path(results) / "s1"
    assert not Store(folder).verify()
    return folder


def killed(process):
    """Kill a run, and nothing that it began."""
    process.kill()
    process.stderr.close()  # its workers hold the other end
    assert process.wait() == -signal.SIGKILL


def wait_until(true, patience=PATIENCE):
    deadline = time.monotonic() + patience
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def _more_or_ended(store, blocks, process):
    return len(store.names()) > blocks or process.poll() is not None


def children(pid):
    """Processes that a process began and that are there, with those they began."""
    found, parents = set(), {pid}
    table = [line.split() for line in _ps("-e", "-o", "pid=,ppid=,stat=")]
    while parents:
        parents = {int(p) for p, parent, stat in table if int(parent) in parents and stat[0] != "Z"}
        parents -= found
        found |= parents
    return found


def _ps(*options):
    return subprocess.run(
        ["ps", *options], capture_output=True, text=True, check=False
    ).stdout.splitlines()


def alive(pids):
    listed = [line.split() for line in _ps("-e", "-o", "pid=,stat=")]
    return {int(pid) for pid, stat in listed if int(pid) in pids and stat[0] != "Z"}


def shared_memory():
    folder = Path("/dev/shm")
    return {path.name for path in folder.iterdir()} if folder.is_dir() else set()


@pytest.mark.parametrize("backend", ["threading", "loky"])
@pytest.mark.parametrize("jobs", ["1", "2"])
def test_jobs_and_backends(spec, expected, tmp_path, jobs, backend):
    assert bits(finished(spec, tmp_path, "--jobs", jobs, "--backend", backend)) == expected


def test_extended_from_fewer_runs(spec, expected, tmp_path):
    for runs in ("7", "40"):
        finished(spec, tmp_path, "--jobs", "2", "--runs", runs)
    assert bits(finished(spec, tmp_path, "--jobs", "2")) == expected


@pytest.mark.parametrize("backend", ["threading", "loky"])
def test_killed_three_times_with_some_blocks_committed(spec, expected, tmp_path, backend):
    store, memory = Store(tmp_path / "s1"), shared_memory()
    for _ in range(3):
        before = len(store.names())
        process = begin(spec, tmp_path, "--jobs", "2", "--backend", backend)
        wait_until(partial(_more_or_ended, store, before, process))
        workers = children(process.pid)
        killed(process)
        assert 0 < len(store.done()) < RUNS
        seen = pd.read_parquet(store.folder / "runs")
        steps = pd.read_parquet(store.folder / "steps", columns=["run"])
        assert set(seen["run"]) <= set(steps["run"])
        wait_until(lambda workers=workers: not alive(workers), patience=5)
        print(f"{backend}: killed with {len(seen)} of {RUNS} starts, {len(workers)} children gone")
    assert bits(finished(spec, tmp_path, "--jobs", "2", "--backend", backend)) == expected
    wait_until(lambda: shared_memory() <= memory)


def test_killed_and_begun_again_at_once_each_start_is_there_once(spec, tmp_path):
    """The orphans of a killed run may finish what they write; the next run waits for them."""
    for _ in range(4):
        process = begin(spec, tmp_path, "--runs", "40", "--jobs", "2", "--backend", "loky")
        wait_until(lambda: (tmp_path / "s1" / "runs").exists())
        time.sleep(3)
        killed(process)
    store = Store(finished(spec, tmp_path, "--runs", "40", "--jobs", "2"))
    assert store.done().tolist() == [*range(40)]


@pytest.mark.parametrize("backend", ["threading", "loky"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize(("whom", "pause"), [("process", 4.0), ("group", 4.0), ("group", 0.7)])
def test_a_signal_is_heard_within_about_a_second(
    spec, tmp_path, backend, number, code, whom, pause
):
    """At work, or while worker processes begin; in a terminal they hear it too."""
    process = begin(spec, tmp_path, "--jobs", "2", "--backend", backend)
    wait_until(lambda: (tmp_path / "s1" / "spec.toml").exists())
    time.sleep(pause)
    workers = children(process.pid)
    began = time.monotonic()
    (os.killpg if whom == "group" else os.kill)(process.pid, number)
    _, errors = process.communicate()
    took = time.monotonic() - began
    print(f"{backend}, {number.name} to the {whom}: ended after {took:.2f} s")
    assert process.returncode == code
    assert took < 3
    assert "Traceback" not in errors
    assert "what is finished stays; to go on" in errors
    wait_until(lambda: not alive(workers))
    assert not Store(tmp_path / "s1").verify()


def test_killed_at_every_moment_at_which_the_disk_is_asked(tmp_path, rng):
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
    print(f"killed at {number} moments")
    assert number > 40


def test_eight_runs_at_once_leave_each_start_once(tmp_path, rng):
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


def _reads(store, path, whole):
    """Whether a study reads as before; else the error names the damaged file."""
    try:
        found = bits(store.folder)
    except RunError as error:
        told = str(error)
    else:
        assert found == whole, path
        return True
    assert str(path) in told
    return False


def test_no_flipped_bit_goes_unnoticed_or_changes_a_number(tmp_path, rng, monkeypatch):
    write_points(tmp_path, rng)
    block_of(monkeypatch, 3)
    store = Store(runner.run(write_spec(tmp_path, runs=6, k=[3]), results=tmp_path))
    whole = bits(store.folder)
    told = 0
    for name, data in files_in(store.folder).items():
        path = store.folder / name
        for bit in rng.choice(8 * len(data), size=min(200, 8 * len(data)), replace=False):
            flipped = np.frombuffer(data, np.uint8).copy()
            flipped[bit // 8] ^= 1 << (bit % 8)
            path.write_bytes(flipped.tobytes())
            assert store.verify(), (name, bit)
            told += not _reads(store, path, whole)
        path.write_bytes(data)
    print(f"{told} flipped bits were told by the reader")
    assert told > 500
