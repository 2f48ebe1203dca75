"""How the cost of a start grows with points, features, clusters and workers."""

import json
import tempfile
from pathlib import Path

from clock import Figure, process

STEP = """
import json, sys, time, numpy as np
from kmeans_lab.data.datasets import Dataset
from kmeans_lab.kernels.batch import run_batch
from kmeans_lab.runner.compute import problem

n, d, k, threads, steps, times = *map(int, sys.argv[1:5]), 10, []
rng = np.random.default_rng(0)
# However many points there are, they are of the same groups, and the start is the same.
centers, firsts, X = rng.uniform(0, 10, (k, d)), rng.uniform(0, 10, (1, k, d)), np.empty((n, d))
for start in range(0, n, 1 << 18):
    part = X[start : start + (1 << 18)]
    part[:] = centers[rng.integers(k, size=len(part))] + 2 * rng.normal(size=part.shape)
names = tuple(map(str, range(d)))
ready = problem(Dataset("x", X, names, names), "none")
for _ in range(max(2, min(20, 10**8 // (n * d * k)))):
    began = time.perf_counter()
    batch = run_batch(ready, firsts, steps=False, labels="none", max_iter=steps, threads=threads)
    times.append((time.perf_counter() - began) / batch.n_iter[0])
print(np.median(times[1:]))
"""

RUN = """
import json, sys, time
import kmeans_lab as kl

began = time.perf_counter()
kl.run(sys.argv[1], results=sys.argv[2], jobs=int(sys.argv[3]))
print(time.perf_counter() - began)
"""

BLOCKS = """
import json, sys, time
from kmeans_lab.runner import runner

times = []

class Clock(runner.Silent):
    def advance(self, starts):
        times.append(time.perf_counter())

runner.block_size = lambda *_: 1
folder = runner.run(sys.argv[1], results=sys.argv[2], jobs=1, progress=Clock())
began = time.perf_counter()
import kmeans_lab as kl
kl.open(folder).summary()
print(json.dumps([(times[-1] - times[0]) / (len(times) - 1), time.perf_counter() - began]))
"""


def step(n, d, k, threads=1):
    """Nanoseconds of a step, for each point."""
    return 1e9 * float(process("-c", STEP, *map(str, (n, d, k, threads))).output) / n


def along(what, cases, target=None):
    """A step along one side of its problem; where there is a target, ratios must stay below it."""
    found = [(case, step(*case)) for case in cases]
    for i, ((n, d, k, *_), nano) in enumerate(found):
        told = f"{nano:.3g} ns a point, {nano / (d * k):.3g} for each center and feature"
        name = f"a step by {what}: {n:,} points of {d}, k = {k}"
        ratio = nano / found[max(i - 1, 0)][1]
        yield Figure(name, told, ratio if target else nano, target, least=False)


def written(folder, source, k, runs, more):
    path = Path(folder, "spec.toml")
    path.write_text(
        f'name = "s"\nruns = {runs}\n[[data]]\nsource = "{source}"\n[grid]\nk = [{k}]\n'
        f'init = ["random"]\n{more}'
    )
    return str(path)


def workers(quick):
    with tempfile.TemporaryDirectory() as folder:
        runs = 10_000 if quick else 50_000
        spec = written(folder, "digits", 10, runs // 10, '[record]\nsilhouette = "none"\n')
        took = [
            float(process("-c", RUN, spec, f"{folder}/{jobs}", str(jobs)).output) for jobs in (1, 2)
        ]
    told = f"{took[0]:.1f} s on one thread, {took[1]:.1f} on two"
    yield Figure(f"{runs // 10:,} starts on digits: speed of two threads", told, took[0] / took[1])
    n = 2_000_000 if quick else 10_000_000
    one, two = step(n, 16, 10), step(n, 16, 10, 2)
    told = f"{one:.3g} ns a point on one thread, {two:.3g} on two"
    yield Figure(f"one start on {n:,} points of 16: speed of two threads", told, one / two)


def blocks(quick):
    """What a block costs beside its starts, and to open a study of so many."""
    for count in (1000,) if quick else (1000, 10_000):
        with tempfile.TemporaryDirectory() as folder:
            record = '[record]\nsteps = false\nlabels = "none"\nsilhouette = "none"\n'
            spec = written(folder, "iris", 3, count, record)
            each, opened = json.loads(process("-c", BLOCKS, spec, folder).output)
        told = f"{1e3 * each:.2f} ms a block; opened and summed up in {opened:.2f} s"
        yield Figure(f"{count:,} blocks of one start, ms each", told, 1e3 * each)


def measure(quick):
    many = (10**5, 10**6) if quick else (10**5, 10**6, 2 * 10**6, 10**7)
    yield from along("points", [(n, 16, 10) for n in many], 1.5)
    yield from along("features", [(10**5, d, 10) for d in (2, 4, 16, 64, 256)])
    yield from along("clusters", [(10**5, 2, k) for k in (2, 10, 50, 250)])
    yield from along("clusters", [(10**5, 16, k) for k in (2, 10, 50, 250)])
    yield from workers(quick)
    yield from blocks(quick)
