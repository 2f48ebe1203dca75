"""The README's pictures, from real runs; `make gallery` draws them again.

Iris (two features, k = 3), blobs (fifteen groups in the plane, k = 15) and digits (64 features,
k = 10), a thousand starts each.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

import kmeans_lab as kl
from kmeans_lab.pictures.figures import png
from kmeans_lab.reference import references

HERE = Path(__file__).resolve().parent
GROUPS, SPREAD, EACH = 15, 0.045, 60
STARTS = 1000


class Picture(NamedTuple):
    """A file of the gallery: the study it is of, and what draws it."""

    study: str
    file: str
    draw: Callable[[kl.Study], bytes]


def figure(name: str, **cell: Any) -> Callable[[kl.Study], bytes]:
    """A picture of the report."""
    return lambda study: png(study.figure(name, **cell), 130)


def portrait(pick: str, center: int, **cell: Any) -> Callable[[kl.Study], bytes]:
    """Where k-means ends from wherever one first center is put."""
    return lambda study: png(study.portrait(pick, center=center, **cell), 130)


def film(*picks: str, **cell: Any) -> Callable[[kl.Study], bytes]:
    """Some starts side by side."""
    return lambda study: study.animate(*picks, **cell).gif()


PICTURES = (
    Picture("iris", "iris-film.gif", film("best", "worst", init="random")),
    Picture("iris", "iris-portrait.png", portrait("worst", 1, init="random")),
    Picture("iris", "iris-ways.png", figure("ways", init="random")),
    Picture("blobs", "blobs-film.gif", film("worst", init="k-means++")),
    Picture("blobs", "blobs-portrait.png", portrait("worst", 1, init="k-means++")),
    Picture("blobs", "blobs-doubt.png", figure("doubt", init="k-means++")),
    Picture("blobs", "blobs-stairs.png", figure("stairs")),
    Picture("digits", "digits-optima.png", figure("gallery")),
    Picture("digits", "digits-restarts.png", figure("restarts")),
)


def blobs() -> np.ndarray:
    """Points (900, 2) of fifteen groups, some of which touch."""
    rng = np.random.default_rng(7)
    centers = rng.uniform(size=(GROUPS, 2))
    return np.repeat(centers, EACH, axis=0) + SPREAD * rng.normal(size=(GROUPS * EACH, 2))


def studies(folder: Path) -> dict[str, kl.Study]:
    """The three studies, each with a reference search."""
    np.save(folder / "blobs.npy", blobs())
    iris = {"source": "iris", "columns": [0, 1]}
    asked = {
        "iris": (iris, 3),
        "blobs": ({"source": "blobs.npy"}, 15),
        "digits": ({"source": "digits"}, 10),
    }
    found = {}
    for name, (data, k) in asked.items():
        grid = {"k": [k], "init": ["random", "k-means++", "greedy-k-means++"]}
        spec = kl.Spec(name=name, runs=STARTS, base=folder, data=[data], grid=grid)
        study = kl.run(spec, results=folder)
        references.complete(study.store)
        found[name] = kl.open(study.folder)
    return found


def main() -> None:
    """Draw every picture beside this file."""
    with tempfile.TemporaryDirectory() as folder:
        known = studies(Path(folder))
        for picture in PICTURES:
            content = picture.draw(known[picture.study])
            (HERE / picture.file).write_bytes(content)
            print(f"{picture.file}  {len(content) / 1000:.0f} kB", flush=True)


if __name__ == "__main__":
    main()
