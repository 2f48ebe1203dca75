"""Processes that meet an empty cache of kernels at once: one compiles, and all compute the same.

The cache is one file under a lock, so the race that Numba's own cache can lose is the one for the
lock: each process has seen the empty file before any of them may ask for it.
"""

import fcntl
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

import kmeans_lab as kl
import naive
from caches import COMPILING, PROGRAM, clone, start
from processes import wait_until

# Run before the cache is met: each says that it has opened the file, and waits for all of them.
BARRIER = """
import fcntl, pathlib, sys
from {package}.kernels import _cache

def together(file, how, lock=fcntl.flock):
    if how == fcntl.LOCK_EX and not together.passed:
        together.passed = True
        assert not pathlib.Path(file.name).stat().st_size
        pathlib.Path({gate!r}, sys.argv[1]).touch()
        with open({gate!r} + "/closed") as closed:
            lock(closed, fcntl.LOCK_SH)  # until all are here
    return lock(file, how)

together.passed = False
_cache.fcntl.flock = together
"""
REAL = """
import numpy as np
from kmeans_lab.kernels import distance
from kmeans_lab.kernels._jit import warm

warm(lambda line: print(line, file=sys.stderr))
X, C = np.load("X.npy"), np.load("C.npy")
print(distance.nearest(X, C)[0].tolist())
"""


def race(program, count, folder, cache, package, **env):
    """What each of some processes printed that met at an empty cache, and all that they said."""
    (gate := folder / f"gate-{cache.name}").mkdir()
    before = BARRIER.format(package=package, gate=str(gate))
    with (gate / "closed").open("w") as closed:
        fcntl.flock(closed, fcntl.LOCK_EX)
        arrivals = [
            start(folder, cache, f"import sys\nsys.argv.append('{i}')\n{before}{program}", env=env)
            for i in range(count)
        ]
        wait_until(lambda: len([*gate.iterdir()]) > count)
    ended = [process.communicate() for process in arrivals]
    assert [process.returncode for process in arrivals] == [0] * count, ended
    return [output for output, _ in ended], sorted(said for _, said in ended)


def assert_whole(cache):
    """One file, whose first line is the checksum of the rest."""
    (file,) = cache.iterdir()
    checksum, _, content = file.read_bytes().partition(b"\n")
    assert sha256(content).hexdigest().encode() == checksum


def small(folder, cache, count):
    printed, said = race(PROGRAM, count, folder, cache, "small")
    assert printed == ["12.0\n"] * count
    assert said == [""] * (count - 1) + [COMPILING]
    assert_whole(cache)


def test_two_meet_at_the_lock_and_one_compiles(tmp_path):
    small(clone(tmp_path), tmp_path / "cache", 2)


@pytest.mark.torture
def test_eight_cold_processes_compile_once_each_round(tmp_path, tally):
    folder, rounds = clone(tmp_path), 20
    for number in range(rounds):
        small(folder, tmp_path / f"cache-{number}", 8)
    tally("cold processes at an empty cache", 8 * rounds)


@pytest.mark.torture
def test_two_cold_processes_compile_the_real_kernels_once(tmp_path, rng, tally):
    X, C = np.round(rng.normal(size=(500, 3)), 1), np.round(rng.normal(size=(7, 3)), 1)
    np.save(tmp_path / "X.npy", X)
    np.save(tmp_path / "C.npy", C)
    path = {"PYTHONPATH": str(Path(kl.__file__).parents[1])}
    printed, said = race(REAL, 2, tmp_path, tmp_path / "cache", "kmeans_lab", **path)
    assert printed == [f"{naive.assign(X, C)[0].tolist()}\n"] * 2
    assert said == ["", COMPILING]
    assert_whole(tmp_path / "cache")
    tally("cold processes that raced for the real kernels", 2)
