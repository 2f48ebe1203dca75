"""What `kmeans-lab plan` says of a workload beside what then happens; on an idle machine."""

import json
import tempfile
from pathlib import Path

import numpy as np
import workloads
from clock import Figure, process

PREDICTED = """
import json, sys
from kmeans_lab.kernels._jit import warm
from kmeans_lab.runner.crew import cores
from kmeans_lab.runner.forecast import memory, predict, seconds
from kmeans_lab.spec.resolve import resolve
from kmeans_lab.spec.spec import read

warm()
costs = predict(*resolve(read(sys.argv[1])))
time = seconds(costs, [cost.cell.starts for cost in costs], cores())
print(json.dumps([time, memory(costs, cores()), sum(c.bytes * c.cell.starts for c in costs)]))
"""

TAKEN = """
import json, resource, sys, time
from pathlib import Path
from kmeans_lab.runner.progress import Silent
from kmeans_lab.runner.runner import run

class Clock(Silent):
    def start(self, total, done):
        self.began = time.perf_counter()
    def close(self):
        self.took = time.perf_counter() - self.began

clock = Clock()
folder = run(sys.argv[1], results=sys.argv[2], progress=clock)
disk = sum(p.stat().st_size for t in ("runs", "steps") for p in Path(folder, t).glob("c*"))
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
print(json.dumps([clock.took, peak, disk]))
"""

# Starts that take some ten seconds, every step recorded with labels and silhouette.
STARTS = {"iris2": 100_000, "s1": 2000, "birch1": 60, "digits": 2000, "blobs16": 6}
NEAR = 0.3  # of what happened, that a forecast may be off


def written(name, folder, quick):
    """A spec of a workload."""
    np.save(folder / f"{name}.npy", workloads.points(name))
    work = workloads.WORKLOADS[name]
    path = folder / f"{name}.toml"
    path.write_text(
        f'name = "{name}"\nruns = {max(2, STARTS[name] // (5 if quick else 1))}\n'
        f'[[data]]\nsource = "{name}.npy"\n[grid]\nk = [{work.k}]\ninit = ["random"]\n'
        f"[lloyd]\nmax_iter = {work.max_iter}\n"
    )
    return path


def measure(quick):
    for name in STARTS:
        with tempfile.TemporaryDirectory() as folder:
            spec = written(name, Path(folder), quick)
            said = json.loads(process("-c", PREDICTED, str(spec)).output)
            took = json.loads(process("-c", TAKEN, str(spec), folder).output)
        for what, unit, scale, guess, fact in zip(
            ("time", "memory", "disk"),
            ("s", "MiB", "MiB"),
            (1, 1 << 20, 1 << 20),
            said,
            took,
            strict=True,
        ):
            told = f"{guess / scale:.3g} {unit}, then {fact / scale:.3g}"
            off = abs(guess / fact - 1)
            yield Figure(f"forecast of {name}, {what}: off by", told, off, NEAR, least=False)
