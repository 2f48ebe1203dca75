"""Large studies stay below a ceiling of memory, and long work does not grow."""

import os
import subprocess
import sys

import pytest

import kmeans_lab as kl
from studies import write_points, write_spec

GIB = 1 << 30
CYCLE, RENDER = 4096, 64 << 10  # bytes that one may add to what the process holds, by a fitted line
SECONDS = 2.0  # in which a study of 100 000 starts says its first numbers

# What reserves address space without using it: an arena of Arrow's own allocator takes 1 GiB.
LEAN = {
    "ARROW_DEFAULT_MEMORY_POOL": "system",
    "MALLOC_ARENA_MAX": "2",
    "OPENBLAS_NUM_THREADS": "1",
}

LIMITED = """
import resource, sys
from pathlib import Path

folder, limit, size = Path(sys.argv[1]), *map(int, sys.argv[2:])
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
import numpy as np
import kmeans_lab as kl
"""

STARTS = (
    LIMITED
    + """
record = {"steps": False, "silhouette": "none"}
study = kl.run(kl.Spec(name="s", base=folder, runs=size, data=[{"source": "points.csv"}],
    grid={"k": [3], "init": ["random"]}, record=record, render={"pick": []}), results=folder)
print(study.summary()["outcomes"].sum(), study.runs["run"].nunique())
"""
)

HISTORY = (
    LIMITED
    + """
rng = np.random.default_rng(20_261_123)
groups = rng.integers(0, 4, size)
np.save(folder / "many.npy", rng.normal(size=(size, 4)) + 3 * groups[:, None])
study = kl.run(kl.Spec(name="s", base=folder, runs=1, data=[{"source": "many.npy"}],
    grid={"k": [4], "init": ["random"]}), results=folder)
assert (study.runs["status"] == "converged").all()
print(*study.steps[["silhouette", "silhouette_se"]].notna().sum(), len(study.steps))
"""
)

CROWD = """
import sys
from pathlib import Path
import numpy as np

folder, size = Path(sys.argv[1]), int(sys.argv[2])
rng = np.random.default_rng(20_261_126)
X = np.lib.format.open_memmap(folder / "many.npy", "w+", np.float64, (size, 16))
middles = rng.uniform(0, 10, (10, 16))
for start in range(0, size, 1 << 18):
    part = X[start : start + (1 << 18)]
    part[:] = middles[rng.integers(0, 10, len(part))] + 2 * rng.normal(size=part.shape)
"""

RAN = """
import resource, sys
from kmeans_lab.cli import main

main(["run", *sys.argv[1:]])
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20)
"""

MEASURED = """
import gc, sys
import numpy as np

def held():
    gc.collect()
    with open("/proc/self/statm") as file:
        return int(file.read().split()[1]) * 4096

def slope(work, times):
    "Bytes that one more adds, by least squares over all but the first fifth."
    found = []
    for i in range(times):
        work(i)
        found.append(held() if i % max(1, times // 100) == 0 else np.nan)
    there = np.flatnonzero(~np.isnan(found))
    there = there[there >= times // 5]
    print(np.polyfit(there, np.array(found)[there], 1)[0])
"""

CYCLES = (
    MEASURED
    + """
from kmeans_lab.store.store import Store

store = Store(sys.argv[1])
runs, steps = store.runs(), store.steps()

def cycle(i):
    receipt = store.commit(f"c9{i:09}", steps, runs)
    assert len(store._read("runs", receipt.name)) == len(runs)
    assert len(store._read("steps", receipt.name)) == len(steps)
    store.discard([receipt.name])

slope(cycle, int(sys.argv[2]))
"""
)

RENDERS = (
    MEASURED
    + """
import kmeans_lab as kl

study = kl.open(sys.argv[1])
slope(lambda i: study.render([f"run={i % 8}"], formats=["png"]), int(sys.argv[2]))
"""
)

OPENED = """
import sys, time
began = time.perf_counter()
import kmeans_lab as kl

print(len(kl.open(sys.argv[1]).summary()), time.perf_counter() - began)
"""


def said(code, *arguments, **more):
    """What a process of its own printed, as numbers."""
    command = [sys.executable, "-c", code, *map(str, arguments)]
    ended = subprocess.run(
        command, env=os.environ | more, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return [float(word) for word in ended.stdout.splitlines()[-1].split()] if ended.stdout else []


linux = pytest.mark.skipif(sys.platform != "linux", reason="limits and reads memory as Linux does")


@pytest.fixture
def study(tmp_path, rng):
    """A small study to write, read and draw again and again."""
    write_points(tmp_path, rng, n=60)
    spec = write_spec(tmp_path, runs=8, k=[3], init=["random"])
    return kl.run(spec, results=tmp_path, jobs=1).folder


@linux
@pytest.mark.parametrize(
    ("starts", "limit"),
    [(20_000, GIB), pytest.param(10**6, 2 * GIB, marks=pytest.mark.torture)],
)
def test_many_starts(tmp_path, rng, tally, starts, limit):
    write_points(tmp_path, rng, n=140)
    assert said(STARTS, tmp_path, limit, starts, **LEAN) == [starts, starts]
    tally(f"starts in {limit // GIB} GiB of address space", starts)


@linux
@pytest.mark.torture
@pytest.mark.parametrize("points", [200_000])
def test_a_long_history_of_silhouettes(tmp_path, tally, points):
    values, errors, steps = said(HISTORY, tmp_path, 4 * GIB, points, **LEAN)
    assert values == errors == steps > 2
    tally(f"steps with silhouette of {points} points in 4 GiB", int(steps))


@linux
@pytest.mark.torture
def test_many_points_and_their_films_and_report(tmp_path, tally):
    said(CROWD, tmp_path, 10**7)
    path = tmp_path / "spec.toml"
    path.write_text(
        'name = "many"\nruns = 2\n[[data]]\nsource = "many.npy"\n[grid]\nk = [10]\n'
        'init = ["k-means++"]\n[lloyd]\nmax_iter = 4\n'
    )
    (peak,) = said(RAN, path, "--results", tmp_path, "--jobs", 2)
    assert peak < 3
    study = kl.open(tmp_path / "many")
    assert study.steps["silhouette_se"].notna().all()
    assert (tmp_path / "many" / "report.html").stat().st_size < 20 << 20
    tally(f"points of 16 features, with films and report in {peak:.2f} GiB", 10**7)


@linux
@pytest.mark.torture
def test_memory_is_flat_over_writes_and_reads(study, tally):
    (bytes_each,) = said(CYCLES, study, 2000)
    assert bytes_each < CYCLE
    tally(f"cycles of a block, {bytes_each:.0f} bytes each", 2000)


@linux
@pytest.mark.torture
def test_memory_is_flat_over_renders(study, tally):
    (bytes_each,) = said(RENDERS, study, 200)
    assert bytes_each < RENDER
    tally(f"renders, {bytes_each:.0f} bytes each", 200)


@pytest.mark.torture
def test_a_large_study_opens_at_once(tmp_path, rng, tally):
    write_points(tmp_path, rng, n=140)
    spec = write_spec(tmp_path, runs=50_000, k=[3], more="[record]\nsteps = false\n")
    folder = kl.run(spec, results=tmp_path).folder
    times = []
    for _ in range(5):
        cells, seconds = said(OPENED, folder)
        assert cells == 2
        times.append(seconds)
    assert min(times) < SECONDS
    tally(f"starts there in {min(times):.2f} s", 100_000)
