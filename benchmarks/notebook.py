"""This lab beside the teaching notebook's way, on Iris: time per start, and time to draw a film.

Both run Lloyd's iteration from the same centers until no label changes, with the trace and the
silhouette of every step; the lab also writes them as Parquet. Compiling is timed apart.
"""

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import matplotlib
import mended
import numpy as np
from matplotlib.animation import PillowWriter

import kmeans_lab as kl
from kmeans_lab.kernels._jit import warm

COLUMNS = ["sepal length (cm)", "sepal width (cm)"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="fewer starts and repeats")
    quick = parser.parse_args().quick
    began = time.perf_counter()
    warm()
    print(
        f"kernels compiled or loaded in {time.perf_counter() - began:.1f} s; {os.cpu_count()} cores"
    )
    with tempfile.TemporaryDirectory() as folder:
        starts(Path(folder), lab=2000 if quick else 10_000, notebook=50 if quick else 300)
        films(Path(folder), repeats=1 if quick else 3)


def spec(runs, **lloyd):
    return kl.Spec(
        name=f"iris-{runs}",
        runs=runs,
        data=[{"source": "iris", "columns": COLUMNS}],
        grid={"k": [3], "init": ["random"]},
        lloyd=lloyd,
    )


def starts(folder, lab, notebook):
    """Time per start, and that equal starts end alike."""
    kl.run(spec(20), results=folder)
    began = time.perf_counter()
    study = kl.run(spec(lab), results=folder)
    ours = (time.perf_counter() - began) / lab
    X = study.dataset("iris").X
    ends = []
    began = time.perf_counter()
    for seed in range(notebook):
        frames = mended.run_kmeans(X, 3, np.random.default_rng(seed))
        mended.silhouettes(X, frames)
        ends.append(frames[-1])
    theirs = (time.perf_counter() - began) / notebook
    inertia = [((X - end["centroids"][end["labels"]]) ** 2).sum() for end in ends]
    usual = study.runs["relocations"][:notebook] == 0  # where a cluster emptied the rules differ
    np.testing.assert_allclose(
        study.runs["inertia"][:notebook][usual], np.array(inertia)[usual], rtol=1e-9
    )
    print(
        f"a start, trace and silhouettes: notebook {1e3 * theirs:.2f} ms ({notebook} starts), ",
        end="",
    )
    print(f"lab {1e6 * ours:.0f} µs with Parquet ({lab} starts): {theirs / ours:.0f} times faster")


def films(folder, repeats):
    """Time to draw the 31 frames of seed 7 as HTML and as GIF."""
    study = kl.run(spec(8, max_iter=15), results=folder, fresh=True)
    X, film = study.dataset("iris").X, study.animate("seed=7")
    assert len(study.trace(seed=7)) == 31
    film.save(folder / "warm.gif")
    matplotlib.rcParams["animation.embed_limit"] = 2**10  # else frames are dropped

    def notebook():
        return mended.make_animation(X, mended.run_kmeans(X, 3, np.random.default_rng(7), 15), 3)

    ways = {
        "HTML": (lambda: notebook().to_jshtml(), lambda: study.animate("seed=7").html()),
        "GIF": (
            lambda: notebook().save(folder / "a.gif", writer=PillowWriter(fps=1)),
            lambda: study.animate("seed=7").save(folder / "b.gif"),
        ),
    }
    for kind, (theirs, ours) in ways.items():
        pairs = [(seconds(theirs), seconds(ours)) for _ in range(repeats)]
        slow, fast = (statistics.median(column) for column in zip(*pairs, strict=True))
        told = f"31 frames as {kind}: notebook {slow:.2f} s, lab {fast:.3f} s"
        print(f"{told}: {slow / fast:.0f} times faster")


def seconds(call):
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
