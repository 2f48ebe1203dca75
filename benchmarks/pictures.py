"""The background of a frame and whole films, in the lab and in the notebook's way."""

import tempfile
from pathlib import Path

import matplotlib
import mended
import numpy as np
import workloads
from clock import Figure, in_turn
from matplotlib.animation import PillowWriter
from PIL import Image

import kmeans_lab as kl

SIDE = 300
IRIS = ["sepal length (cm)", "sepal width (cm)"]


def grids(quick):
    """label_grid beside two broadcasts: one that sums coordinates apart, and the notebook's."""
    rounds = 11 if quick else 31
    for k, target in ((3, 75), (100, 60)):
        centers = np.random.default_rng(0).uniform(0, 1, (k, 2))
        x = np.linspace(0, 1, SIDE)
        points = np.c_[np.tile(x, SIDE), np.repeat(x, SIDE)]

        def ours(centers=centers):
            return kl.label_grid(centers, (0, 1, 0, 1), SIDE)

        def apart(centers=centers, x=x):
            across, up = ((x[:, None] - centers[:, j]) ** 2 for j in (0, 1))
            return (across[None, :, :] + up[:, None, :]).argmin(axis=2)

        def whole(centers=centers, points=points):
            squared = ((points[:, None, :] - centers[None, :, :]) ** 2).sum(axis=2)
            return squared.argmin(axis=1).reshape(SIDE, SIDE)

        differ = max((ours() != other()).mean() for other in (apart, whole))
        lab, better, notebook = in_turn(rounds, ours, apart, whole)
        told = f"lab {1e6 * lab:.0f} µs, broadcast {1e3 * better:.1f} ms, notebook's"
        told += f" {1e3 * notebook:.1f} ms; {differ:.2%} of the cells differ"
        yield Figure(f"grid {SIDE}×{SIDE}, k = {k}", told, better / lab, target)


def films(quick):
    """The 31 frames of seed 7 as a page and as a GIF, from the start to the file."""
    matplotlib.rcParams["animation.embed_limit"] = 2**10  # MB; else frames are dropped
    with tempfile.TemporaryDirectory() as folder:
        spec = kl.Spec(
            name="films",
            runs=8,
            data=[{"source": "iris", "columns": IRIS}],
            grid={"k": [3], "init": ["random"]},
            lloyd={"max_iter": 15},
        )
        X, a, b = workloads.points("iris2"), Path(folder) / "a.gif", Path(folder) / "b.gif"
        assert len(kl.run(spec, results=folder).trace(seed=7)) == 31

        def ours():  # opened anew: a study keeps the films it has drawn
            return kl.open(Path(folder) / "films").animate("seed=7")

        def theirs():
            frames = mended.run_kmeans(X, 3, np.random.default_rng(7), 15)
            return mended.make_animation(X, frames, 3)

        gif = (lambda: ours().save(b), lambda: theirs().save(a, writer=PillowWriter(fps=1)))
        page = (lambda: ours().html(), lambda: theirs().to_jshtml())
        ours().save(b)
        for kind, calls in {"GIF": gif, "page": page}.items():
            if quick and kind == "page":
                continue
            lab, slow = in_turn(1 if quick else 5, *calls)
            mine, other = size(b), size(a)
            share = mine[0] * mine[1] / other[0] / other[1]
            told = f"lab {lab:.2f} s, notebook {slow:.2f} s; lab's {mine[0]}×{mine[1]} pixels"
            told += f", notebook's {other[0]}×{other[1]}: the ratio is that of the time a pixel"
            yield Figure(f"31 frames as {kind}", told, slow / lab * share, 8)


def size(path):
    with Image.open(path) as image:
        return image.size


def measure(quick):
    return [*grids(quick), *films(quick)]
