"""What grows with the number of starts and of points: time, memory, bytes on disk."""

import json
import tempfile

import workloads
from clock import Figure, process
from notebook import bytes_per_start

STARTS = """
import json, sys, time, numpy as np, kmeans_lab as kl
folder, runs = sys.argv[1], int(sys.argv[2])
def study(name, runs):
    data, grid = [{"source": "iris", "columns": [0, 1]}], {"k": [3], "init": ["random"]}
    record = {"steps": False, "labels": "none", "silhouette": "none"}
    spec = kl.Spec(name=name, runs=runs, data=data, grid=grid, record=record)
    return kl.run(spec, results=folder)
study("warm", 100)
began = time.perf_counter()
study("starts", runs)
print(time.perf_counter() - began)
"""

STEPS = """
import json, sys, time, numpy as np
from kmeans_lab.kernels.batch import run_batch
from kmeans_lab.kernels.records import prepare
n, steps, times = int(sys.argv[1]), 10, []
rng = np.random.default_rng(0)
centers, firsts = rng.uniform(0, 10, (15, 2)), rng.uniform(0, 10, (1, 15, 2))
X = centers[rng.integers(15, size=n)] + rng.normal(size=(n, 2))
began = time.perf_counter()
problem = prepare(X, "none")
prepared = time.perf_counter() - began
for _ in range(max(2, min(20, 10**6 // n))):
    began = time.process_time()
    batch = run_batch(problem, firsts, steps=False, labels="none", max_iter=steps)
    times.append((time.process_time() - began) / batch.n_iter[0])
print(json.dumps([np.median(times[1:]), prepared]))
"""

SILHOUETTES = """
import sys, time, numpy as np, kmeans_lab as kl
n = int(sys.argv[1])
rng = np.random.default_rng(0)
centers, labels = rng.uniform(0, 10, (10, 2)), rng.integers(10, size=n)
X = centers[labels] + rng.normal(size=(n, 2))
kl.silhouette_score(X[:1000], labels[:1000])
began = time.perf_counter()
kl.silhouette_score(X, labels)
print(time.perf_counter() - began)
"""


def starts(quick):
    """Time a start and peak memory of outcomes only, ten times as many starts."""
    few = 10_000 if quick else 100_000
    found = []
    for runs in (few, 10 * few):
        with tempfile.TemporaryDirectory() as folder:
            made = process("-c", STARTS, folder, str(runs))
        found.append((1e6 * float(made.output) / runs, made.peak / 2**20))
    (time, memory), (more_time, more_memory) = found
    what = f"{10 * few:,} iris2 starts beside {few:,}"
    told = f"{more_time:.2f} µs a start beside {time:.2f}"
    yield Figure(f"{what}: time a start", told, more_time / time, 1.2, least=False)
    told = f"{more_memory:.0f} MiB beside {memory:.0f}"
    yield Figure(f"{what}: peak memory", told, more_memory / memory, 1.3, least=False)


def steps(quick):
    """CPU time of a step beside ten times as many points; linear is a ratio of 1 a point."""
    sizes = [10**p for p in range(4, 7 if quick else 8)]
    found = [json.loads(process("-c", STEPS, str(n)).output) for n in sizes]
    nano = [1e9 * step / n for n, (step, _) in zip(sizes, found, strict=True)]
    for i in range(1, len(sizes)):
        told = f"{nano[i]:.2f} ns a point beside {nano[i - 1]:.2f}"
        what = f"a step with {sizes[i]:,} points beside {sizes[i - 1]:,}: time a point"
        yield Figure(what, told, nano[i] / nano[i - 1], 1.1, least=False)  # 10 % for noise
    told = f"{found[-1][1]:.1f} s before the first start"
    yield Figure(f"{sizes[-1]:,} points made ready", told, found[-1][1])


def silhouettes(quick):
    n = 20_000 if quick else 100_000
    made = process("-c", SILHOUETTES, str(n))
    told = f"{made.peak / 2**20:.0f} MiB, {float(made.output):.1f} s"
    yield Figure(
        f"exact silhouettes of {n:,} points, GiB", told, made.peak / 2**30, 1.0, least=False
    )


def disk(quick):
    """Kilobytes a start, with and without the labels of every step."""
    X, runs = workloads.points("iris2"), 2_000 if quick else 20_000
    for labels, target in (("all", 0.3), ("none", 0.2)):
        kilo = bytes_per_start(X, 3, runs, labels) / 1000
        told = f"{kilo:.3f} kB a start ({runs:,} starts)"
        yield Figure(f"on disk, labels = {labels}, kB", told, kilo, target, least=False)


def measure(quick):
    return [*starts(quick), *steps(quick), *silhouettes(quick), *disk(quick)]
