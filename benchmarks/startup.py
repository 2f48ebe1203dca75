"""What a new process costs: help, the first compile, the first block, new numbers of clusters."""

import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import workloads
from clock import Figure, in_turn, lab_command, process
from notebook import SPEC

MANY = """
import sys, kmeans_lab as kl
from numba.core import event

def study(name, ks):
    data, record = [{"source": "iris"}], {"silhouette": "exact"}
    grid = {"k": ks, "init": ["random"]}
    kl.run(kl.Spec(name=name, runs=2, data=data, grid=grid, record=record), results=sys.argv[1])

study("one", [3])
with event.install_recorder("numba:compile") as compiled:
    study("many", list(range(2, 52)))
print(len(compiled.buffer))
"""


def study(folder):
    """A spec of a thousand starts on Iris, in a folder."""
    np.save(folder / "points.npy", workloads.points("iris2"))
    spec = folder / "pipeline.toml"
    spec.write_text(SPEC.format(runs=1000, k=3, max_iter=300, labels="all"))
    return ("run", str(spec), "--no-report", "--results", str(folder))


def run_in(folder):
    return process(*lab_command(*study(folder)))


def first_block(folder):
    """Start a run; return once a block of its starts is there. It ends by itself."""
    call = [sys.executable, *lab_command(*study(folder))]
    running = subprocess.Popen(call, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    runs = folder / "pipeline" / "runs"
    while running.poll() is None and not any(map(filled, runs.glob("*.parquet"))):
        time.sleep(0.0005)
    return running


def filled(path):
    """Whether a Parquet file holds rows, by its size: one that only has the schema is small."""
    try:
        return path.stat().st_size > 8192
    except OSError:  # replaced just now
        return False


def helps(quick):
    call = lab_command("--help")
    nothing, lab = in_turn(
        5 if quick else 21, lambda: process("-c", "pass"), lambda: process(*call)
    )
    told = f"{1e3 * lab:.0f} ms, `python -c pass` {1e3 * nothing:.0f} ms"
    yield Figure("`kmeans-lab --help`", told, lab / nothing, 6, least=False)


def compiling(quick):
    """All kernels, as the cache is empty before, less what the same run takes once they are there.

    Nothing that needs a kernel may be called before.
    """
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        for name in ("cold", "warm"):
            (here / name).mkdir()
        cold, warm = (run_in(here / name) for name in ("cold", "warm"))
        count = int(process("-c", MANY, folder).output)
    announced = "announced" if "compiling" in cold.messages else "not announced"
    cpu, wall = cold.cpu - warm.cpu, cold.seconds - warm.seconds
    told = f"{cpu:.0f} s of a core ({wall:.0f} s on the clock), {announced}"
    yield Figure("first compile of everything, s", told, cpu, 60, least=False)
    told = f"{count} functions"
    yield Figure("then compiled for 50 values of k", told, count, 0, least=False)


def blocks(quick):
    begun = []

    def block():
        folder = tempfile.TemporaryDirectory()
        begun.append((folder, first_block(Path(folder.name))))

    def settled():
        for folder, running in begun:
            running.wait()
            folder.cleanup()
        begun.clear()

    block()
    settled()
    imports = ("-c", "import numpy, pyarrow")
    times = []
    for _ in range(3 if quick else 7):
        times.append(in_turn(1, block, settled, lambda: process(*imports)))
    lab, _, least = np.median(times, axis=0)
    told = f"{1e3 * lab:.0f} ms, `import numpy, pyarrow` {1e3 * least:.0f} ms"
    yield Figure("start to first block on disk", told, lab / least, 6, least=False)


def measure(quick):
    return [*helps(quick), *compiling(quick), *blocks(quick)]
